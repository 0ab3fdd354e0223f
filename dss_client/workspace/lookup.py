"""Finding one layer of a workspace by what it is called."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from dss_client.errors import LayerMissing, LayerNotUnique, TagMissing, TagNotUnique
from dss_client.workspace import keys
from dss_client.workspace.layers import Layer
from dss_client.workspace.role import Role

_SPEC = re.compile(r"(?P<position>[0-9]+)|(?P<role>[a-z]+)(:(?P<number>-?[0-9]+))?", re.I)
_ROLES = {
    **dict.fromkeys(("m", "main"), Role.MAIN),
    **dict.fromkeys(("s", "seg"), Role.SEGMENTATION),
    **dict.fromkeys(("a", "anat"), Role.ANATOMICAL),
    **dict.fromkeys(("o", "overlay"), Role.OVERLAY),
}


def of_role(layers: Iterable[Layer], role: Role) -> list[Layer]:
    """List the layers of a role."""
    return [layer for layer in layers if role.covers(layer.registry.get(keys.ROLE))]


def all_tagged(layers: Iterable[Layer], tag: str) -> list[Layer]:
    """List the layers that have a tag."""
    return [layer for layer in layers if tag.strip() in layer.tags]


def specified(layers: Sequence[Layer], spec: str, owner: str) -> Layer:
    """The layer that a text means.

    Raises:
        LayerMissing, ValueError: as `Workspace.find` says.
    """
    parts = _SPEC.fullmatch(spec.strip())
    role = _ROLES.get((parts["role"] or "").lower()) if parts is not None else None
    if parts is None or (role is None and parts["position"] is None):
        raise ValueError(f"{spec!r} means no layer; it should be like 0, M, S, A:0 or O:-1.")
    among = layers if role is None else of_role(layers, role)
    number = int(parts["position"] or parts["number"] or 0)
    if not -len(among) <= number < len(among):
        raise LayerMissing(f"{owner} has no layer {spec}; it has {told(layers)}.")
    return among[number]


def tagged(layers: Sequence[Layer], tag: str, owner: str) -> Layer:
    """The one layer with a tag.

    Raises:
        TagMissing, TagNotUnique: as `Workspace.tagged` says.
    """
    found = all_tagged(layers, tag)
    if not found:
        there = "; ".join(
            f"{told([layer])}: {', '.join(layer.tags) or 'no tags'}" for layer in layers
        )
        near = {other for layer in layers for other in layer.tags if _alike(other, tag)}
        hint = f" Did you mean {' or '.join(sorted(near))}?" if near else ""
        raise TagMissing(
            f"{owner} has no layer with the tag {tag}; it has {there or 'no layers'}.{hint}"
        )
    if len(found) > 1:
        raise TagNotUnique(
            f"{owner} has more than one layer with the tag {tag}: {told(found)}. Leave it on "
            "one, or choose among all_tagged."
        )
    return found[0]


def _alike(tag: str, other: str) -> bool:
    """Whether two tags have the same letters and digits."""
    one, two = (re.sub(r"[\W_]", "", each).casefold() for each in (tag, other))
    return one == two


def named(layers: Sequence[Layer], nickname: str, owner: str) -> Layer:
    """The one layer with a nickname.

    Raises:
        LayerMissing, LayerNotUnique: as `Workspace.named` says.
    """
    found = [layer for layer in layers if layer.nickname == nickname]
    if not found:
        raise LayerMissing(
            f"{owner} has no layer with the nickname {nickname!r}; it has {told(layers)}."
        )
    if len(found) > 1:
        raise LayerNotUnique(
            f"{owner} has more than one layer with the nickname {nickname!r}: {told(found)}."
        )
    return found[0]


def told(layers: Iterable[Layer]) -> str:
    """Which layers, for messages."""
    return ", ".join(f"{layer.position:03d} ({layer.name})" for layer in layers) or "no layers"
