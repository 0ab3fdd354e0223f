"""Errors that begin on this side of the network. All others are in `dss_api.errors`.

```text
DssError                    catch-all, also for everything in dss_api.errors
├── TokenMissing            no token, and nowhere to ask for it        (PermissionError)
│   └── TokenSpent          the environment's token is used up
├── SignInTimeout           another thread's sign-in took too long     (TimeoutError)
├── SessionMissing          signing in returned no session             (ConnectionError)
├── SessionFileExposed      the session file is not private            (PermissionError)
├── CertificateUnusable     a certificate or key cannot be used        (OSError)
├── ProviderNotFound        no provider has this name                  (LookupError)
├── RequirementsNotMet      the workspace does not suit the service    (ValueError)
├── Incomplete              a ticket lacks files                       (RuntimeError)
│   ├── TicketIncomplete    a new ticket was not submitted
│   └── ResultsIncomplete   not all results were sent
├── UnsafeFileName          a file name is not safe to write           (ValueError)
├── FilesChanged            files changed during the download          (RuntimeError)
├── FileNotWritten          a local file could not be written          (OSError)
├── UploadNotKept           the middleware lacks an uploaded file      (RuntimeError)
├── WorkspaceMissing        the workspace file does not exist          (FileNotFoundError)
├── WorkspaceNotUnique      more than one file is a workspace          (LookupError)
├── WorkspaceUnreadable     the file is not a valid workspace          (ValueError)
├── KeyMissing              the registry does not have the key         (KeyError)
├── KeyUnreadable           a key's value has the wrong form           (ValueError)
├── NoMainImage             the workspace lacks a main image           (LookupError)
├── MainImageNeeded         other images depend on the main image      (ValueError)
├── LayerMissing            the workspace does not have the layer      (LookupError)
├── LayerNotUnique          several layers have the nickname           (LookupError)
├── TagMissing              no layer has the tag                       (LookupError)
├── TagNotUnique            several layers have the tag                (LookupError)
├── ImageMissing            a layer's file does not exist              (FileNotFoundError)
├── ImageUnreadable         a layer's file is not a readable image     (OSError)
├── ImagesNotInstalled      the extra `images` is not installed        (ImportError)
├── LabelsMissing           the label file does not exist              (FileNotFoundError)
├── LabelsUnreadable        the labels are not valid                   (ValueError)
├── MeshUnreadable          a mesh cannot be read or anonymized        (OSError)
├── SizesDiffer             a segmentation has the wrong size          (ValueError)
└── NotDrawable             an image cannot be drawn                   (ValueError)
```

Each class also derives from the built-in exception in brackets. `UnverifiedServer` and
`MeshLeftOut` are warnings (`UserWarning`).
"""

from __future__ import annotations

import attrs

from dss_api import DssError


class TokenMissing(DssError, PermissionError):
    """Signing in needs a token, but none was given or entered.

    Raised if the client cannot ask in a terminal or a notebook, or if the user entered nothing. Set
    `DSS_TOKEN`, call `login(token)`, or sign in once in a terminal.
    """


class TokenSpent(TokenMissing):
    """The token in `DSS_TOKEN` was used before, and no valid session from it is left.

    A token can be used once. Set `DSS_TOKEN` to a new token.
    """


class SignInTimeout(DssError, TimeoutError):
    """Another thread is signing in, and did not finish in time.

    Call again when that sign-in has finished.
    """


class SessionMissing(DssError, ConnectionError):
    """The middleware accepted the token, but its response contained no session.

    Check that no proxy removes cookies. Then sign in again with a new token.
    """


class SessionFileExposed(DssError, PermissionError):
    """The session file is a link, belongs to another user, or can be read by others.

    The client does not use such a session. The message says whether to change the file's
    permissions or to remove it and sign in again.
    """


class CertificateUnusable(DssError, OSError):
    """A file with certificates or a key is missing, unreadable, or in the wrong format.

    Raised by `DSSClient(...)`. Correct `verify`, `cert`, `REQUESTS_CA_BUNDLE` or `SSL_CERT_FILE`.
    """


class ProviderNotFound(DssError, LookupError):
    """The middleware does not have a provider of this name. Nothing was changed.

    The message lists the providers. `dssa_add_provider` adds one.
    """


@attrs.frozen
class Unmet:
    """One requirement of a service that a workspace does not meet.

    Attributes:
        tag: the tag that the service requires. Empty if the problem does not concern a tag.
        type: the kind of layer that must have the tag, such as `MainImage`. Empty if the service
            does not say.
        hint: the service's description of the tag. Empty if it does not have one.
        what: the problem, and how to correct it.
    """

    tag: str
    type: str
    hint: str
    what: str

    def __str__(self) -> str:
        if not self.tag:
            return self.what
        context = ": ".join(filter(None, (self.type, self.hint)))
        return f"Tag {self.tag!r}{f' ({context})' if context else ''}: {self.what}"


class RequirementsNotMet(DssError, ValueError):
    """A workspace does not meet the requirements of a service. Nothing was created or sent.

    The message lists all problems and how to correct them. Correct the workspace and call again.

    Attributes:
        missing: the requirements that are not met.
    """

    def __init__(self, message: str, *, missing: tuple[Unmet, ...] = ()) -> None:
        super().__init__(message)
        self.missing = missing


