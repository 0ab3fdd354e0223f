"""What layers, meshes and time points have in common: a folder, a nickname, and tags."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from dss_client.errors import LayerMissing
from dss_client.workspace import keys, tags
from dss_client.workspace.document import Document
from dss_client.workspace.registry import Registry


class TaggedFolder:
    """A live view of a folder of a workspace: what is changed through it changes the workspace.

    It keeps to its folder when that gets another number because others come or go. When the folder
    is removed from the workspace, asking for anything raises `LayerMissing`.
    """

    _NICKNAME_KEY: ClassVar[str]
    TAGS: ClassVar[tuple[str, ...]] = (keys.TAGS,)
    """The entries that hold the tags; those after the first only where they are there."""

    def __init__(self, workspace: Document, folder: Registry) -> None:
        self._workspace = workspace
        self._folder = folder
        self._last_key = folder.key

    @property
    def registry(self) -> Registry:
        """The folder itself, for what has no property here.

        Raises:
            LayerMissing: it was removed from the workspace.
        """
        if self._folder.root is not self._workspace.registry:
            raise LayerMissing(
                f"What was {self._last_key} is no longer in {self._workspace}; ask it anew."
            )
        self._last_key = self._folder.key
        return self._folder

    @property
    def key(self) -> str:
        """Where its folder stands in the workspace: `Layers.Layer[001]`."""
        return self.registry.key

    @property
    def nickname(self) -> str:
        """What people call it; empty if they do not."""
        return self.registry.get(self._NICKNAME_KEY)

    @nickname.setter
    def nickname(self, nickname: str) -> None:
        self.registry[self._NICKNAME_KEY] = nickname

    @property
    def tags(self) -> tuple[str, ...]:
        """Its tags, in their order."""
        return tags.read_tags(self.registry, *self.TAGS)

    @tags.setter
    def tags(self, new: Iterable[str]) -> None:
        tags.write_tags(self.registry, new, *self.TAGS)

    def add_tag(self, tag: str, *, exclusive: bool = False) -> None:
        """Add a tag; nothing happens if it is there. Blanks around it are left out.

        As `itksnap-wt -tags-add` does.

        Args:
            exclusive: take it from all else in the workspace that has it.

        Raises:
            ValueError: the tag is empty, or has a comma in it.
        """
        if exclusive:
            tags.remove_tag_everywhere(self.registry.root, tag)
        self.tags = (*self.tags, tag)

    def remove_tag(self, tag: str) -> None:
        """Remove a tag; nothing happens if it is not there. As `itksnap-wt -tags-remove` does."""
        self.tags = tuple(other for other in self.tags if other != tag.strip())

    def __eq__(self, other: object) -> bool:
        """Whether the other is a view of the same folder."""
        return isinstance(other, TaggedFolder) and self._folder is other._folder

    def __hash__(self) -> int:
        return id(self._folder)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._last_key} of {self._workspace}>"
