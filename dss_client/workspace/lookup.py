"""Lookup of layers by position, role, tag or nickname."""

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
    """Return the layers of a role."""
    return [layer for layer in layers if role.covers(layer.registry.get(keys.ROLE))]


def filter_by_tag(layers: Iterable[Layer], tag: str) -> list[Layer]:
    """Return the layers with a tag."""
    return [layer for layer in layers if tag.strip() in layer.tags]


def find_by_spec(layers: Sequence[Layer], spec: str, workspace_name: str) -> Layer:
    """Return the layer that a string such as `M` or `O:-1` specifies.

    Raises:
        LayerMissing, ValueError: see `Workspace.find`.
    """
    parts = _SPEC.fullmatch(spec.strip())
    role = _ROLES.get((parts["role"] or "").lower()) if parts is not None else None
    if parts is None or (role is None and parts["position"] is None):
        raise ValueError(f"{spec!r} does not specify a layer. Use 0, M, S, A:0, O:-1 or similar.")
    candidates = layers if role is None else filter_by_role(layers, role)
    number = int(parts["position"] or parts["number"] or 0)
    if not -len(candidates) <= number < len(candidates):
        raise LayerMissing(
            f"{workspace_name} does not have a layer {spec}. It has {list_layers(layers)}."
        )
    return candidates[number]


def find_by_tag(layers: Sequence[Layer], tag: str, workspace_name: str) -> Layer:
    """Return the only layer with a tag.

    Raises:
        TagMissing, TagNotUnique: see `Workspace.tagged`.
    """
    found = filter_by_tag(layers, tag)
    if not found:
        known = "; ".join(
            f"{list_layers([layer])}: {', '.join(layer.tags) or 'no tags'}" for layer in layers
        )
        near = {other for layer in layers for other in layer.tags if _is_similar(other, tag)}
        hint = f" Did you mean {' or '.join(sorted(near))}?" if near else ""
        raise TagMissing(
            f"{workspace_name} does not have a layer with the tag {tag}. It has "
            f"{known or 'no layers'}.{hint}"
        )
    if len(found) > 1:
        raise TagNotUnique(
            f"{workspace_name} has more than one layer with the tag {tag}: {list_layers(found)}. "
            "Remove the tag from all except one, or choose one from all_tagged."
        )
    return found[0]


def _is_similar(tag: str, other: str) -> bool:
    """Tell whether two tags have the same letters and digits in order, ignoring case."""
    one, two = (re.sub(r"[\W_]", "", each).casefold() for each in (tag, other))
    return one == two


def find_by_nickname(layers: Sequence[Layer], nickname: str, workspace_name: str) -> Layer:
    """Return the only layer with a nickname.

    Raises:
        LayerMissing, LayerNotUnique: see `Workspace.named`.
    """
    found = [layer for layer in layers if layer.nickname == nickname]
    if not found:
        raise LayerMissing(
            f"{workspace_name} does not have a layer with the nickname {nickname!r}. It has "
            f"{list_layers(layers)}."
        )
    if len(found) > 1:
        raise LayerNotUnique(
            f"{workspace_name} has more than one layer with the nickname {nickname!r}: "
            f"{list_layers(found)}."
        )
    return found[0]


def list_layers(layers: Iterable[Layer]) -> str:
    """List layers by number and name, for messages."""
    return ", ".join(f"{layer.position:03d} ({layer.name})" for layer in layers) or "no layers"
