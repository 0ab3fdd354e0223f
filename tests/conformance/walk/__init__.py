"""A random walk through two middlewares at once, in search of a difference between them."""
