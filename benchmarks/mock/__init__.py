"""Comparison of the mock with the real middleware: `make bench-mock`."""