class Incomplete(DssError, RuntimeError):
    """A ticket lacks files.

    Base of `TicketIncomplete` and `ResultsIncomplete`. Repeat the call to send the missing files.

    Attributes:
        ticket: the ticket's id.
        there: the names of the files that the ticket is known to have.
        missing: the names of the files that the ticket lacks, or has with different content, as far
            as is known.
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
    """A ticket was created but not submitted, so no provider can claim it.

    Repeat `dss_create_ticket` with `ticket=error.ticket` to complete it, or delete it with
    `dss_delete_ticket`.
    """


class ResultsIncomplete(Incomplete):
    """Not all results of a ticket were sent, so its user cannot open them yet.

    Repeat `dssp_upload_ticket`: it sends what is missing.
    """


class UnsafeFileName(DssError, ValueError):
    """Files of a ticket have names that are not safe to write. Nothing was downloaded.

    A name points outside the folder, is not valid on every operating system, or is the same as
    another name on some disks. Or the folder already has a link, a folder or another special file
    of this name; then choose an empty folder.

    Attributes:
        names: the names, as the middleware gave them.
    """

    def __init__(self, message: str, *, names: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.names = names


class FilesChanged(DssError, RuntimeError):
    """The files of a ticket changed repeatedly during the download.

    Another program is uploading to the ticket. Call again when it has finished.
    """


class FileNotWritten(DssError, OSError):
    """A file could not be written on this machine.

    A file that was there before is unchanged; no partial file is left. The message says what to do,
    such as freeing disk space. `errno` is the number of the operating system's error, or `None`.
    """


class UploadNotKept(DssError, RuntimeError):
    """The middleware does not list an uploaded file, or returns other content for it.

    Upload the files again.

    Attributes:
        names: the names of the missing or different files.
    """

    def __init__(self, message: str, *, names: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.names = names


class WorkspaceMissing(DssError, FileNotFoundError):
    """The workspace file does not exist, or no file of a ticket is a workspace.

    Check the path, or the files of the ticket.
    """


class WorkspaceNotUnique(DssError, LookupError):
    """More than one file of a ticket is a workspace.

    Open the right file with `Workspace.open`.
    """


class WorkspaceUnreadable(DssError, ValueError):
    """The file cannot be read, is not a workspace, or exceeds the limits of a normal workspace.

    Also raised if the file contains XML that could do harm. Save it again with ITK-SNAP, or ask the
    sender to do so.
    """


class KeyMissing(DssError, KeyError):
    """The registry does not have the key. Check its spelling."""

    def __str__(self) -> str:
        return str(self.args[0])  # KeyError would put quotes around the message


class KeyUnreadable(DssError, ValueError):
    """The value of a registry key is not a number, list or name of the expected form.

    The message says which value and which form. Correct the value, or read it as text.
    """


class NoMainImage(DssError, LookupError):
    """The workspace does not have a main image. Add one with `Workspace.add_image`."""


class MainImageNeeded(DssError, ValueError):
    """The main image cannot be removed while the workspace has other images.

    Remove the other images first, or replace the main image with `Workspace.set_main`.
    """


class LayerMissing(DssError, LookupError):
    """The workspace does not have the layer, or the layer was removed.

    The message says which layer was requested. `Workspace.layers` lists the layers.
    """


class LayerNotUnique(DssError, LookupError):
    """More than one layer has the nickname.

    Find the layer by its tag or role, or change a nickname.
    """


class TagMissing(DssError, LookupError):
    """No layer has the tag. The message lists the tags that the layers have."""


class TagNotUnique(DssError, LookupError):
    """More than one layer has the tag.

    `Workspace.all_tagged` returns all of them.
    """


class ImageMissing(DssError, FileNotFoundError):
    """The file of a layer does not exist.

    Copy the file to that path, or set `Layer.path`.
    """


class ImageUnreadable(DssError, OSError):
    """The file of a layer is damaged, incomplete, or not an image of a known format.

    Also raised if the voxels of a received image lie in other files. Get a new copy of the file, or
    convert the file to `.nii.gz`.
    """


class ImagesNotInstalled(DssError, ImportError):  # type: ignore[misc]  # both have a `path`
    """Images need the extra `images`, which is not installed.

    Run `pip install 'itksnap-dss-kit[images]'`.
    """

    def __str__(self) -> str:
        return str(self.args[0])  # ImportError would keep its first message


class LabelsMissing(DssError, FileNotFoundError):
    """The label file does not exist. Check the path."""


class LabelsUnreadable(DssError, ValueError):
    """A label file, a table of labels, or the labels of a workspace are not valid.

    The message names the line, column or key. Correct it there.
    """


class MeshUnreadable(DssError, OSError):
    """A mesh file cannot be read, or its format cannot be anonymized.

    Convert the mesh to another format, or leave meshes out with `meshes=False`.
    """


class SizesDiffer(DssError, ValueError):
    """A segmentation and the main image differ in size, so ITK-SNAP cannot open the workspace.

    The size is the number of voxels along each axis. Resample the segmentation to the grid of the
    main image.
    """


class NotDrawable(DssError, ValueError):
    """An image or a segmentation cannot be drawn.

    Examples: the wrong number of dimensions, a missing time point, or an unusable position. The
    message says which image to give instead.
    """


class UnverifiedServer(UserWarning):
    """The client does not verify the server's certificate, so any computer can pose as this server.

    Caused by `verify=False`. Set `verify` to the path of the server's certificates.
    """


class MeshLeftOut(UserWarning):
    """An exported workspace lacks a mesh, or one of its time points, because files are missing.

    Restore the files, or leave meshes out with `meshes=False`.
    """


def add_context(error: DssError, *, before: str = "", after: str = "") -> None:
    """Add sentences to the message of an error, and keep its class and attributes.

    Args:
        before: the subject of the error, which the code that raised it does not know.
        after: the present state, or what to do.
    """
    error.args = (" ".join(filter(None, (before, str(error), after))),)
