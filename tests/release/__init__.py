"""Checks of the distributions, run by `make release-check` and not by pytest."""
