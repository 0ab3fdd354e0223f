"""What can be wrong with a workspace, with what it names, or with what is asked of it.

```text
DssError
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
└── LabelsUnreadable        a table of labels is not what it should be      (ValueError)
```
"""

from __future__ import annotations

from dss_api import DssError


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
