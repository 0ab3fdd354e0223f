"""The dashboard: a web page that shows the mock's state, and the same state as JSON."""

from .downloads import DownloadNotFound
from .endpoints import HOME, ICON, STYLE, Dashboard
from .query import QueryError

__all__ = ["HOME", "ICON", "STYLE", "Dashboard", "DownloadNotFound", "QueryError"]
