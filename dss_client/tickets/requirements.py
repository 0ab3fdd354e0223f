"""The check of a workspace against a service: its tags, on layers of the right type."""

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
    """The kind of layer that tags of one type belong on.

    Attributes:
        role: the role of such a layer.
        description: the role in words.
        python_layer: the Python expression for the first layer with this role.
        layer_spec: the argument of `itksnap-wt -layers-pick` for the first layer with this role.
        method: the `Workspace` method that adds a layer with this role.
        option: the option of `itksnap-wt` that adds a layer with this role.
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
    "AnatomicImage": _ANATOMICAL,  # the name in the documentation of the service
    "Segmentation": _Place(
        Role.SEGMENTATION,
        "a segmentation",
        "workspace.segmentations[0]",
        "S",
        "add_segmentation",
        "-layers-add-seg",
    ),
}
"""The kind of layer by tag type. Other tags can be anywhere, also outside layers."""
_LANDMARK_TYPE = "PointLandmark"
"""The type of tags that belong on landmark annotations."""
_NOWHERE = "nowhere"


def check_workspace(
    workspace: Workspace, descriptor: ServiceDescriptor, *, meshes: bool = True
) -> None:
    """Check that a workspace has the tags that a service asks for, and its files.

    All image files must exist. The files of a mesh must exist only if the mesh has a required tag,
    because missing meshes are not sent.

    Args:
        meshes: whether meshes are sent.

    Raises:
        RequirementsNotMet: something is missing or wrong; the error lists every problem.
    """
    workspace = workspace if meshes else _copy_without_meshes(workspace)
    missing = (
        *_check_main_image(workspace),
        *_check_tags(workspace, descriptor),
        *_check_images(workspace),
        *_check_meshes(workspace, descriptor),
    )
    if missing:
        lines = "\n".join(f"- {unmet}" for unmet in missing)
        raise RequirementsNotMet(
            f"{workspace} does not meet the requirements of {descriptor.name} "
            f"{descriptor.version}. Nothing was created or sent. Problems:\n{lines}",
            missing=missing,
        )


def _copy_without_meshes(workspace: Workspace) -> Workspace:
    copy = workspace.copy()
    for mesh in reversed(copy.meshes):
        copy.remove(mesh)
    return copy


def _check_main_image(workspace: Workspace) -> Iterator[Unmet]:
    if not workspace.by_role(Role.MAIN):
        yield _create_problem(
            'The main image is missing. Set one: workspace.set_main("FILE"), or '
            "itksnap-wt -layers-set-main FILE"
        )


def _check_tags(workspace: Workspace, descriptor: ServiceDescriptor) -> Iterator[Unmet]:
    for tag in descriptor.tags or ():
        place = _describe_current_place(workspace, tag)
        if (place != _NOWHERE or tag.required) and not _is_tag_in_place(workspace, tag):
            problem = f"It is {place}{_describe_correct_place(workspace, tag)}"
            yield _create_tag_problem(tag, problem)


def _is_tag_in_place(workspace: Workspace, tag: ServiceTag) -> bool:
    """Return whether a tag is where it belongs."""
    folders = list(_find_folders(workspace, tag))
    if tag.type == _LANDMARK_TYPE:
        types = [workspace.registry.get(f"{folder}.Type") for folder in folders]
        return "LandmarkAnnotation" in types
    if (place := _PLACES_BY_TYPE.get(tag.type)) is None:
        return bool(folders)
    layers = workspace.all_tagged(tag.name)
    return len(layers) == 1 and layers[0] in workspace.by_role(place.role)


def _describe_correct_place(workspace: Workspace, tag: ServiceTag) -> str:
    """Return the end of a sentence: the correct place of a tag, and how to put it there."""
    if tag.type == _LANDMARK_TYPE:
        return "; it belongs on a landmark. Tag a landmark in ITK-SNAP"
    if (place := _PLACES_BY_TYPE.get(tag.type)) is None:
        return f". {_describe_fix(workspace, tag, _ANATOMICAL)}"
    limit = ", and only on one layer" if len(workspace.all_tagged(tag.name)) > 1 else ""
    return f"; it belongs on {place.description}{limit}. {_describe_fix(workspace, tag, place)}"


def _describe_current_place(workspace: Workspace, tag: ServiceTag) -> str:
    """Return the end of a sentence: the present place of a tag."""
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
    """Yield the folders with a tag: layers, meshes, time points, annotations and any others."""
    for key, _ in workspace.registry.walk():
        folder, _, entry = key.rpartition(".")
        if (
            folder
            and entry == keys.TAGS
            and tag.name.strip() in tags.read_tags(workspace.registry, key)
        ):
            yield folder


def _describe_fix(workspace: Workspace, tag: ServiceTag, place: _Place) -> str:
    """Return how to put a tag where it belongs, and nowhere else."""
    has_layer = bool(workspace.by_role(place.role))
    layer = place.python_layer if has_layer else f'workspace.{place.method}("FILE")'
    if workspace.all_tagged(tag.name):
        return f"Put it there: {layer}.add_tag({tag.name!r}, exclusive=True), or in ITK-SNAP"
    option = f"-layers-pick {place.layer_spec}" if has_layer else f"{place.option} FILE"
    return (
        f"Put it there: {layer}.add_tag({tag.name!r}), or in ITK-SNAP, or "
        f"itksnap-wt {option} -tags-add {shlex.quote(tag.name)}"
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
                        f"It is on mesh {mesh.position:03d} {mesh.nickname!r}, but the mesh file "
                        f"{path} does not exist. Put the file there, or tag something else",
                    )


def _create_tag_problem(tag: ServiceTag, problem: str) -> Unmet:
    return Unmet(tag.name, tag.type or "", tag.hint or "", problem)


def _create_problem(problem: str) -> Unmet:
    return Unmet("", "", "", problem)
