"""What is to be seen in the picture of an image and its labels."""

from __future__ import annotations

import math
import subprocess
import sys
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from attrs import evolve

import dss_client
from dss_client import FileNotWritten, snapshot
from dss_client.snapshots import NotDrawable, Png
from dss_client.snapshots.overlay import FILL_OPACITY
from dss_client.workspace import ImageMissing, Label, Labels, NoMainImage, Workspace

from .pictures import (
    AS_ORANGE,
    GREY,
    ORANGE,
    Box,
    Pixels,
    at,
    block,
    coloured,
    flat_image,
    letter,
    made,
    mixed,
    near,
    panels,
    pixels,
    warned,
)

TINTED = mixed(ORANGE, FILL_OPACITY)


def ramp() -> sitk.Image:
    """An image that is different in each slice."""
    z, y, x = np.indices((60, 50, 40))
    return made((3 * x + 5 * y + 7 * z).astype(np.int16))


def sides(picture: Pixels, panel: Box) -> str:
    """The letters at the left, right, top and bottom of a slice."""
    rows, columns = panel
    around = (
        (rows, slice(columns.start - 24, columns.start)),
        (rows, slice(columns.stop, columns.stop + 24)),
        (slice(rows.start - 24, rows.start), columns),
        (slice(rows.stop, rows.stop + 24), columns),
    )
    return "".join(letter(picture, place) for place in around)


