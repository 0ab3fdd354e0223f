"""Tags: the names by which a service finds the images that it needs."""

from __future__ import annotations

from collections.abc import Iterable

from dss_client.workspace import keys
from dss_client.workspace.entry_values import XML_FORBIDDEN
from dss_client.workspace.registry import Registry


def join_tags(tags: Iterable[str]) -> str:
    """Tags as an entry holds them, each once.

    Raises:
        ValueError: one of them is none.
        TypeError: they are one text, whose letters would be tags.
    """
    if isinstance(tags, str):
        raise TypeError(f"Tags are a list of texts: tags=[{tags!r}], not {tags!r}.")
    return ",".join(dict.fromkeys(map(_normalise_tag, tags)))


def read_tags(folder: Registry, *keys: str) -> tuple[str, ...]:
    """The tags that a folder has in either of some entries, each once, in their order."""
    texts = ",".join(folder.get(key) for key in keys)
    return tuple(dict.fromkeys(tag for part in texts.split(",") if (tag := part.strip())))


def write_tags(folder: Registry, tags: Iterable[str], key: str, *also: str) -> None:
    """Give a folder its tags.

    Args:
        key: the entry that holds them.
        also: entries that hold them too, where there are such.

    Raises:
        ValueError: one of them is none.
    """
    text = join_tags(tags)
    for each in (key, *(other for other in also if other in folder)):
        folder[each] = text


def remove_tag_everywhere(registry: Registry, tag: str) -> None:
    """Remove a tag from all that has tags: layers, meshes, time points and annotations.

    Raises:
        ValueError: it is none.
    """
    tag = _normalise_tag(tag)
    for key, _ in list(registry.walk()):
        if key.rpartition(".")[2] == keys.TAGS and tag in (tags := read_tags(registry, key)):
            write_tags(registry, tuple(other for other in tags if other != tag), key)


def _normalise_tag(tag: str) -> str:
    """A tag as it is kept, which is without the blanks around it.

    Raises:
        ValueError: it is empty, or has a comma in it, which in the file ends a tag.
    """
    tag = tag.strip()
    if not tag:
        raise ValueError("A tag cannot be empty.")
    if "," in tag:
        raise ValueError(f"The tag {tag!r} has a comma in it; give several tags one by one.")
    if XML_FORBIDDEN.search(tag):
        raise ValueError(f"The tag {tag!r} has a character in it that XML cannot hold.")
    return tag
