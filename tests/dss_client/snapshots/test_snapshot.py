"""Pictures of an image and its labels."""

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
    find_panels,
    has_warning,
    is_coloured,
    is_near,
    make_block,
    make_flat_image,
    make_image,
    mix_colours,
    read_colour,
    read_letter,
    read_pixels,
)

TINTED = mix_colours(ORANGE, FILL_OPACITY)


def make_ramp() -> sitk.Image:
    """Make an image that differs in each slice."""
    z, y, x = np.indices((60, 50, 40))
    return make_image((3 * x + 5 * y + 7 * z).astype(np.int16))


def read_sides(picture: Pixels, panel: Box) -> str:
    """Read the letters at the left, right, top and bottom of a slice."""
    rows, columns = panel
    around = (
        (rows, slice(columns.start - 24, columns.start)),
        (rows, slice(columns.stop, columns.stop + 24)),
        (slice(rows.start - 24, rows.start), columns),
        (slice(rows.stop, rows.stop + 24), columns),
    )
    return "".join(read_letter(picture, place) for place in around)


class TestSlices:
    def test_slices_follow_the_radiological_convention(self) -> None:
        # The block is at the patient's right, front and top.
        picture = read_pixels(snapshot(make_flat_image(), make_block(), AS_ORANGE))

        axial, coronal, sagittal = find_panels(picture)
        assert is_near(read_colour(picture, axial, 10 / 50, 8 / 40), TINTED)
        assert is_near(read_colour(picture, coronal, 10 / 60, 8 / 40), TINTED)
        assert is_near(read_colour(picture, sagittal, 10 / 60, 10 / 50), TINTED)
        for panel in (axial, coronal, sagittal):
            assert read_colour(picture, panel, 0.8, 0.8) == (GREY,) * 3

    @pytest.mark.parametrize("code", ["LPS", "RAS", "LAI", "SPL", "ASR", "IRP", "PIR"])
    def test_voxel_order_does_not_change_the_slices(self, code: str) -> None:
        scan, mask = make_flat_image(), make_block()
        turned = sitk.DICOMOrient(scan, code), sitk.DICOMOrient(mask, code)

        assert snapshot(*turned, AS_ORANGE) == snapshot(scan, mask, AS_ORANGE)

    def test_slices_of_an_oblique_image_follow_its_grid(self) -> None:
        scan, mask = make_flat_image(), make_block()
        cosine, sine = math.cos(0.6), math.sin(0.6)
        tilted = (1.0, 0.0, 0.0, 0.0, cosine, -sine, 0.0, sine, cosine)
        straight = snapshot(scan, mask, AS_ORANGE)
        for image in (scan, mask):
            image.SetDirection(tilted)

        assert snapshot(scan, mask, AS_ORANGE) == straight

    def test_slices_share_one_scale_in_millimetres(self) -> None:
        thick = make_image(np.zeros((10, 40, 50), np.uint8), (1.0, 2.0, 12.0))

        picture = read_pixels(snapshot(thick))

        sizes = [picture[panel].shape[:2] for panel in find_panels(picture)]
        scale = sizes[0][1] / 50
        for (height, width), (down, across) in zip(
            sizes, [(80, 50), (120, 50), (120, 80)], strict=True
        ):
            assert abs(height - down * scale) <= 1
            assert abs(width - across * scale) <= 1
        assert picture.shape[1] <= 1200

    def test_slices_without_labels_go_through_the_middle(self) -> None:
        voxels = np.zeros((9, 9, 9), np.uint8)
        voxels[4] = 200
        image, empty = make_image(voxels), make_image(np.zeros((9, 9, 9), np.uint8))

        for picture in (read_pixels(snapshot(image)), read_pixels(snapshot(image, empty))):
            assert picture[180, 200, 0] > 150  # the axial slice, all of it bright
            assert not is_coloured(picture)

    @pytest.mark.parametrize("background", [0, -1])
    def test_slices_go_through_most_labels_if_the_centre_is_background(
        self, background: int
    ) -> None:
        apart = make_block() | make_block(first=(30, 40, 5), last=(36, 46, 9))
        voxels = sitk.GetArrayFromImage(apart).astype(np.int8)
        voxels[voxels == 0] = background

        picture = read_pixels(snapshot(make_flat_image(), make_image(voxels), AS_ORANGE))

        assert np.array_equal(
            picture[find_panels(picture)[0]],
            read_pixels(snapshot(make_flat_image(), make_block(), AS_ORANGE))[
                find_panels(picture)[0]
            ],
        )
        for panel in find_panels(picture):
            assert is_coloured(picture[panel])

    def test_slices_go_through_visible_labels(self) -> None:
        mask = make_block() + 2 * make_block(first=(20, 25, 5), last=(38, 48, 35))
        hidden = Labels([*AS_ORANGE, evolve(AS_ORANGE[1], id=2, visible=False)])

        shown = read_pixels(snapshot(make_flat_image(), mask, hidden))

        expected = read_pixels(snapshot(make_flat_image(), make_block(), AS_ORANGE))
        assert np.array_equal(shown, expected)

    def test_slices_avoid_a_centre_with_a_hidden_label(self) -> None:
        apart = make_block(first=(4, 5, 5), last=(10, 11, 11)) | make_block(
            first=(30, 39, 49), last=(36, 45, 55)
        )
        centre = 2 * make_block(first=(15, 20, 25), last=(25, 30, 35))
        hidden = Labels([*AS_ORANGE, evolve(AS_ORANGE[1], id=2, visible=False)])

        picture = read_pixels(snapshot(make_flat_image(), apart + centre, hidden))

        for panel in find_panels(picture):
            assert is_coloured(picture[panel])

    @pytest.mark.parametrize("shift", [-0.4, 0.4])
    def test_slices_go_through_the_nearest_voxels(self, shift: float) -> None:
        scan, mask = make_ramp(), make_block()
        mask.SetOrigin([shift] * 3)
        straight = read_pixels(snapshot(scan, make_block()))

        picture = read_pixels(snapshot(scan, mask))

        slices = straight.shape[0] - 90
        assert np.array_equal(picture[:slices], straight[:slices])

    def test_image_with_two_dimensions_gives_one_slice_without_letters(self) -> None:
        scan = make_image(np.full((30, 20), 7, np.int16), (1.0, 2.0))
        mask = make_image(np.pad(np.ones((6, 4), np.uint8), ((4, 20), (4, 12))), (1.0, 2.0))

        picture = read_pixels(snapshot(scan, mask, AS_ORANGE))

        (panel,) = find_panels(picture)
        height, width = picture[panel].shape[:2]
        assert abs(height - 3 * width) <= 2
        assert is_near(read_colour(picture, panel, 7 / 30, 6 / 20), TINTED)
        assert read_sides(picture, panel) == ""

    def test_letters_name_the_sides_of_the_patient(self) -> None:
        picture = read_pixels(snapshot(make_flat_image()))

        assert [read_sides(picture, panel) for panel in find_panels(picture)] == [
            "RLAP",
            "RLSI",
            "APSI",
        ]

    @pytest.mark.parametrize(
        ("size", "letters"),
        [((1, 50, 60), "APSI"), ((40, 1, 60), "RLSI"), ((40, 50, 1), "RLAP")],
    )
    def test_image_with_a_single_slice_shows_that_slice(
        self, size: tuple[int, int, int], letters: str
    ) -> None:
        picture = read_pixels(snapshot(make_flat_image(size)))

        (panel,) = find_panels(picture)
        height, width = picture[panel].shape[:2]
        flat = [length for length in size if length > 1]
        assert abs(height / width - flat[1] / flat[0]) < 0.02
        assert read_sides(picture, panel) == letters