class TestSlices:
    def test_are_axial_coronal_and_sagittal_as_radiologists_have_them(self) -> None:
        # The block is at the patient's right, front and top.
        picture = pixels(snapshot(flat_image(), block(), AS_ORANGE))

        axial, coronal, sagittal = panels(picture)
        assert near(at(picture, axial, 10 / 50, 8 / 40), TINTED)
        assert near(at(picture, coronal, 10 / 60, 8 / 40), TINTED)
        assert near(at(picture, sagittal, 10 / 60, 10 / 50), TINTED)
        for panel in (axial, coronal, sagittal):
            assert at(picture, panel, 0.8, 0.8) == (GREY,) * 3

    @pytest.mark.parametrize("code", ["LPS", "RAS", "LAI", "SPL", "ASR", "IRP", "PIR"])
    def test_do_not_depend_on_how_the_voxels_are_stored(self, code: str) -> None:
        scan, mask = flat_image(), block()
        turned = sitk.DICOMOrient(scan, code), sitk.DICOMOrient(mask, code)

        assert snapshot(*turned, AS_ORANGE) == snapshot(scan, mask, AS_ORANGE)

    def test_of_an_oblique_image_follow_its_own_grid(self) -> None:
        scan, mask = flat_image(), block()
        cosine, sine = math.cos(0.6), math.sin(0.6)
        tilted = (1.0, 0.0, 0.0, 0.0, cosine, -sine, 0.0, sine, cosine)
        straight = snapshot(scan, mask, AS_ORANGE)
        for image in (scan, mask):
            image.SetDirection(tilted)

        assert snapshot(scan, mask, AS_ORANGE) == straight

    def test_have_one_scale_in_millimetres(self) -> None:
        thick = made(np.zeros((10, 40, 50), np.uint8), (1.0, 2.0, 12.0))

        picture = pixels(snapshot(thick))

        sizes = [picture[panel].shape[:2] for panel in panels(picture)]
        scale = sizes[0][1] / 50
        for (height, width), (down, across) in zip(
            sizes, [(80, 50), (120, 50), (120, 80)], strict=True
        ):
            assert abs(height - down * scale) <= 1
            assert abs(width - across * scale) <= 1
        assert picture.shape[1] <= 1200

    def test_go_through_the_middle_of_what_has_no_labels(self) -> None:
        voxels = np.zeros((9, 9, 9), np.uint8)
        voxels[4] = 200
        image, empty = made(voxels), made(np.zeros((9, 9, 9), np.uint8))

        for picture in (pixels(snapshot(image)), pixels(snapshot(image, empty))):
            assert picture[180, 200, 0] > 150  # the axial slice, all of it bright
            assert not coloured(picture)

    @pytest.mark.parametrize("background", [0, -1])
    def test_go_where_most_labels_are_if_their_centre_is_background(self, background: int) -> None:
        apart = block() | block(first=(30, 40, 5), last=(36, 46, 9))
        voxels = sitk.GetArrayFromImage(apart).astype(np.int8)
        voxels[voxels == 0] = background

        picture = pixels(snapshot(flat_image(), made(voxels), AS_ORANGE))

        assert np.array_equal(
            picture[panels(picture)[0]],
            pixels(snapshot(flat_image(), block(), AS_ORANGE))[panels(picture)[0]],
        )
        for panel in panels(picture):
            assert coloured(picture[panel])

    def test_go_through_what_is_visible(self) -> None:
        mask = block() + 2 * block(first=(20, 25, 5), last=(38, 48, 35))
        hidden = Labels([*AS_ORANGE, evolve(AS_ORANGE[1], id=2, visible=False)])

        shown = pixels(snapshot(flat_image(), mask, hidden))

        expected = pixels(snapshot(flat_image(), block(), AS_ORANGE))
        assert np.array_equal(shown, expected)

    def test_do_not_go_where_the_centre_is_hidden(self) -> None:
        apart = block(first=(4, 5, 5), last=(10, 11, 11)) | block(
            first=(30, 39, 49), last=(36, 45, 55)
        )
        centre = 2 * block(first=(15, 20, 25), last=(25, 30, 35))
        hidden = Labels([*AS_ORANGE, evolve(AS_ORANGE[1], id=2, visible=False)])

        picture = pixels(snapshot(flat_image(), apart + centre, hidden))

        for panel in panels(picture):
            assert coloured(picture[panel])

    @pytest.mark.parametrize("shift", [-0.4, 0.4])
    def test_go_through_the_nearest_voxels(self, shift: float) -> None:
        scan, mask = ramp(), block()
        mask.SetOrigin([shift] * 3)
        straight = pixels(snapshot(scan, block()))

        picture = pixels(snapshot(scan, mask))

        slices = straight.shape[0] - 90
        assert np.array_equal(picture[:slices], straight[:slices])

    def test_of_a_flat_image_are_one_without_letters(self) -> None:
        scan = made(np.full((30, 20), 7, np.int16), (1.0, 2.0))
        mask = made(np.pad(np.ones((6, 4), np.uint8), ((4, 20), (4, 12))), (1.0, 2.0))

        picture = pixels(snapshot(scan, mask, AS_ORANGE))

        (panel,) = panels(picture)
        height, width = picture[panel].shape[:2]
        assert abs(height - 3 * width) <= 2
        assert near(at(picture, panel, 7 / 30, 6 / 20), TINTED)
        assert sides(picture, panel) == ""

    def test_say_which_side_of_the_patient_is_where(self) -> None:
        picture = pixels(snapshot(flat_image()))

        assert [sides(picture, panel) for panel in panels(picture)] == ["RLAP", "RLSI", "APSI"]

    @pytest.mark.parametrize(
        ("size", "letters"),
        [((1, 50, 60), "APSI"), ((40, 1, 60), "RLSI"), ((40, 50, 1), "RLAP")],
    )
    def test_of_a_single_slice_are_the_one_that_it_is(
        self, size: tuple[int, int, int], letters: str
    ) -> None:
        picture = pixels(snapshot(flat_image(size)))

        (panel,) = panels(picture)
        height, width = picture[panel].shape[:2]
        flat = [length for length in size if length > 1]
        assert abs(height / width - flat[1] / flat[0]) < 0.02
        assert sides(picture, panel) == letters


