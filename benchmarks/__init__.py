"""How fast the mock is beside the real middleware: `make bench-mock`."""
