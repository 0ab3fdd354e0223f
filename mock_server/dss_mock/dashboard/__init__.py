"""A page on which to watch the mock at work, and the same as JSON for programs."""

from .dashboard import HOME, ICON, STYLE, Dashboard

__all__ = ["HOME", "ICON", "STYLE", "Dashboard"]