class TestLabels:
    def test_have_an_opaque_outline(self) -> None:
        picture = pixels(snapshot(flat_image(), block(), AS_ORANGE))

        inside = picture[panels(picture)[0]]
        assert (np.abs(inside.astype(int) - ORANGE).max(axis=2) <= 2).any()

    def test_are_as_opaque_as_their_table_says(self) -> None:
        half = Labels([evolve(AS_ORANGE[1], alpha=128)])

        picture = pixels(snapshot(flat_image(), block(), half))

        panel = panels(picture)[0]
        assert near(at(picture, panel, 10 / 50, 8 / 40), mixed(ORANGE, FILL_OPACITY * 128 / 255))
        strongest = np.ptp(picture[panel].astype(int), axis=2).max()
        assert abs(strongest - np.ptp(mixed(ORANGE, 128 / 255))) <= 3

    @pytest.mark.parametrize(
        "label", [evolve(AS_ORANGE[1], visible=False), evolve(AS_ORANGE[1], alpha=0)]
    )
    def test_that_are_not_visible_are_not_drawn(self, label: Label) -> None:
        assert not coloured(pixels(snapshot(flat_image(), block(), Labels([label]))))

    @pytest.mark.no_cover
    def test_may_be_many_and_hidden(self) -> None:
        ids = np.arange(1, 40_001, dtype=np.uint16)
        mask = made(np.repeat(ids, 16).reshape(800, 800))
        labels = Labels(evolve(AS_ORANGE[1], id=id_, visible=False) for id_ in ids.tolist())
        before = time.process_time()

        picture = snapshot(made(np.ones((800, 800), np.uint8)), mask, labels)

        assert time.process_time() - before < 3  # with a look at all for each, it is far more
        assert not coloured(pixels(picture))

    def test_that_nobody_named_are_drawn_all_the_same(self) -> None:
        picture = pixels(snapshot(flat_image(), block(label=3)))

        assert near(
            at(picture, panels(picture)[0], 10 / 50, 8 / 40), mixed((0, 0, 255), FILL_OPACITY)
        )

    def test_may_be_stored_as_any_kind_of_number(self) -> None:
        expected = snapshot(flat_image(), block(), AS_ORANGE)

        for kind in (sitk.sitkInt8, sitk.sitkUInt16, sitk.sitkInt64, sitk.sitkFloat32):
            assert snapshot(flat_image(), sitk.Cast(block(), kind), AS_ORANGE) == expected

    def test_are_no_nonsense_numbers(self) -> None:
        voxels = sitk.GetArrayFromImage(block()).astype(np.float64)
        voxels[0, 0, :4] = math.nan, math.inf, -3, 1e30

        picture = snapshot(flat_image(), made(voxels), AS_ORANGE)

        assert picture == snapshot(flat_image(), block(), AS_ORANGE)

    def test_on_another_grid_are_drawn_where_they_lie_in_space(self) -> None:
        coarse = made(np.ones((5, 5, 4), np.uint8), (2.0, 2.0, 2.0))
        coarse.SetOrigin((4.5, 5.5, 45.5))  # voxels 4 to 11, 5 to 14 and 45 to 54 of the image

        picture = pixels(snapshot(flat_image(), coarse, AS_ORANGE))

        same = pixels(snapshot(flat_image(), block(), AS_ORANGE))
        for panel in panels(same):
            assert np.array_equal(picture[panel], same[panel])
        assert not np.array_equal(picture, same)  # for it says that they were resampled

    @pytest.mark.parametrize("place", [(1e4, 0.0, 0.0), (0.0, 0.0, -56.0), (-1e8, 0.0, 0.0)])
    def test_that_lie_elsewhere_are_told_under_the_middle_of_the_image(
        self, place: tuple[float, ...]
    ) -> None:
        scan, far = ramp(), block()
        far.SetOrigin(place)

        picture = pixels(snapshot(scan, far, AS_ORANGE))

        without = pixels(snapshot(scan))
        slices = without.shape[0] - 50
        assert np.array_equal(picture[:slices], without[:slices])
        assert warned(picture)

    def test_that_lie_nowhere_near_do_no_harm(self) -> None:
        far = block()
        far.SetSpacing((1e-20, 1.0, 1.0))
        far.SetOrigin((1e5, 0.0, 0.0))

        assert warned(pixels(snapshot(flat_image(), far, AS_ORANGE)))

    def test_that_lie_outside_in_part_are_cut_where_they_are_in_the_image(self) -> None:
        both = block() | block(first=(30, 10, 5), last=(38, 45, 40))
        moved, alone = both + 0, block() + 0
        for mask in (moved, alone):
            mask.SetOrigin((20.0, 0.0, 0.0))  # which takes the larger of the two out of the image

        picture = pixels(snapshot(flat_image(), moved, AS_ORANGE))

        expected = pixels(snapshot(flat_image(), alone, AS_ORANGE))
        for panel in panels(expected):
            assert np.array_equal(picture[panel], expected[panel])
        assert warned(picture)
        assert not warned(expected)


