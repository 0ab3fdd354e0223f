"""Whether a workspace is what a service asks for: its tags, on layers of the right type."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from itertools import chain, product
from typing import TYPE_CHECKING

import attrs

from dss_client.errors import RequirementsNotMet, Unmet
from dss_client.workspace import ImageMissing, Role, keys, tags

if TYPE_CHECKING:
    from dss_api import ServiceDescriptor, ServiceTag
    from dss_client.workspace import Layer, Workspace


@attrs.frozen
class _Place:
    """Where the tags of a type belong: on one layer of a role.

    Attributes:
        what: what that is, for people.
        layer: the first such layer, in Python.
        spec: the same for `itksnap-wt -layers-pick`.
        method: what adds such a layer, in Python.
        option: the same in `itksnap-wt`.
    """

    role: Role
    description: str
    python_layer: str
    layer_spec: str
    method: str
    option: str


_ANATOMICAL = _Place(
    Role.ANATOMICAL,
    "the main image or an overlay",
    'workspace.find("A:0")',
    "A:0",
    "add_image",
    "-layers-add-anat",
)
_PLACES_BY_TYPE: Mapping[str | None, _Place] = {
    "MainImage": _Place(
        Role.MAIN, "the main image", "workspace.main", "M", "set_main", "-layers-set-main"
    ),
    "OverlayImage": _Place(
        Role.OVERLAY,
        "an overlay",
        "workspace.overlays[0]",
        "O:0",
        "add_image",
        "-layers-add-anat",
    ),
    "AnatomicalImage": _ANATOMICAL,
    "AnatomicImage": _ANATOMICAL,  # as the documentation of the service calls it
    "Segmentation": _Place(
        Role.SEGMENTATION,
        "a segmentation",
        "workspace.segmentations[0]",
        "S",
        "add_segmentation",
        "-layers-add-seg",
    ),
}
"""By type. Tags of other types may be anywhere, for not all that has tags is a layer."""
_LANDMARK_TYPE = "PointLandmark"
"""The type of tags that belong on landmarks among the annotations."""
_NOWHERE = "nowhere"


def check_workspace(
    workspace: Workspace, descriptor: ServiceDescriptor, *, meshes: bool = True
) -> None:
    """Check that a workspace has what a service asks for, and the files that are needed for that.

    Those are all images. Meshes that are not there are not sent, so one is needed only for a tag.

    Args:
        meshes: whether meshes are sent at all.

    Raises:
        RequirementsNotMet: something is wrong; it lists all that is.
    """
    workspace = workspace if meshes else _copy_without_meshes(workspace)
    missing = (
        *_check_main_image(workspace),
        *_check_tags(workspace, descriptor),
        *_check_images(workspace),
        *_check_meshes(workspace, descriptor),
    )
    if missing:
        lines = "\n".join(f"- {one}" for one in missing)
        raise RequirementsNotMet(
            f"{workspace} is not what {descriptor.name} {descriptor.version} asks for; nothing was "
            f"created or sent:\n{lines}",
            missing=missing,
        )


def _copy_without_meshes(workspace: Workspace) -> Workspace:
    left = workspace.copy()
    for mesh in reversed(left.meshes):
        left.remove(mesh)
    return left


def _check_main_image(workspace: Workspace) -> Iterator[Unmet]:
    if not workspace.by_role(Role.MAIN):
        yield _create_problem(
            'There is no main image. Give one: workspace.set_main("FILE"), or '
            "itksnap-wt -layers-set-main FILE"
        )


def _check_tags(workspace: Workspace, descriptor: ServiceDescriptor) -> Iterator[Unmet]:
    for tag in descriptor.tags or ():
        where = _describe_current_place(workspace, tag)
        if (where != _NOWHERE or tag.required) and not _is_tag_in_place(workspace, tag):
            what = f"It is {where}{_describe_correct_place(workspace, tag)}"
            yield _create_tag_problem(tag, what)


def _is_tag_in_place(workspace: Workspace, tag: ServiceTag) -> bool:
    """Whether a tag is where it belongs."""
    folders = list(_find_folders(workspace, tag))
    if tag.type == _LANDMARK_TYPE:
        types = [workspace.registry.get(f"{folder}.Type") for folder in folders]
        return "LandmarkAnnotation" in types
    if (place := _PLACES_BY_TYPE.get(tag.type)) is None:
        return bool(folders)
    layers = workspace.all_tagged(tag.name)
    return len(layers) == 1 and layers[0] in workspace.by_role(place.role)


def _describe_correct_place(workspace: Workspace, tag: ServiceTag) -> str:
    """Where a tag belongs and how it comes there, as the end of a sentence."""
    if tag.type == _LANDMARK_TYPE:
        return "; it belongs on a landmark. Put it on one in ITK-SNAP"
    if (place := _PLACES_BY_TYPE.get(tag.type)) is None:
        return f". {_describe_fix(workspace, tag, _ANATOMICAL)}"
    alone = ", and on one layer alone" if len(workspace.all_tagged(tag.name)) > 1 else ""
    return f"; it belongs on {place.description}{alone}. {_describe_fix(workspace, tag, place)}"


def _describe_current_place(workspace: Workspace, tag: ServiceTag) -> str:
    """Where a tag is, as the end of a sentence."""
    layers = ", ".join(map(_describe_layer, workspace.all_tagged(tag.name)))
    if layers:
        return f"on {layers}"
    for folder in _find_folders(workspace, tag):
        return f"on {folder}"
    return _NOWHERE


def _describe_layer(layer: Layer) -> str:
    role = layer.registry.get("Role").removesuffix("Role").lower()
    return f"layer {layer.position:03d} {layer.name!r} ({role})"


def _find_folders(workspace: Workspace, tag: ServiceTag) -> Iterator[str]:
    """Where a tag is: layers, meshes, time points, annotations, and whatever may come."""
    for key, _ in workspace.registry.walk():
        folder, _, entry = key.rpartition(".")
        if (
            folder
            and entry == keys.TAGS
            and tag.name.strip() in tags.read_tags(workspace.registry, key)
        ):
            yield folder


def _describe_fix(workspace: Workspace, tag: ServiceTag, place: _Place) -> str:
    """How a tag comes where it belongs, and nowhere else."""
    there = bool(workspace.by_role(place.role))
    layer = place.python_layer if there else f'workspace.{place.method}("FILE")'
    if workspace.all_tagged(tag.name):
        return f"Put it there: {layer}.add_tag({tag.name!r}, exclusive=True), or in ITK-SNAP"
    picked = f"-layers-pick {place.layer_spec}" if there else f"{place.option} FILE"
    return (
        f"Put it there: {layer}.add_tag({tag.name!r}), or in ITK-SNAP, or "
        f"itksnap-wt {picked} -tags-add {shlex.quote(tag.name)}"
    )


def _check_images(workspace: Workspace) -> Iterator[Unmet]:
    for layer in workspace.layers:
        try:
            layer.existing_path()
        except ImageMissing as error:
            yield _create_problem(str(error))


def _check_meshes(workspace: Workspace, descriptor: ServiceDescriptor) -> Iterator[Unmet]:
    required = [tag for tag in descriptor.tags or () if tag.required]
    for mesh, tag in product(workspace.meshes, required):
        if tag.name.strip() in mesh.tags:
            for path in chain.from_iterable(mesh.files.values()):
                if not path.is_file():
                    yield _create_tag_problem(
                        tag,
                        f"It is on mesh {mesh.position:03d} {mesh.nickname!r}, of which there is "
                        f"no file {path}. Put the file there, or the tag on something else",
                    )


def _create_tag_problem(tag: ServiceTag, what: str) -> Unmet:
    return Unmet(tag.name, tag.type or "", tag.hint or "", what)


def _create_problem(what: str) -> Unmet:
    return Unmet("", "", "", what)
