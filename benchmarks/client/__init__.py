"""Comparison of this client with the public client and with the floor: `make bench`."""
