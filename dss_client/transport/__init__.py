"""How a request reaches the middleware: session, retries, TLS, proxies."""
