"""How fast the mock is beside the real middleware; `client` has how fast the client is."""
