"""What can go wrong on this side of the network; all else is in `dss_api.errors`.

```text
DssError                    catch-all, also of what the middleware refuses
├── TokenMissing            no token was given and nobody is there to ask   (PermissionError)
│   └── TokenSpent          the environment's signed in before, and nothing came of it
├── SignInTimeout           another thread did not finish signing in        (TimeoutError)
├── SessionMissing          signing in gave no session                      (ConnectionError)
├── SessionFileExposed      others can read the file with the session       (PermissionError)
├── UnsafeFileName          a file's name that must not be used             (ValueError)
├── FilesChanged            the ticket's files changed meanwhile            (RuntimeError)
└── FileNotWritten          a file could not be written here                (OSError)
```
"""

from dss_api import DssError


class TokenMissing(DssError, PermissionError):
    """Signing in needs a token, none was given, and there is no terminal to ask on."""


class TokenSpent(TokenMissing):
    """The token in the environment signed in before, and no session is left of that."""


class SignInTimeout(DssError, TimeoutError):
    """Another thread is signing in, and did not finish in time."""


class SessionMissing(DssError, ConnectionError):
    """The middleware accepted the token, but its answer brought no session."""


class SessionFileExposed(DssError, PermissionError):
    """The file with the session can be read by others, or is theirs, so it is not used."""


class UnsafeFileName(DssError, ValueError):
    """A file of the ticket has a name that could lead out of the folder, or that no disk takes."""


class FilesChanged(DssError, RuntimeError):
    """The files of the ticket changed while they were being downloaded."""


class FileNotWritten(DssError, OSError):
    """A file could not be written on this machine; nothing is left of it under its name."""
