"""The way of a request to the middleware: session, retries, TLS, proxies."""
