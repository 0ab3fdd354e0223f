"""What a service asks of a workspace is looked at before anything is sent, all of it at once."""

from __future__ import annotations

import pickle
import shlex
from pathlib import Path

import pytest

from dss_api import DssError, ServiceDescriptor, ServiceTag
from dss_client import RequirementsNotMet, Workspace
from dss_client.tickets.requirements import check_workspace

LAYERS = {
    "MainImage": ["main"],
    "OverlayImage": ["overlay"],
    "AnatomicalImage": ["main", "overlay"],
    "AnatomicImage": ["main", "overlay"],
    "Segmentation": ["segmentation"],
}
"""Where the tags of each type may stand."""
ANYWHERE = ["Unknown", "SegmentationLabel", "Whatever", None]
"""Types of tags that need not stand on layers."""


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A main image, an overlay, a segmentation and a mesh, without tags."""
    files = [tmp_path / name for name in ("t1.nii.gz", "flair.nii.gz", "mask.nii.gz", "a.vtk")]
    for file in files:
        file.write_bytes(b"1")
    made = Workspace.create(files[0])
    made.add_image(files[1], nickname="FLAIR")
    made.add_segmentation(files[2])
    made.add_mesh(files[3])
    return made


def asking(
    *tags: str,
    kind: str | None = "MainImage",
    hint: str | None = None,
    required: bool | None = True,
) -> ServiceDescriptor:
    """A service that asks for tags."""
    asked = tuple(ServiceTag(name=tag, type=kind, hint=hint, required=required) for tag in tags)
    return ServiceDescriptor(name="Brain", version="1.0", shortdesc="Finds it", tags=asked)


def told(workspace: Workspace, descriptor: ServiceDescriptor) -> list[str]:
    """What the error says is wrong, one line each; nothing if there is none."""
    try:
        check_workspace(workspace, descriptor)
    except RequirementsNotMet as error:
        first, *lines = str(error).splitlines()
        assert "Brain 1.0" in first
        assert [f"- {one}" for one in error.missing] == lines
        return lines
    return []


def put(workspace: Workspace, tag: str, *places: str) -> None:
    """Tag layers."""
    for place in places:
        layers = [workspace.main, *workspace.overlays, *workspace.segmentations]
        layers[["main", "overlay", "segmentation"].index(place)].add_tag(tag)


class TestATagOnALayer:
    @pytest.mark.parametrize("required", [True, False, None])
    @pytest.mark.parametrize("place", ["main", "overlay", "segmentation"])
    @pytest.mark.parametrize("kind", LAYERS)
    def test_is_right_where_its_type_says(
        self, workspace: Workspace, kind: str, place: str, required: bool | None
    ) -> None:
        put(workspace, "T1", place)

        lines = told(workspace, asking("T1", kind=kind, required=required))

        assert (lines == []) == (place in LAYERS[kind])

    def test_says_where_it_is_and_where_it_belongs(self, workspace: Workspace) -> None:
        put(workspace, "T1-MRI", "overlay")

        (line,) = told(workspace, asking("T1-MRI", hint="The scan"))

        assert "'T1-MRI' (MainImage: The scan)" in line
        assert "on layer 001 'FLAIR' (overlay); it belongs on the main image" in line

    @pytest.mark.parametrize("required", [True, False])
    def test_is_on_one_alone(self, workspace: Workspace, required: bool) -> None:
        put(workspace, "T1", "main", "overlay")

        (line,) = told(workspace, asking("T1", kind="AnatomicalImage", required=required))

        assert "on layer 000 't1' (main), layer 001 'FLAIR' (overlay)" in line
        assert "only on one layer" in line

    @pytest.mark.parametrize("kind", [*LAYERS, *ANYWHERE, "PointLandmark"])
    def test_is_needed_only_if_it_is_required(self, workspace: Workspace, kind: str | None) -> None:
        (line,) = told(workspace, asking("T1", kind=kind))
        assert "'T1'" in line
        assert "nowhere" in line

        for required in (False, None):
            assert told(workspace, asking("T1", kind=kind, required=required)) == []

    @pytest.mark.parametrize("kind", LAYERS)
    @pytest.mark.parametrize("places", [(), ("main", "overlay"), ("segmentation", "overlay")])
    def test_is_mended_as_it_is_told(
        self, workspace: Workspace, kind: str, places: tuple[str, ...]
    ) -> None:
        tag = 'it\'s "one" $HOME'
        put(workspace, tag, *places)
        (line,) = told(workspace, asking(tag, kind=kind))

        code = line[line.index("workspace.") : line.index(", or in ITK-SNAP")]
        eval(code, {"workspace": workspace})  # as somebody does who reads it

        assert told(workspace, asking(tag, kind=kind)) == []

    @pytest.mark.parametrize("places", [(), ("main",)])
    @pytest.mark.parametrize("kind", ["OverlayImage", "Segmentation"])
    def test_comes_with_a_layer_if_there_is_none(
        self, workspace: Workspace, kind: str, places: tuple[str, ...]
    ) -> None:
        for layer in reversed(workspace.layers[1:]):
            workspace.remove(layer)
        put(workspace, "T1", *places)
        (line,) = told(workspace, asking("T1", kind=kind))

        code = line[line.index("workspace.") : line.index(", or in ITK-SNAP")]
        eval(code.replace("FILE", str(workspace.main.path)), {"workspace": workspace})

        assert told(workspace, asking("T1", kind=kind)) == []

    @pytest.mark.parametrize("kind", LAYERS)
    def test_is_put_where_it_belongs_by_the_command_that_is_told(
        self, workspace: Workspace, kind: str
    ) -> None:
        (line,) = told(workspace, asking("it's one", kind=kind))

        command = shlex.split(line[line.index("itksnap-wt") :])

        picked = workspace.find(command[command.index("-layers-pick") + 1])
        picked.add_tag(command[command.index("-tags-add") + 1])
        assert told(workspace, asking("it's one", kind=kind)) == []


class TestATagOfAnotherType:
    @pytest.mark.parametrize("place", ["main", "overlay", "segmentation"])
    @pytest.mark.parametrize("kind", ANYWHERE)
    def test_may_stand_on_any_layer_and_on_several(
        self, workspace: Workspace, kind: str | None, place: str
    ) -> None:
        put(workspace, "T1", place, "main")

        assert told(workspace, asking("T1", kind=kind)) == []

    @pytest.mark.parametrize(
        "key",
        [
            "MeshLayers.Layer[000].Tags",
            "Annotations.Annotations.Element[0].Tags",
            "TimePointProperties.TimePoints.TimePoint[1].Tags",
        ],
    )
    @pytest.mark.parametrize("kind", ANYWHERE)
    def test_may_stand_on_what_is_no_layer(
        self, workspace: Workspace, kind: str | None, key: str
    ) -> None:
        workspace.registry[key] = "Other, T1"

        assert told(workspace, asking("T1", kind=kind)) == []
        (line,) = told(workspace, asking("T"))
        assert "nowhere" in line
        (line,) = told(workspace, asking("T1", required=False))
        assert f"on {key.removesuffix('.Tags')}; it belongs on the main image" in line

    @pytest.mark.parametrize("kind", [*ANYWHERE, "PointLandmark"])
    def test_must_stand_on_something(self, workspace: Workspace, kind: str | None) -> None:
        workspace.registry["Tags"] = "T1"

        (line,) = told(workspace, asking("T1", kind=kind))
        assert "nowhere" in line


class TestAPointLandmark:
    def test_is_a_landmark(self, workspace: Workspace) -> None:
        annotations = workspace.registry.folder("Annotations.Annotations")
        annotations["ArraySize"] = 2
        annotations["Element[0].Type"] = "LandmarkAnnotation"
        annotations["Element[0].Tags"] = "AC"
        annotations["Element[1].Type"] = "LineSegmentAnnotation"
        annotations["Element[1].Tags"] = "PC"

        assert told(workspace, asking("AC", kind="PointLandmark")) == []
        (line,) = told(workspace, asking("PC", kind="PointLandmark"))
        assert "on Annotations.Annotations.Element[1]; it belongs on a landmark" in line
        put(workspace, "PC", "main")
        assert len(told(workspace, asking("PC", kind="PointLandmark", required=False))) == 1


class TestAnImage:
    def test_that_is_not_there_is_told_of(self, workspace: Workspace) -> None:
        workspace.layers[0].add_tag("T1")
        for layer in workspace.layers[1:]:
            layer.path.unlink()

        flair, mask = told(workspace, asking("T1"))

        assert "flair.nii.gz" in flair
        assert "mask.nii.gz" in mask

    def test_must_be_the_main_one(self, tmp_path: Path) -> None:
        (line,) = told(Workspace(), asking())

        assert "main image is missing" in line


class TestAMesh:
    """whose file is not there."""

    @pytest.fixture
    def workspace(self, workspace: Workspace) -> Workspace:
        (mesh,) = workspace.meshes
        mesh.add_tag("Surface")
        mesh.files[1][0].unlink()
        return workspace

    def test_is_not_needed(self, workspace: Workspace) -> None:
        workspace.main.add_tag("T1")

        assert told(workspace, asking("T1")) == []
        assert told(workspace, asking("Surface", kind="Unknown", required=False)) == []

    def test_is_needed_for_a_tag_that_is_required(self, workspace: Workspace) -> None:
        (line,) = told(workspace, asking("Surface", kind="Unknown", hint="The cortex"))

        assert "Tag 'Surface' (Unknown: The cortex): It is on mesh 000" in line
        assert "a.vtk" in line

    def test_carries_no_tags_if_none_is_sent(self, workspace: Workspace) -> None:
        asked = asking("Surface", kind="Unknown")
        workspace.meshes[0].files[1][0].write_bytes(b"1")
        check_workspace(workspace, asked)

        with pytest.raises(RequirementsNotMet, match="nowhere"):
            check_workspace(workspace, asked, meshes=False)

        assert len(workspace.meshes) == 1


class TestTheError:
    def test_lists_all_that_is_wrong(self, workspace: Workspace) -> None:
        workspace.segmentations[0].path.unlink()
        put(workspace, "B", "overlay")

        with pytest.raises(RequirementsNotMet) as caught:
            check_workspace(workspace, asking("A", "B", hint="A scan"))

        error = caught.value
        assert isinstance(error, ValueError)
        assert isinstance(error, DssError)
        assert [(one.tag, one.type, one.hint) for one in error.missing] == [
            ("A", "MainImage", "A scan"),
            ("B", "MainImage", "A scan"),
            ("", "", ""),
        ]
        assert str(error).count("\n") == 3

    def test_names_the_workspace(self, workspace: Workspace, tmp_path: Path) -> None:
        workspace.save(tmp_path / "a.itksnap")

        with pytest.raises(RequirementsNotMet, match=r"a\.itksnap"):
            check_workspace(workspace, asking("A"))

    def test_says_so_in_another_process_too(self, workspace: Workspace) -> None:
        with pytest.raises(RequirementsNotMet) as caught:
            check_workspace(workspace, asking("A"))

        again = pickle.loads(pickle.dumps(caught.value))

        assert (str(again), again.missing) == (str(caught.value), caught.value.missing)


def test_a_service_that_asks_for_nothing_takes_any_workspace(workspace: Workspace) -> None:
    check_workspace(workspace, ServiceDescriptor(name="A", version="1", shortdesc="x"))