class TestTimePoints:
    @staticmethod
    def series(*masks: sitk.Image) -> sitk.Image:
        joined: sitk.Image = sitk.JoinSeries(masks)
        return joined

    def test_are_the_first_that_has_labels(self) -> None:
        empty = block(label=0)
        scan = self.series(*(flat_image() + n for n in range(3)))
        mask = self.series(empty, block(), empty)

        picture = pixels(snapshot(scan, mask, AS_ORANGE))

        assert near(at(picture, panels(picture)[0], 10 / 50, 8 / 40), TINTED)
        assert snapshot(scan, mask, AS_ORANGE) == snapshot(scan, mask, AS_ORANGE, time_point=2)

    def test_are_the_same_of_both_images(self) -> None:
        bright = made(np.where(np.arange(60)[:, None, None] < 30, 0, np.ones((60, 50, 40))))
        scan = self.series(bright * 0, bright, bright * 0)
        mask = self.series(block(), block(), block())

        flat = pixels(snapshot(scan, mask, AS_ORANGE, time_point=3))
        steep = pixels(snapshot(scan, mask, AS_ORANGE, time_point=2))

        assert len(panels(flat)) == 3
        assert len(panels(steep)) == 0

    def test_of_which_none_has_labels_in_the_image_are_the_one_with_most_of_them(self) -> None:
        masks = [block(label=0), block()]
        for mask in masks:
            mask.SetOrigin((0.0, 500.0, 0.0))

        assert warned(pixels(snapshot(flat_image(), self.series(*masks), AS_ORANGE)))

    def test_that_are_asked_for_may_be_without_labels(self) -> None:
        mask = self.series(block(label=0), block())
        scan = self.series(flat_image(), flat_image())

        assert not coloured(pixels(snapshot(scan, mask, AS_ORANGE, time_point=1)))

    def test_of_the_segmentation_alone_belong_to_one_image(self) -> None:
        mask = self.series(block(label=0), block())

        for time_point in (None, 2):
            picture = pixels(snapshot(flat_image(), mask, AS_ORANGE, time_point=time_point))
            assert near(at(picture, panels(picture)[0], 10 / 50, 8 / 40), TINTED)

    @pytest.mark.parametrize("time_point", [0, 3, -1])
    def test_that_there_are_not_are_an_error(self, time_point: int) -> None:
        scan = self.series(flat_image(), flat_image())

        with pytest.raises(NotDrawable, match=f"no time point {time_point}.*1 to 2"):
            snapshot(scan, time_point=time_point)

    def test_of_an_image_without_time_are_an_error(self) -> None:
        with pytest.raises(NotDrawable, match="no time point 2"):
            snapshot(flat_image(), block(), time_point=2)

    def test_that_do_not_match_are_an_error(self) -> None:
        scan = self.series(*[flat_image()] * 3)
        mask = self.series(*[block()] * 2)

        with pytest.raises(NotDrawable, match="2 time points and the image 3"):
            snapshot(scan, mask)


