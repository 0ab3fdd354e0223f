"""What can go wrong on this side of the network; all else is in `dss_api.errors`.

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
├── CertificateUnusable     a file with certificates or a key               (OSError)
├── WorkspaceMissing        there is no such file                           (FileNotFoundError)
├── WorkspaceNotUnique      more than one of the files is a workspace       (LookupError)
├── WorkspaceUnreadable     a file is no workspace                          (ValueError)
├── KeyMissing              a registry does not have this key               (KeyError)
├── KeyUnreadable           a key's text is not what it should be           (ValueError)
├── NoMainImage             a workspace has no main image                   (LookupError)
├── MainImageNeeded         the main image cannot go while others stay      (ValueError)
├── LayerMissing            a workspace has no such layer                   (LookupError)
├── LayerNotUnique          more than one layer has this nickname           (LookupError)
├── TagMissing              no layer has this tag                           (LookupError)
├── TagNotUnique            more than one layer has this tag                (LookupError)
├── ImageMissing            the file of a layer is not there                (FileNotFoundError)
├── ImageUnreadable         the file of a layer is no image                 (OSError)
├── ImagesNotInstalled      what reads images is not installed              (ImportError)
├── LabelsMissing           there is no such file with labels               (FileNotFoundError)
├── LabelsUnreadable        a table of labels is not what it should be      (ValueError)
├── MeshUnreadable          a mesh cannot be made fit to leave              (OSError)
├── SizesDiffer             a segmentation does not fit the main image      (ValueError)
└── NotDrawable             an image is of a kind of which there is no picture (ValueError)
```

`UnverifiedServer` and `MeshLeftOut` are warnings.
"""

from __future__ import annotations

import attrs

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


class ProviderNotFound(DssError, LookupError):
    """The middleware has no provider of this name."""


@attrs.frozen
class Unmet:
    """One thing that is wrong with a workspace for a service.

    Attributes:
        tag: the tag that it is about; empty if it is about none.
        type: on what the service wants the tag, such as `MainImage`; empty if it does not say.
        hint: what the service says of the tag; empty if it says nothing.
        what: what is wrong, and how to mend it.
    """

    tag: str
    type: str
    hint: str
    what: str

    def __str__(self) -> str:
        if not self.tag:
            return self.what
        said = ": ".join(filter(None, (self.type, self.hint)))
        return f"Tag {self.tag!r}{f' ({said})' if said else ''}: {self.what}"


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


class WorkspaceMissing(DssError, FileNotFoundError):
    """There is no file where the workspace should be."""


class WorkspaceNotUnique(DssError, LookupError):
    """More than one of the files of a ticket is a workspace."""


class WorkspaceUnreadable(DssError, ValueError):
    """The file is no workspace, or one that nobody would write in good faith."""


class KeyMissing(DssError, KeyError):
    """The registry has no such key."""

    def __str__(self) -> str:
        return str(self.args[0])  # `KeyError` would put quotes around it


class KeyUnreadable(DssError, ValueError):
    """The text of a key is no number, name or list of such as it should be."""


class NoMainImage(DssError, LookupError):
    """The workspace has no main image."""


class MainImageNeeded(DssError, ValueError):
    """The main image cannot be removed while other images are in its space."""


class LayerMissing(DssError, LookupError):
    """The workspace has no such layer, or no longer."""


class LayerNotUnique(DssError, LookupError):
    """More than one layer has this nickname."""


class TagMissing(DssError, LookupError):
    """No layer has this tag."""


class TagNotUnique(DssError, LookupError):
    """More than one layer has this tag."""


class ImageMissing(DssError, FileNotFoundError):
    """The file of a layer is not there."""


class ImageUnreadable(DssError, OSError):
    """The file of a layer cannot be read as an image."""


class ImagesNotInstalled(DssError, ImportError):  # type: ignore[misc]  # both have a `path`
    """Reading and writing images needs the extra `images`, which is not installed."""

    def __str__(self) -> str:
        return str(self.args[0])  # an ImportError keeps its first message for ever


class LabelsMissing(DssError, FileNotFoundError):
    """There is no file where the labels should be."""


class LabelsUnreadable(DssError, ValueError):
    """A file, or a table, with labels is not what it should be."""


class MeshUnreadable(DssError, OSError):
    """The file of a mesh cannot be read, or it is not known how to clean such a one."""


class SizesDiffer(DssError, ValueError):
    """A segmentation has other numbers of voxels than the main image, so ITK-SNAP opens neither."""


class NotDrawable(DssError, ValueError):
    """An image is of a kind of which there is no picture."""


class UnverifiedServer(UserWarning):
    """The server's certificate is not looked at, so that anybody may pass for it."""


class MeshLeftOut(UserWarning):
    """Files of a mesh are not there, so that an exported workspace has it not, or not whole."""


def add_context(error: DssError, *, before: str = "", after: str = "") -> None:
    """Let the message of an error say more, which stays of its class and keeps its attributes.

    Args:
        before: what it was about, which is not known where it is raised.
        after: how things stand now.
    """
    error.args = (" ".join(filter(None, (before, str(error), after))),)
