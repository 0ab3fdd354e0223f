"""Tags: the names by which a service finds the images that it needs."""

from __future__ import annotations

from dss_client.workspace.registry import Registry


def checked(tag: str) -> str:
    """A tag as it is kept, which is without the blanks around it.

    Raises:
        ValueError: it is empty, or has a comma in it, which in the file ends a tag.
    """
    tag = tag.strip()
    if not tag:
        raise ValueError("A tag cannot be empty.")
    if "," in tag:
        raise ValueError(f"The tag {tag!r} has a comma in it; give several tags one by one.")
    return tag


def read(folder: Registry, *keys: str) -> tuple[str, ...]:
    """The tags that a folder has in either of some entries, each once, in their order."""
    texts = ",".join(folder.get(key) for key in keys)
    return tuple(dict.fromkeys(tag for part in texts.split(",") if (tag := part.strip())))


def write(folder: Registry, tags: tuple[str, ...], key: str, *also: str) -> None:
    """Give a folder its tags.

    Args:
        key: the entry that holds them.
        also: entries that hold them too, where there are such.
    """
    for each in (key, *(other for other in also if other in folder)):
        folder[each] = ",".join(tags)


def remove_everywhere(registry: Registry, tag: str) -> None:
    """Remove a tag from all that has tags: layers, meshes, time points and annotations."""
    for key, _ in list(registry.walk()):
        if key.rpartition(".")[2] == "Tags" and tag in (tags := read(registry, key)):
            write(registry, tuple(other for other in tags if other != tag), key)