class TestLabels:
    def test_labels_have_an_opaque_outline(self) -> None:
        picture = read_pixels(snapshot(make_flat_image(), make_block(), AS_ORANGE))

        inside = picture[find_panels(picture)[0]]
        assert (np.abs(inside.astype(int) - ORANGE).max(axis=2) <= 2).any()

    def test_label_opacity_follows_the_table(self) -> None:
        half = Labels([evolve(AS_ORANGE[1], alpha=128)])

        picture = read_pixels(snapshot(make_flat_image(), make_block(), half))

        panel = find_panels(picture)[0]
        assert is_near(
            read_colour(picture, panel, 10 / 50, 8 / 40),
            mix_colours(ORANGE, FILL_OPACITY * 128 / 255),
        )
        strongest = np.ptp(picture[panel].astype(int), axis=2).max()
        assert abs(strongest - np.ptp(mix_colours(ORANGE, 128 / 255))) <= 3

    @pytest.mark.parametrize(
        "label", [evolve(AS_ORANGE[1], visible=False), evolve(AS_ORANGE[1], alpha=0)]
    )
    def test_invisible_labels_are_not_drawn(self, label: Label) -> None:
        assert not is_coloured(
            read_pixels(snapshot(make_flat_image(), make_block(), Labels([label])))
        )

    @pytest.mark.no_cover
    def test_many_hidden_labels_are_fast(self) -> None:
        ids = np.arange(1, 40_001, dtype=np.uint16)
        mask = make_image(np.repeat(ids, 16).reshape(800, 800))
        labels = Labels(evolve(AS_ORANGE[1], id=id_, visible=False) for id_ in ids.tolist())
        before = time.process_time()

        picture = snapshot(make_image(np.ones((800, 800), np.uint8)), mask, labels)

        assert time.process_time() - before < 3  # one pass per label would take far longer
        assert not is_coloured(read_pixels(picture))

    def test_labels_without_a_name_are_drawn(self) -> None:
        picture = read_pixels(snapshot(make_flat_image(), make_block(label=3)))

        assert is_near(
            read_colour(picture, find_panels(picture)[0], 10 / 50, 8 / 40),
            mix_colours((0, 0, 255), FILL_OPACITY),
        )

    def test_labels_can_have_any_number_type(self) -> None:
        expected = snapshot(make_flat_image(), make_block(), AS_ORANGE)

        for kind in (sitk.sitkInt8, sitk.sitkUInt16, sitk.sitkInt64, sitk.sitkFloat32):
            assert snapshot(make_flat_image(), sitk.Cast(make_block(), kind), AS_ORANGE) == expected

    def test_values_that_cannot_be_labels_are_background(self) -> None:
        voxels = sitk.GetArrayFromImage(make_block()).astype(np.float64)
        voxels[0, 0, :4] = math.nan, math.inf, -3, 1e30

        picture = snapshot(make_flat_image(), make_image(voxels), AS_ORANGE)

        assert picture == snapshot(make_flat_image(), make_block(), AS_ORANGE)

    def test_labels_on_a_grid_unlike_the_image_are_drawn_at_their_position_in_space(self) -> None:
        coarse = make_image(np.ones((5, 5, 4), np.uint8), (2.0, 2.0, 2.0))
        coarse.SetOrigin((4.5, 5.5, 45.5))  # voxels 4 to 11, 5 to 14 and 45 to 54 of the image

        picture = read_pixels(snapshot(make_flat_image(), coarse, AS_ORANGE))

        same = read_pixels(snapshot(make_flat_image(), make_block(), AS_ORANGE))
        for panel in find_panels(same):
            assert np.array_equal(picture[panel], same[panel])
        assert not np.array_equal(picture, same)  # because it says that they were resampled

    @pytest.mark.parametrize("place", [(1e4, 0.0, 0.0), (0.0, 0.0, -56.0), (-1e8, 0.0, 0.0)])
    def test_labels_outside_the_image_give_a_warning_below_its_middle(
        self, place: tuple[float, ...]
    ) -> None:
        scan, far = make_ramp(), make_block()
        far.SetOrigin(place)

        picture = read_pixels(snapshot(scan, far, AS_ORANGE))

        without = read_pixels(snapshot(scan))
        slices = without.shape[0] - 50
        assert np.array_equal(picture[:slices], without[:slices])
        assert has_warning(picture)

    def test_labels_far_outside_do_no_harm(self) -> None:
        far = make_block()
        far.SetSpacing((1e-20, 1.0, 1.0))
        far.SetOrigin((1e5, 0.0, 0.0))

        assert has_warning(read_pixels(snapshot(make_flat_image(), far, AS_ORANGE)))

    def test_partly_outside_labels_are_cut_inside_the_image(self) -> None:
        both = make_block() | make_block(first=(30, 10, 5), last=(38, 45, 40))
        moved, alone = both + 0, make_block() + 0
        for mask in (moved, alone):
            mask.SetOrigin((20.0, 0.0, 0.0))  # moves the larger of the two out of the image

        picture = read_pixels(snapshot(make_flat_image(), moved, AS_ORANGE))

        expected = read_pixels(snapshot(make_flat_image(), alone, AS_ORANGE))
        for panel in find_panels(expected):
            assert np.array_equal(picture[panel], expected[panel])
        assert has_warning(picture)
        assert not has_warning(expected)


