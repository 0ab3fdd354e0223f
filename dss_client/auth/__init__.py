"""Where the session of a server is looked for, and where it is kept for the next process.

`order` is the order of the places, each of which has a module of its own. What is `kept` here can
be written and removed; the sign-ins of other tools, `itksnap_wt` and `original_client`, are only
read.
"""

from dss_client.auth.environment import explain_unused
from dss_client.auth.lookup import find_session
from dss_client.auth.session import Session
from dss_client.auth.store import forget, save

__all__ = ["Session", "explain_unused", "find_session", "forget", "save"]
