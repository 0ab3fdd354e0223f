"""Tests of the runtime below the compiled package."""