class TestTimePoints:
    @staticmethod
    def series(*masks: sitk.Image) -> sitk.Image:
        joined: sitk.Image = sitk.JoinSeries(masks)
        return joined

    def test_first_time_point_with_labels_is_drawn(self) -> None:
        empty = make_block(label=0)
        scan = self.series(*(make_flat_image() + n for n in range(3)))
        mask = self.series(empty, make_block(), empty)

        picture = read_pixels(snapshot(scan, mask, AS_ORANGE))

        assert is_near(read_colour(picture, find_panels(picture)[0], 10 / 50, 8 / 40), TINTED)
        assert snapshot(scan, mask, AS_ORANGE) == snapshot(scan, mask, AS_ORANGE, time_point=2)

    def test_image_and_segmentation_show_the_same_time_point(self) -> None:
        bright = make_image(np.where(np.arange(60)[:, None, None] < 30, 0, np.ones((60, 50, 40))))
        scan = self.series(bright * 0, bright, bright * 0)
        mask = self.series(make_block(), make_block(), make_block())

        flat = read_pixels(snapshot(scan, mask, AS_ORANGE, time_point=3))
        steep = read_pixels(snapshot(scan, mask, AS_ORANGE, time_point=2))

        assert len(find_panels(flat)) == 3
        assert len(find_panels(steep)) == 0

    def test_time_point_with_most_labels_is_drawn_if_all_are_outside(self) -> None:
        masks = [make_block(label=0), make_block()]
        for mask in masks:
            mask.SetOrigin((0.0, 500.0, 0.0))

        assert has_warning(read_pixels(snapshot(make_flat_image(), self.series(*masks), AS_ORANGE)))

    def test_requested_time_point_can_be_without_labels(self) -> None:
        mask = self.series(make_block(label=0), make_block())
        scan = self.series(make_flat_image(), make_flat_image())

        assert not is_coloured(read_pixels(snapshot(scan, mask, AS_ORANGE, time_point=1)))

    def test_segmentation_with_time_points_fits_an_image_without(self) -> None:
        mask = self.series(make_block(label=0), make_block())

        for time_point in (None, 2):
            picture = read_pixels(
                snapshot(make_flat_image(), mask, AS_ORANGE, time_point=time_point)
            )
            assert is_near(read_colour(picture, find_panels(picture)[0], 10 / 50, 8 / 40), TINTED)

    @pytest.mark.parametrize("time_point", [0, 3, -1])
    def test_missing_time_point_raises_an_error(self, time_point: int) -> None:
        scan = self.series(make_flat_image(), make_flat_image())

        with pytest.raises(NotDrawable, match=f"not have time point {time_point}.*1 to 2"):
            snapshot(scan, time_point=time_point)

    def test_time_point_of_an_image_without_time_raises_an_error(self) -> None:
        with pytest.raises(NotDrawable, match="not have time point 2"):
            snapshot(make_flat_image(), make_block(), time_point=2)

    def test_different_numbers_of_time_points_raise_an_error(self) -> None:
        scan = self.series(*[make_flat_image()] * 3)
        mask = self.series(*[make_block()] * 2)

        with pytest.raises(NotDrawable, match="2 time points, but the image has 3"):
            snapshot(scan, mask)


