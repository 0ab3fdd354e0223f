"""The path of a request to the middleware: session, retries, TLS, proxies."""
