"""What can go wrong on this side of the network; all else is in `dss_api.errors`.

What can be wrong with workspaces is in `dss_client.workspace.errors`.

```text
DssError                    catch-all, also of what the middleware refuses
├── TokenMissing            no token was given and nobody is there to ask   (PermissionError)
│   └── TokenSpent          the environment's signed in before, and nothing came of it
├── SignInTimeout           another thread did not finish signing in        (TimeoutError)
├── SessionMissing          signing in gave no session                      (ConnectionError)
├── SessionFileExposed      others can read the file with the session       (PermissionError)
├── ProviderNotFound        no provider has this name                       (LookupError)
├── RequirementsNotMet      a workspace is not what a service asks for      (ValueError)
├── Incomplete              a ticket lacks files                            (RuntimeError)
│   ├── TicketIncomplete    it was created but not submitted
│   └── ResultsIncomplete   not all of its results were sent
├── UnsafeFileName          a file's name that must not be used             (ValueError)
├── FilesChanged            the ticket's files changed meanwhile            (RuntimeError)
├── FileNotWritten          a file could not be written here                (OSError)
├── UploadNotKept           the middleware does not have what was sent      (RuntimeError)
└── CertificateUnusable     a file with certificates or a key               (OSError)
```

`UnverifiedServer` is a warning.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dss_api import DssError

if TYPE_CHECKING:
    from dss_client.tickets.requirements import Unmet


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


class ProviderNotFound(DssError, LookupError):
    """The middleware has no provider of this name."""


class RequirementsNotMet(DssError, ValueError):
    """A workspace is not what a service asks for; nothing was created or sent.

    Attributes:
        missing: all that is wrong with it.
    """

    def __init__(self, message: str, *, missing: tuple[Unmet, ...] = ()) -> None:
        super().__init__(message)
        self.missing = missing


class Incomplete(DssError, RuntimeError):
    """A ticket lacks files; the call that said so, repeated, sends them.

    Attributes:
        ticket: its id.
        there: the names of its files that are known to be there.
        missing: the names of those that are not, or not as they should be, as far as is known.
    """

    def __init__(
        self,
        message: str,
        *,
        ticket: int = 0,
        there: tuple[str, ...] = (),
        missing: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message)
        self.ticket = ticket
        self.there = there
        self.missing = missing


class TicketIncomplete(Incomplete):
    """A ticket was created, but not submitted; nobody will work on it as it is."""


class ResultsIncomplete(Incomplete):
    """Not all results of a ticket were sent; its user could not open them as they are."""


class UnsafeFileName(DssError, ValueError):
    """Files of the ticket have names that could do harm here, or that not every disk takes.

    Attributes:
        names: which, as the middleware gave them.
    """

    def __init__(self, message: str, *, names: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.names = names


class FilesChanged(DssError, RuntimeError):
    """The files of the ticket changed while they were being downloaded."""


class FileNotWritten(DssError, OSError):
    """A file could not be written on this machine; nothing is left of it under its name."""


class UploadNotKept(DssError, RuntimeError):
    """The middleware does not list what was sent to it, or gives something else back.

    Attributes:
        names: of which files.
    """

    def __init__(self, message: str, *, names: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.names = names


class CertificateUnusable(DssError, OSError):
    """A file with certificates or a key is missing, unreadable, or not what it should be."""


class UnverifiedServer(UserWarning):
    """The server's certificate is not looked at, so that anybody may pass for it."""


def told_more(error: DssError, *, before: str = "", after: str = "") -> None:
    """Let the message of an error say more, which stays of its class and keeps its attributes.

    Args:
        before: what it was about, which is not known where it is raised.
        after: how things stand now.
    """
    error.args = (" ".join(filter(None, (before, str(error), after))),)