class TestImages:
    def test_large_image_is_cut_before_it_is_converted(self) -> None:
        scan, mask = sitk.Image(400, 400, 400, sitk.sitkUInt8), sitk.Image(400, 400, 400, 1)
        mask[100:300, 100:300, 100:300] = 1
        tracemalloc.start()
        try:
            snapshot(scan, mask)
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

        assert most < 128e6  # the whole image as float64 would be 512e6

    def test_image_larger_than_the_picture_is_thinned_out_first(self) -> None:
        scan, mask = (sitk.Image(5000, 2500, sitk.sitkUInt8) + n for n in (7, 0))
        mask[1250:1650, 850:1650] = 1
        tracemalloc.start()
        try:
            picture = read_pixels(snapshot(scan, mask, AS_ORANGE))
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

        (panel,) = find_panels(picture)
        inside = np.ptp(picture[panel].astype(int), axis=2) > 20
        rows, columns = (np.flatnonzero(inside.any(axis=axis)) for axis in (1, 0))
        height, width = inside.shape
        edges = (rows[0] / height, rows[-1] / height, columns[0] / width, columns[-1] / width)
        assert edges == pytest.approx((0.34, 0.66, 0.25, 0.33), abs=0.005)
        assert most < 400e6  # the whole image as float64 would be 1e9

    def test_image_with_three_8_bit_components_is_drawn_in_colour(self) -> None:
        voxels = np.full((5, 6, 7, 3), (200, 40, 90), np.uint8)

        picture = read_pixels(snapshot(make_image(voxels, components=True)))

        assert (picture == (200, 40, 90)).all(axis=2).sum() > 10_000

    def test_vector_image_shows_the_length(self) -> None:
        voxels = np.random.default_rng(1).normal(size=(5, 6, 7, 3))

        length = make_image(np.linalg.norm(voxels, axis=3))
        assert snapshot(make_image(voxels, components=True)) == snapshot(length)

    def test_image_with_other_components_shows_the_first(self) -> None:
        voxels = np.random.default_rng(1).normal(size=(5, 6, 7, 2))

        assert snapshot(make_image(voxels, components=True)) == snapshot(
            make_image(voxels[..., 0].copy())
        )

    def test_more_than_four_dimensions_raise_an_error(self) -> None:
        with pytest.raises(NotDrawable, match="5 dimensions"):
            snapshot(sitk.Image([2, 2, 2, 2, 2], sitk.sitkUInt8))

    def test_segmentation_with_components_raises_an_error(self) -> None:
        colours = make_image(np.zeros((5, 6, 7, 3), np.uint8), components=True)

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
    def test_image_without_a_usable_position_raises_an_error(
        self, spacing: float, origin: float, across: float
    ) -> None:
        nowhere = make_flat_image()
        nowhere.SetSpacing([spacing] * 3)
        nowhere.SetOrigin([origin] * 3)
        nowhere.SetDirection((1.0, 0.0, 0.0, 1.0, across, 0.0, 0.0, 0.0, 1.0))

        with pytest.raises(
            NotDrawable, match=r"has no usable position: spacing .*\. Correct its header\."
        ):
            snapshot(nowhere)
        with pytest.raises(
            NotDrawable, match=r"has no usable position: spacing .*\. Correct its header\."
        ):
            snapshot(make_flat_image(), nowhere)

    def test_image_with_microscopic_voxels_can_be_drawn(self) -> None:
        scan, mask = make_flat_image(), make_block()
        for image in (scan, mask):
            image.SetSpacing([1e-8] * 3)

        assert is_coloured(read_pixels(snapshot(scan, mask)))

    def test_files_and_label_tables_can_be_drawn(self, tmp_path: Path) -> None:
        scan, mask, labels = (tmp_path / name for name in ("a.nii.gz", "b.mha", "c.label"))
        sitk.WriteImage(make_flat_image(), scan)
        sitk.WriteImage(make_block(), mask)
        AS_ORANGE.write(labels)
        expected = snapshot(make_flat_image(), make_block(), AS_ORANGE)

        assert snapshot(scan, str(mask), labels) == expected
        assert snapshot(str(scan), mask, AS_ORANGE.to_frame()) == expected

    def test_layers_can_be_drawn(self, tmp_path: Path) -> None:
        sitk.WriteImage(make_flat_image(), tmp_path / "scan.nii.gz")
        sitk.WriteImage(make_block(), tmp_path / "mask.nii.gz")
        workspace = Workspace.create(tmp_path / "scan.nii.gz")
        layer = workspace.add_segmentation(tmp_path / "mask.nii.gz")

        picture = snapshot(workspace.main, layer, AS_ORANGE)

        assert picture == snapshot(make_flat_image(), make_block(), AS_ORANGE)

    def test_workspace_is_drawn_with_its_last_segmentation(self, tmp_path: Path) -> None:
        other = make_block(first=(20, 25, 5), last=(38, 48, 35))
        for name, image in {
            "scan": make_flat_image(),
            "other": other,
            "mask": make_block(),
        }.items():
            sitk.WriteImage(image, tmp_path / f"{name}.nii.gz")
        workspace = Workspace.create(tmp_path / "scan.nii.gz")
        assert snapshot(workspace) == snapshot(make_flat_image())
        first = workspace.add_segmentation(tmp_path / "other.nii.gz")
        workspace.add_segmentation(tmp_path / "mask.nii.gz")
        workspace.labels = AS_ORANGE

        assert snapshot(workspace) == snapshot(make_flat_image(), make_block(), AS_ORANGE)
        assert snapshot(workspace, first) == snapshot(make_flat_image(), other, AS_ORANGE)
        assert snapshot(workspace, labels=Labels()) == snapshot(make_flat_image(), make_block())

    def test_missing_image_raises_an_error(self, tmp_path: Path) -> None:
        with pytest.raises(ImageMissing, match="scan"):
            snapshot(tmp_path / "scan.nii.gz")
        with pytest.raises(NoMainImage):
            snapshot(Workspace())

    def test_arrays_raise_a_type_error(self) -> None:
        with pytest.raises(TypeError, match="not ndarray"):
            snapshot(np.zeros((3, 3, 3)))  # type: ignore[arg-type]  # pyright: ignore
        with pytest.raises(TypeError, match="not list"):
            snapshot(make_flat_image(), make_block(), ["brain"])  # type: ignore[arg-type]  # pyright: ignore