class TestImages:
    def test_that_are_larger_than_memory_is_free_are_cut_first(self) -> None:
        scan, mask = sitk.Image(400, 400, 400, sitk.sitkUInt8), sitk.Image(400, 400, 400, 1)
        mask[100:300, 100:300, 100:300] = 1
        tracemalloc.start()
        try:
            snapshot(scan, mask)
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

        assert most < 128e6  # all of it as numbers to reckon with would be 512e6

    def test_that_are_larger_than_the_picture_are_thinned_out_first(self) -> None:
        scan, mask = (sitk.Image(5000, 2500, sitk.sitkUInt8) + n for n in (7, 0))
        mask[1250:1650, 850:1650] = 1
        tracemalloc.start()
        try:
            picture = pixels(snapshot(scan, mask, AS_ORANGE))
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

        (panel,) = panels(picture)
        inside = np.ptp(picture[panel].astype(int), axis=2) > 20
        rows, columns = (np.flatnonzero(inside.any(axis=axis)) for axis in (1, 0))
        height, width = inside.shape
        edges = (rows[0] / height, rows[-1] / height, columns[0] / width, columns[-1] / width)
        assert edges == pytest.approx((0.34, 0.66, 0.25, 0.33), abs=0.005)
        assert most < 400e6  # all of it as numbers to reckon with would be a gigabyte

    def test_of_three_components_of_8_bits_are_in_colour(self) -> None:
        voxels = np.full((5, 6, 7, 3), (200, 40, 90), np.uint8)

        picture = pixels(snapshot(made(voxels, components=True)))

        assert (picture == (200, 40, 90)).all(axis=2).sum() > 10_000

    def test_that_are_vectors_show_their_length(self) -> None:
        voxels = np.random.default_rng(1).normal(size=(5, 6, 7, 3))

        length = made(np.linalg.norm(voxels, axis=3))
        assert snapshot(made(voxels, components=True)) == snapshot(length)

    def test_with_other_components_show_the_first(self) -> None:
        voxels = np.random.default_rng(1).normal(size=(5, 6, 7, 2))

        assert snapshot(made(voxels, components=True)) == snapshot(made(voxels[..., 0].copy()))

    def test_of_more_than_four_dimensions_are_an_error(self) -> None:
        with pytest.raises(NotDrawable, match="5 dimensions"):
            snapshot(sitk.Image([2, 2, 2, 2, 2], sitk.sitkUInt8))

    def test_with_components_are_no_segmentation(self) -> None:
        colours = made(np.zeros((5, 6, 7, 3), np.uint8), components=True)

        with pytest.raises(NotDrawable, match="labels are single numbers"):
            snapshot(colours, colours)

    @pytest.mark.parametrize(
        ("spacing", "origin", "across"),
        [
            (1e-10, 0.0, 1.0),
            (math.inf, 0.0, 1.0),
            (1.0, 1e300, 1.0),
            (1e-10, 1e300, 1.0),
            (1.0, math.nan, 1.0),
            (1.0, 0.0, 1e-30),
        ],
    )
    def test_that_are_nowhere_are_an_error(
        self, spacing: float, origin: float, across: float
    ) -> None:
        nowhere = flat_image()
        nowhere.SetSpacing([spacing] * 3)
        nowhere.SetOrigin([origin] * 3)
        nowhere.SetDirection((1.0, 0.0, 0.0, 1.0, across, 0.0, 0.0, 0.0, 1.0))

        with pytest.raises(NotDrawable, match="nowhere: correct its header"):
            snapshot(nowhere)
        with pytest.raises(NotDrawable, match="nowhere: correct its header"):
            snapshot(flat_image(), nowhere)

    def test_may_be_as_small_as_cells(self) -> None:
        scan, mask = flat_image(), block()
        for image in (scan, mask):
            image.SetSpacing([1e-8] * 3)

        assert coloured(pixels(snapshot(scan, mask)))

    def test_may_be_files_with_labels_in_a_file_or_a_table(self, tmp_path: Path) -> None:
        scan, mask, labels = (tmp_path / name for name in ("a.nii.gz", "b.mha", "c.label"))
        sitk.WriteImage(flat_image(), scan)
        sitk.WriteImage(block(), mask)
        AS_ORANGE.write(labels)
        expected = snapshot(flat_image(), block(), AS_ORANGE)

        assert snapshot(scan, str(mask), labels) == expected
        assert snapshot(str(scan), mask, AS_ORANGE.to_frame()) == expected

    def test_may_be_layers(self, tmp_path: Path) -> None:
        sitk.WriteImage(flat_image(), tmp_path / "scan.nii.gz")
        sitk.WriteImage(block(), tmp_path / "mask.nii.gz")
        workspace = Workspace.create(tmp_path / "scan.nii.gz")
        layer = workspace.add_segmentation(tmp_path / "mask.nii.gz")

        picture = snapshot(workspace.main, layer, AS_ORANGE)

        assert picture == snapshot(flat_image(), block(), AS_ORANGE)

    def test_may_be_a_workspace_with_the_last_segmentation(self, tmp_path: Path) -> None:
        other = block(first=(20, 25, 5), last=(38, 48, 35))
        for name, image in {"scan": flat_image(), "other": other, "mask": block()}.items():
            sitk.WriteImage(image, tmp_path / f"{name}.nii.gz")
        workspace = Workspace.create(tmp_path / "scan.nii.gz")
        assert snapshot(workspace) == snapshot(flat_image())
        first = workspace.add_segmentation(tmp_path / "other.nii.gz")
        workspace.add_segmentation(tmp_path / "mask.nii.gz")
        workspace.labels = AS_ORANGE

        assert snapshot(workspace) == snapshot(flat_image(), block(), AS_ORANGE)
        assert snapshot(workspace, first) == snapshot(flat_image(), other, AS_ORANGE)
        assert snapshot(workspace, labels=Labels()) == snapshot(flat_image(), block())

    def test_that_are_not_there_are_an_error(self, tmp_path: Path) -> None:
        with pytest.raises(ImageMissing, match="scan"):
            snapshot(tmp_path / "scan.nii.gz")
        with pytest.raises(NoMainImage):
            snapshot(Workspace())

    def test_are_no_arrays(self) -> None:
        with pytest.raises(TypeError, match="not ndarray"):
            snapshot(np.zeros((3, 3, 3)))  # type: ignore[arg-type]  # pyright: ignore
        with pytest.raises(TypeError, match="not list"):
            snapshot(flat_image(), block(), ["brain"])  # type: ignore[arg-type]  # pyright: ignore


