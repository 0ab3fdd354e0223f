"""How fast the client is beside the public one and the floor: `make bench`."""
