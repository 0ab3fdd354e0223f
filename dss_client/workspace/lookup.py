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


def filter_by_role(layers: Iterable[Layer], role: Role) -> list[Layer]:
    """List the layers of a role."""
    return [layer for layer in layers if role.covers(layer.registry.get(keys.ROLE))]


def filter_by_tag(layers: Iterable[Layer], tag: str) -> list[Layer]:
    """List the layers that have a tag."""
    return [layer for layer in layers if tag.strip() in layer.tags]


def find_by_spec(layers: Sequence[Layer], spec: str, workspace_name: str) -> Layer:
    """The layer that a text means.

    Raises:
        LayerMissing, ValueError: as `Workspace.find` says.
    """
    parts = _SPEC.fullmatch(spec.strip())
    role = _ROLES.get((parts["role"] or "").lower()) if parts is not None else None
    if parts is None or (role is None and parts["position"] is None):
        raise ValueError(f"{spec!r} means no layer; it should be like 0, M, S, A:0 or O:-1.")
    among = layers if role is None else filter_by_role(layers, role)
    number = int(parts["position"] or parts["number"] or 0)
    if not -len(among) <= number < len(among):
        raise LayerMissing(f"{workspace_name} has no layer {spec}; it has {list_layers(layers)}.")
    return among[number]


def find_by_tag(layers: Sequence[Layer], tag: str, workspace_name: str) -> Layer:
    """The one layer with a tag.

    Raises:
        TagMissing, TagNotUnique: as `Workspace.tagged` says.
    """
    found = filter_by_tag(layers, tag)
    if not found:
        there = "; ".join(
            f"{list_layers([layer])}: {', '.join(layer.tags) or 'no tags'}" for layer in layers
        )
        near = {other for layer in layers for other in layer.tags if _is_similar(other, tag)}
        hint = f" Did you mean {' or '.join(sorted(near))}?" if near else ""
        raise TagMissing(
            f"{workspace_name} has no layer with the tag {tag}; it has {there or 'no layers'}.{hint}"
        )
    if len(found) > 1:
        raise TagNotUnique(
            f"{workspace_name} has more than one layer with the tag {tag}: {list_layers(found)}. Leave it on "
            "one, or choose among all_tagged."
        )
    return found[0]


def _is_similar(tag: str, other: str) -> bool:
    """Whether two tags have the same letters and digits."""
    one, two = (re.sub(r"[\W_]", "", each).casefold() for each in (tag, other))
    return one == two


def find_by_nickname(layers: Sequence[Layer], nickname: str, workspace_name: str) -> Layer:
    """The one layer with a nickname.

    Raises:
        LayerMissing, LayerNotUnique: as `Workspace.named` says.
    """
    found = [layer for layer in layers if layer.nickname == nickname]
    if not found:
        raise LayerMissing(
            f"{workspace_name} has no layer with the nickname {nickname!r}; it has {list_layers(layers)}."
        )
    if len(found) > 1:
        raise LayerNotUnique(
            f"{workspace_name} has more than one layer with the nickname {nickname!r}: {list_layers(found)}."
        )
    return found[0]


def list_layers(layers: Iterable[Layer]) -> str:
    """Which layers, for messages."""
    return ", ".join(f"{layer.position:03d} ({layer.name})" for layer in layers) or "no layers"
