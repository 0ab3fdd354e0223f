"""The check of a workspace against the tags of a service, before anything is sent."""

from __future__ import annotations

import pickle
import shlex
from pathlib import Path

import pytest

from dss_api import DssError, ServiceDescriptor, ServiceTag
from dss_client import RequirementsNotMet, Workspace
from dss_client.tickets.requirements import check_workspace

ALLOWED_LAYERS = {
    "MainImage": ["main"],
    "OverlayImage": ["overlay"],
    "AnatomicalImage": ["main", "overlay"],
    "AnatomicImage": ["main", "overlay"],
    "Segmentation": ["segmentation"],
}
"""The layers that the tags of each type can be on."""
FREE_TYPES = ["Unknown", "SegmentationLabel", "Whatever", None]
"""Types of tags that are allowed anywhere."""


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A main image, an overlay, a segmentation and a mesh, without tags."""
    files = [tmp_path / name for name in ("t1.nii.gz", "flair.nii.gz", "mask.nii.gz", "a.vtk")]
    for file in files:
        file.write_bytes(b"1")
    workspace = Workspace.create(files[0])
    workspace.add_image(files[1], nickname="FLAIR")
    workspace.add_segmentation(files[2])
    workspace.add_mesh(files[3])
    return workspace


def create_descriptor(
    *tags: str,
    kind: str | None = "MainImage",
    hint: str | None = None,
    required: bool | None = True,
) -> ServiceDescriptor:
    """Return the descriptor of a service that asks for tags."""
    service_tags = tuple(
        ServiceTag(name=tag, type=kind, hint=hint, required=required) for tag in tags
    )
    return ServiceDescriptor(name="Brain", version="1.0", shortdesc="Finds it", tags=service_tags)


def list_problems(workspace: Workspace, descriptor: ServiceDescriptor) -> list[str]:
    """Return the problems in the error, one line each; an empty list without an error."""
    try:
        check_workspace(workspace, descriptor)
    except RequirementsNotMet as error:
        first, *lines = str(error).splitlines()
        assert "Brain 1.0" in first
        assert [f"- {one}" for one in error.missing] == lines
        return lines
    return []


def add_tag(workspace: Workspace, tag: str, *places: str) -> None:
    """Add a tag to layers."""
    for place in places:
        layers = [workspace.main, *workspace.overlays, *workspace.segmentations]
        layers[["main", "overlay", "segmentation"].index(place)].add_tag(tag)


class TestLayerTag:
    @pytest.mark.parametrize("required", [True, False, None])
    @pytest.mark.parametrize("place", ["main", "overlay", "segmentation"])
    @pytest.mark.parametrize("kind", ALLOWED_LAYERS)
    def test_layer_tag_is_accepted_only_on_layers_of_its_type(
        self, workspace: Workspace, kind: str, place: str, required: bool | None
    ) -> None:
        add_tag(workspace, "T1", place)

        lines = list_problems(workspace, create_descriptor("T1", kind=kind, required=required))

        assert (lines == []) == (place in ALLOWED_LAYERS[kind])

    def test_misplaced_layer_tag_names_its_present_and_correct_layer(
        self, workspace: Workspace
    ) -> None:
        add_tag(workspace, "T1-MRI", "overlay")

        (line,) = list_problems(workspace, create_descriptor("T1-MRI", hint="The scan"))

        assert "'T1-MRI' (MainImage: The scan)" in line
        assert "on layer 001 'FLAIR' (overlay); it belongs on the main image" in line

    @pytest.mark.parametrize("required", [True, False])
    def test_layer_tag_on_two_layers_is_rejected(
        self, workspace: Workspace, required: bool
    ) -> None:
        add_tag(workspace, "T1", "main", "overlay")

        (line,) = list_problems(
            workspace, create_descriptor("T1", kind="AnatomicalImage", required=required)
        )

        assert "on layer 000 't1' (main), layer 001 'FLAIR' (overlay)" in line
        assert "only on one layer" in line

    @pytest.mark.parametrize("kind", [*ALLOWED_LAYERS, *FREE_TYPES, "PointLandmark"])
    def test_missing_tag_is_reported_only_if_it_is_required(
        self, workspace: Workspace, kind: str | None
    ) -> None:
        (line,) = list_problems(workspace, create_descriptor("T1", kind=kind))
        assert "'T1'" in line
        assert "nowhere" in line

        for required in (False, None):
            assert (
                list_problems(workspace, create_descriptor("T1", kind=kind, required=required))
                == []
            )

    @pytest.mark.parametrize("kind", ALLOWED_LAYERS)
    @pytest.mark.parametrize("places", [(), ("main", "overlay"), ("segmentation", "overlay")])
    def test_code_in_the_message_fixes_the_layer_tag(
        self, workspace: Workspace, kind: str, places: tuple[str, ...]
    ) -> None:
        tag = 'it\'s "one" $HOME'
        add_tag(workspace, tag, *places)
        (line,) = list_problems(workspace, create_descriptor(tag, kind=kind))

        code = line[line.index("workspace.") : line.index(", or in ITK-SNAP")]
        eval(code, {"workspace": workspace})  # as the user does

        assert list_problems(workspace, create_descriptor(tag, kind=kind)) == []

    @pytest.mark.parametrize("places", [(), ("main",)])
    @pytest.mark.parametrize("kind", ["OverlayImage", "Segmentation"])
    def test_code_in_the_message_adds_a_missing_layer(
        self, workspace: Workspace, kind: str, places: tuple[str, ...]
    ) -> None:
        for layer in reversed(workspace.layers[1:]):
            workspace.remove(layer)
        add_tag(workspace, "T1", *places)
        (line,) = list_problems(workspace, create_descriptor("T1", kind=kind))

        code = line[line.index("workspace.") : line.index(", or in ITK-SNAP")]
        eval(code.replace("FILE", str(workspace.main.path)), {"workspace": workspace})

        assert list_problems(workspace, create_descriptor("T1", kind=kind)) == []

    @pytest.mark.parametrize("kind", ALLOWED_LAYERS)
    def test_command_in_the_message_fixes_the_layer_tag(
        self, workspace: Workspace, kind: str
    ) -> None:
        (line,) = list_problems(workspace, create_descriptor("it's one", kind=kind))

        command = shlex.split(line[line.index("itksnap-wt") :])

        picked = workspace.find(command[command.index("-layers-pick") + 1])
        picked.add_tag(command[command.index("-tags-add") + 1])
        assert list_problems(workspace, create_descriptor("it's one", kind=kind)) == []


class TestFreeTag:
    @pytest.mark.parametrize("place", ["main", "overlay", "segmentation"])
    @pytest.mark.parametrize("kind", FREE_TYPES)
    def test_free_tag_is_accepted_on_any_and_several_layers(
        self, workspace: Workspace, kind: str | None, place: str
    ) -> None:
        add_tag(workspace, "T1", place, "main")

        assert list_problems(workspace, create_descriptor("T1", kind=kind)) == []

    @pytest.mark.parametrize(
        "key",
        [
            "MeshLayers.Layer[000].Tags",
            "Annotations.Annotations.Element[0].Tags",
            "TimePointProperties.TimePoints.TimePoint[1].Tags",
        ],
    )
    @pytest.mark.parametrize("kind", FREE_TYPES)
    def test_free_tag_is_accepted_outside_layers(
        self, workspace: Workspace, kind: str | None, key: str
    ) -> None:
        workspace.registry[key] = "Other, T1"

        assert list_problems(workspace, create_descriptor("T1", kind=kind)) == []
        (line,) = list_problems(workspace, create_descriptor("T"))
        assert "nowhere" in line
        (line,) = list_problems(workspace, create_descriptor("T1", required=False))
        assert f"on {key.removesuffix('.Tags')}; it belongs on the main image" in line

    @pytest.mark.parametrize("kind", [*FREE_TYPES, "PointLandmark"])
    def test_free_tag_is_rejected_at_the_root_of_the_workspace(
        self, workspace: Workspace, kind: str | None
    ) -> None:
        workspace.registry["Tags"] = "T1"

        (line,) = list_problems(workspace, create_descriptor("T1", kind=kind))
        assert "nowhere" in line


class TestPointLandmark:
    def test_point_landmark_tag_is_accepted_only_on_a_landmark(self, workspace: Workspace) -> None:
        annotations = workspace.registry.folder("Annotations.Annotations")
        annotations["ArraySize"] = 2
        annotations["Element[0].Type"] = "LandmarkAnnotation"
        annotations["Element[0].Tags"] = "AC"
        annotations["Element[1].Type"] = "LineSegmentAnnotation"
        annotations["Element[1].Tags"] = "PC"

        assert list_problems(workspace, create_descriptor("AC", kind="PointLandmark")) == []
        (line,) = list_problems(workspace, create_descriptor("PC", kind="PointLandmark"))
        assert "on Annotations.Annotations.Element[1]; it belongs on a landmark" in line
        add_tag(workspace, "PC", "main")
        assert (
            len(
                list_problems(
                    workspace, create_descriptor("PC", kind="PointLandmark", required=False)
                )
            )
            == 1
        )


class TestImages:
    def test_missing_image_files_are_reported(self, workspace: Workspace) -> None:
        workspace.layers[0].add_tag("T1")
        for layer in workspace.layers[1:]:
            layer.path.unlink()

        flair, mask = list_problems(workspace, create_descriptor("T1"))

        assert "flair.nii.gz" in flair
        assert "mask.nii.gz" in mask

    def test_workspace_without_a_main_image_is_rejected(self, tmp_path: Path) -> None:
        (line,) = list_problems(Workspace(), create_descriptor())

        assert "main image is missing" in line


class TestMissingMeshFile:
    @pytest.fixture
    def workspace(self, workspace: Workspace) -> Workspace:
        (mesh,) = workspace.meshes
        mesh.add_tag("Surface")
        mesh.files[1][0].unlink()
        return workspace

    def test_missing_mesh_without_required_tag_is_accepted(self, workspace: Workspace) -> None:
        workspace.main.add_tag("T1")

        assert list_problems(workspace, create_descriptor("T1")) == []
        assert (
            list_problems(workspace, create_descriptor("Surface", kind="Unknown", required=False))
            == []
        )

    def test_missing_mesh_with_required_tag_is_reported(self, workspace: Workspace) -> None:
        (line,) = list_problems(
            workspace, create_descriptor("Surface", kind="Unknown", hint="The cortex")
        )

        assert "Tag 'Surface' (Unknown: The cortex): It is on mesh 000" in line
        assert "a.vtk" in line

    def test_mesh_tags_do_not_count_if_meshes_are_not_sent(self, workspace: Workspace) -> None:
        descriptor = create_descriptor("Surface", kind="Unknown")
        workspace.meshes[0].files[1][0].write_bytes(b"1")
        check_workspace(workspace, descriptor)

        with pytest.raises(RequirementsNotMet, match="nowhere"):
            check_workspace(workspace, descriptor, meshes=False)

        assert len(workspace.meshes) == 1


class TestRequirementsNotMet:
    def test_requirements_error_lists_every_problem(self, workspace: Workspace) -> None:
        workspace.segmentations[0].path.unlink()
        add_tag(workspace, "B", "overlay")

        with pytest.raises(RequirementsNotMet) as caught:
            check_workspace(workspace, create_descriptor("A", "B", hint="A scan"))

        error = caught.value
        assert isinstance(error, ValueError)
        assert isinstance(error, DssError)
        assert [(one.tag, one.type, one.hint) for one in error.missing] == [
            ("A", "MainImage", "A scan"),
            ("B", "MainImage", "A scan"),
            ("", "", ""),
        ]
        assert str(error).count("\n") == 3

    def test_requirements_error_names_the_workspace(
        self, workspace: Workspace, tmp_path: Path
    ) -> None:
        workspace.save(tmp_path / "a.itksnap")

        with pytest.raises(RequirementsNotMet, match=r"a\.itksnap"):
            check_workspace(workspace, create_descriptor("A"))

    def test_requirements_error_can_be_pickled(self, workspace: Workspace) -> None:
        with pytest.raises(RequirementsNotMet) as caught:
            check_workspace(workspace, create_descriptor("A"))

        again = pickle.loads(pickle.dumps(caught.value))

        assert (str(again), again.missing) == (str(caught.value), caught.value.missing)


def test_service_without_tags_accepts_any_workspace(workspace: Workspace) -> None:
    check_workspace(workspace, ServiceDescriptor(name="A", version="1", shortdesc="x"))
