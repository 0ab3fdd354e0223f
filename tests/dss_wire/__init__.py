"""Tests of the compiled package."""
