"""The common base of layers, meshes and time points: a folder with a nickname and tags."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from dss_client.errors import LayerMissing
from dss_client.workspace import keys, tags
from dss_client.workspace.document import WorkspaceDocument
from dss_client.workspace.registry import Registry


class TaggedFolder:
    """A live view of a folder of a workspace: changing it changes the workspace.

    The object stays valid when the number of its folder changes. After the folder is removed from
    the workspace, every use raises `LayerMissing`.
    """

    _NICKNAME_KEY: ClassVar[str]
    TAGS: ClassVar[tuple[str, ...]] = (keys.TAGS,)
    """The entries that hold the tags. All except the first are optional."""

    def __init__(self, workspace: WorkspaceDocument, folder: Registry) -> None:
        self._workspace = workspace
        self._folder = folder
        self._last_key = folder.key

    @property
    def registry(self) -> Registry:
        """The folder itself. It also contains the values that have no property in this class.

        Raises:
            LayerMissing: the folder was removed from the workspace.
        """
        if self._folder.root is not self._workspace.registry:
            raise LayerMissing(
                f"The former {self._last_key} is no longer in {self._workspace}: it was removed or "
                "replaced. Look up the layer that you need again."
            )
        self._last_key = self._folder.key
        return self._folder

    @property
    def key(self) -> str:
        """The key of the folder in the workspace, such as `Layers.Layer[001]`."""
        return self.registry.key

    @property
    def nickname(self) -> str:
        """The nickname; empty if it is not set."""
        return self.registry.get(self._NICKNAME_KEY)

    @nickname.setter
    def nickname(self, nickname: str) -> None:
        self.registry[self._NICKNAME_KEY] = nickname

    @property
    def tags(self) -> tuple[str, ...]:
        """The tags, in their order."""
        return tags.read_tags(self.registry, *self.TAGS)

    @tags.setter
    def tags(self, new: Iterable[str]) -> None:
        tags.write_tags(self.registry, new, *self.TAGS)

    def add_tag(self, tag: str, *, exclusive: bool = False) -> None:
        """Add a tag, as `itksnap-wt -tags-add` does.

        Nothing happens if the tag is already there. Blanks around the tag are removed.

        Args:
            tag: the tag.
            exclusive: whether to remove the tag from everything else in the workspace.

        Raises:
            ValueError: the tag is empty, or it contains a comma or a character that XML cannot
                hold.
        """
        if exclusive:
            tags.remove_tag_everywhere(self.registry.root, tag)
        self.tags = (*self.tags, tag)

    def remove_tag(self, tag: str) -> None:
        """Remove a tag, as `itksnap-wt -tags-remove` does. Nothing happens if it is not there."""
        self.tags = tuple(other for other in self.tags if other != tag.strip())

    def __eq__(self, other: object) -> bool:
        """Tell whether the other object is a view of the same folder."""
        return isinstance(other, TaggedFolder) and self._folder is other._folder

    def __hash__(self) -> int:
        return id(self._folder)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._last_key} of {self._workspace}>"