class TestThePicture:
    def test_holds_nothing_but_pixels(self, tmp_path: Path) -> None:
        scan = flat_image()
        scan.SetMetaData("descrip", "Jane Doe")
        sitk.WriteImage(scan, tmp_path / "jane_doe.nii.gz")

        picture = snapshot(tmp_path / "jane_doe.nii.gz")

        kinds, start = [], 8
        while start < len(picture):
            length = int.from_bytes(picture[start : start + 4])
            kinds.append(picture[start + 4 : start + 8])
            start += length + 12
        assert set(kinds) == {b"IHDR", b"IDAT", b"IEND"}
        assert picture == snapshot(flat_image())

    def test_is_shown_in_notebooks_and_saved(self, tmp_path: Path) -> None:
        picture = snapshot(flat_image())

        assert isinstance(picture, Png)
        assert picture._repr_png_() == picture
        assert picture.save(tmp_path / "a.PNG").read_bytes() == picture

    def test_is_described_where_a_prompt_would_print_its_bytes(self) -> None:
        picture = snapshot(flat_image())
        height, width = pixels(picture).shape[:2]

        assert repr(picture) == f"<Png {width} x {height}, {len(picture) / 1000:.0f} kB>"
        assert f"{picture}" == str(picture) == repr(picture)
        assert isinstance(picture, bytes)
        assert picture.startswith(b"\x89PNG")

    def test_is_saved_whole_or_not_at_all(self, tmp_path: Path) -> None:
        picture = snapshot(flat_image())
        kept = tmp_path / "kept.png"
        kept.mkdir()

        with pytest.raises(FileNotWritten, match=r"kept\.png"):
            picture.save(kept)
        with pytest.raises(FileNotWritten, match="nowhere"):
            picture.save(tmp_path / "nowhere" / "a.png")
        with pytest.raises(ValueError, match=r"end in \.png, not a\.jpg"):
            picture.save(tmp_path / "a.jpg")

        assert list(tmp_path.iterdir()) == [kept]

    def test_is_asked_for_in_one_place(self) -> None:
        assert dss_client.snapshot is snapshot

    @pytest.mark.parametrize("missing", ["PIL", "SimpleITK"])
    def test_needs_what_may_not_be_installed(self, missing: str) -> None:
        script = (
            f"import sys; sys.modules[{missing!r}] = None\n"
            "import dss_client\n"
            "try: dss_client.snapshot('scan.nii.gz')\n"
            "except dss_client.ImagesNotInstalled as error: print(error)"
        )
        done = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
        )

        assert f"needs {missing}, which" in done.stdout
        assert "pip install 'itksnap-dss-kit[images]'" in done.stdout
