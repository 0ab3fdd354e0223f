"""Tags: names for images. A service finds the images that it needs by their tags."""

from __future__ import annotations

from collections.abc import Iterable

from dss_client.workspace import keys
from dss_client.workspace.entry_values import XML_FORBIDDEN
from dss_client.workspace.registry import Registry


def join_tags(tags: Iterable[str]) -> str:
    """Return the text of an entry that holds tags, each once.

    Raises:
        ValueError: a tag is not valid.
        TypeError: the tags are a single string instead of a list of strings.
    """
    if isinstance(tags, str):
        raise TypeError(f"Tags must be a list of strings: tags=[{tags!r}], not {tags!r}.")
    return ",".join(dict.fromkeys(map(_normalise_tag, tags)))


def read_tags(folder: Registry, *keys: str) -> tuple[str, ...]:
    """Return the tags in some entries of a folder, each once, in their order."""
    texts = ",".join(folder.get(key) for key in keys)
    return tuple(dict.fromkeys(tag for part in texts.split(",") if (tag := part.strip())))


def write_tags(folder: Registry, tags: Iterable[str], key: str, *also: str) -> None:
    """Set the tags of a folder.

    Args:
        folder: the folder.
        tags: the tags.
        key: the entry that holds the tags.
        also: further entries that hold the tags; only existing entries are changed.

    Raises:
        ValueError: a tag is not valid.
    """
    text = join_tags(tags)
    for each in (key, *(other for other in also if other in folder)):
        folder[each] = text


def remove_tag_everywhere(registry: Registry, tag: str) -> None:
    """Remove a tag from all layers, meshes, time points and annotations.

    Raises:
        ValueError: the tag is not valid.
    """
    tag = _normalise_tag(tag)
    for key, _ in list(registry.walk()):
        if key.rpartition(".")[2] == keys.TAGS and tag in (tags := read_tags(registry, key)):
            write_tags(registry, tuple(other for other in tags if other != tag), key)


def _normalise_tag(tag: str) -> str:
    """Return a tag without the blanks around it.

    Raises:
        ValueError: the tag is empty, or it contains a comma, which separates tags in the file, or
            a character that XML cannot hold.
    """
    tag = tag.strip()
    if not tag:
        raise ValueError("A tag cannot be empty.")
    if "," in tag:
        raise ValueError(f"The tag {tag!r} contains a comma. Add several tags one by one.")
    if XML_FORBIDDEN.search(tag):
        raise ValueError(f"The tag {tag!r} contains a character that XML cannot hold.")
    return tag
