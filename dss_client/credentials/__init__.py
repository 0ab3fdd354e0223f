"""Where the session of a server is looked for, and where it is kept for the next process.

`order` is the order of the places, each of which has a module of its own. What is `kept` here can
be written and removed; the sign-ins of other tools, `itksnap_wt` and `original_client`, are only
read.
"""

from .environment import passed_over
from .kept import forget, save
from .order import find
from .session import Session

__all__ = ["Session", "find", "forget", "passed_over", "save"]
