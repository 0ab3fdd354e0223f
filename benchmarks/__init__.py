"""Benchmarks: `client` compares this client with the public one, `mock` the mock with the real one.

The modules in this folder are shared by both.
"""
