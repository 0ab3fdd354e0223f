"""Sessions of servers: where a client looks for sessions, and where it saves them.

`lookup` holds the order of the sources. Each source of sessions has its own module. `store` saves
and removes the sessions of this client. `itksnap_wt` and `legacy_client` only read the sign-ins of
other tools.
"""

from dss_client.auth.environment import explain_unused_environment
from dss_client.auth.lookup import find_session
from dss_client.auth.session import Session
from dss_client.auth.store import forget, save

__all__ = ["Session", "explain_unused_environment", "find_session", "forget", "save"]