class TestThePicture:
    def test_picture_contains_only_pixels(self, tmp_path: Path) -> None:
        scan = make_flat_image()
        scan.SetMetaData("descrip", "Jane Doe")
        sitk.WriteImage(scan, tmp_path / "jane_doe.nii.gz")

        picture = snapshot(tmp_path / "jane_doe.nii.gz")

        kinds, start = [], 8
        while start < len(picture):
            length = int.from_bytes(picture[start : start + 4])
            kinds.append(picture[start + 4 : start + 8])
            start += length + 12
        assert set(kinds) == {b"IHDR", b"IDAT", b"IEND"}
        assert picture == snapshot(make_flat_image())

    def test_picture_is_displayed_in_notebooks_and_can_be_saved(self, tmp_path: Path) -> None:
        picture = snapshot(make_flat_image())

        assert isinstance(picture, Png)
        assert picture._repr_png_() == picture
        assert picture.save(tmp_path / "a.PNG").read_bytes() == picture

    def test_repr_of_a_picture_shows_its_size(self) -> None:
        picture = snapshot(make_flat_image())
        height, width = read_pixels(picture).shape[:2]

        assert repr(picture) == f"<Png {width} x {height}, {len(picture) / 1000:.0f} kB>"
        assert f"{picture}" == str(picture) == repr(picture)
        assert isinstance(picture, bytes)
        assert picture.startswith(b"\x89PNG")

    def test_picture_is_saved_completely_or_not_at_all(self, tmp_path: Path) -> None:
        picture = snapshot(make_flat_image())
        kept = tmp_path / "kept.png"
        kept.mkdir()

        with pytest.raises(FileNotWritten, match=r"kept\.png"):
            picture.save(kept)
        with pytest.raises(FileNotWritten, match="nowhere"):
            picture.save(tmp_path / "nowhere" / "a.png")
        with pytest.raises(ValueError, match=r"end in \.png, not a\.jpg"):
            picture.save(tmp_path / "a.jpg")

        assert list(tmp_path.iterdir()) == [kept]

    def test_snapshot_is_one_public_function(self) -> None:
        assert dss_client.snapshot is snapshot

    @pytest.mark.parametrize("missing", ["PIL", "SimpleITK"])
    def test_missing_library_raises_images_not_installed(self, missing: str) -> None:
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
