"""Labels: what the numbers in a segmentation are called, and in which colours they are shown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import asdict, evolve, fields

from dss_client.atomic_write import whole_file
from dss_client.errors import LabelsMissing, LabelsUnreadable
from dss_client.workspace import label_files
from dss_client.workspace.label import Label, get_default_colour, get_default_name

if TYPE_CHECKING:
    import pandas as pd

    from dss_client.workspace.registry import Registry


class Labels:
    """The labels of a segmentation, by their numbers, which are also their order.

    The background, 0, is no label, and is left out wherever it is given.
    """

    def __init__(self, labels: Iterable[Label] = ()) -> None:
        """Raises: ValueError: two labels have the same number."""
        self._by_id = dict[int, Label]()
        for label in sorted(labels, key=lambda label: label.id):
            if label.id in self._by_id:
                raise ValueError(
                    f"Two labels have the number {label.id}: {self._by_id[label.id].name!r} and "
                    f"{label.name!r}."
                )
            if label.id:
                self._by_id[label.id] = label

    @classmethod
    def read(cls, path: str | PathLike[str]) -> Labels:
        """Read a label file of ITK-SNAP.

        Raises:
            LabelsMissing: there is no such file.
            LabelsUnreadable: it is none, or cannot be read.
        """
        path = Path(path)
        try:
            text = path.read_text("utf-8-sig")
        except UnicodeDecodeError as cause:
            raise LabelsUnreadable(f"{path} is no label file: it is not UTF-8.") from cause
        except FileNotFoundError as cause:
            raise LabelsMissing(
                f"There is no label file {path}. Labels.write makes one, and so does ITK-SNAP."
            ) from cause
        except OSError as cause:
            raise LabelsUnreadable(f"{path} cannot be read: {cause.strerror or cause}.") from cause
        try:
            return cls(label_files.parse_labels(text, str(path)))
        except LabelsUnreadable:
            raise
        except ValueError as cause:
            raise LabelsUnreadable(f"{path}: {cause}") from cause

    def write(self, path: str | PathLike[str]) -> None:
        """Write a label file for ITK-SNAP.

        Raises:
            FileNotWritten: it could not be written.
        """
        with whole_file(Path(path)) as write:
            write(label_files.format_labels(self).encode())

    @classmethod
    def from_frame(cls, frame: pd.DataFrame) -> Labels:
        """The labels in a table, as `to_frame` makes it; more columns do no harm.

        Only the column `id` must be there. A label with no name is called by its number, one with
        no colour gets that of `colour_of`, and one with nothing else is opaque and visible.

        Raises:
            LabelsUnreadable: there is no column `id`, or a row is no label; names it.
        """
        if "id" not in frame.columns:
            raise LabelsUnreadable(
                f"A table of labels needs a column id; this one has {', '.join(map(str, frame))}."
            )
        columns = [name for name in _COLUMNS if name in frame.columns]
        said = frame[columns].astype("object")
        rows = zip(*(said[name].where(said[name].notna(), None) for name in columns), strict=True)
        try:
            return cls(_parse_row(dict(zip(columns, row, strict=True))) for row in rows)
        except ValueError as cause:
            raise LabelsUnreadable(f"A table of labels: {cause}") from cause

    def to_frame(self) -> pd.DataFrame:
        """Columns `id, name, red, green, blue, alpha, visible, visible_3d`; colours 0 to 255."""
        import pandas as pd  # noqa: PLC0415

        kinds = dict.fromkeys(_COLUMNS, "int64")
        kinds |= {"name": "str", "visible": "bool", "visible_3d": "bool"}
        return pd.DataFrame([asdict(label) for label in self], columns=list(_COLUMNS)).astype(kinds)

    @classmethod
    def from_registry(cls, table: Registry) -> Labels:
        """The labels in a workspace's `LabelTable`.

        Raises:
            KeyMissing, KeyUnreadable: a key of it is missing, or not what it should be.
            LabelsUnreadable: a number is out of its range, or stands twice.
        """
        count = table.get_int("NumberOfElements", 0)
        labels = [_read_element(table, f"Element[{number}]") for number in range(count)]
        try:
            return cls(labels)
        except ValueError as cause:
            raise LabelsUnreadable(f"{table!r}: {cause}") from cause

    def to_registry(self, table: Registry) -> None:
        """Put the labels into a workspace's `LabelTable`, in place of those in it."""
        table.clear()
        table["NumberOfElements"] = len(self)
        elements = {f"Element[{number}]": label for number, label in enumerate(self)}
        for key, label in sorted(elements.items()):  # each goes to the end, which is fast
            element = table.folder(key)
            element["Alpha"] = label.alpha
            element["Color"] = (label.red, label.green, label.blue)
            element["Flags"] = (label.visible_3d, label.visible)
            element["Index"] = label.id
            element["Label"] = label.name

    def merged(self, other: Labels, offset: int = 0, rename: str = "{}") -> Labels:
        """These labels and those of another table, which win where both have a number.

        As `itksnap-wt -labels-add` does.

        Args:
            other: the other table.
            offset: what is added to the other's numbers.
            rename: what becomes of the other's names: `Left {}`.

        Raises:
            ValueError: a number leaves its range, or `rename` is no such text.
        """
        if any(label.id + offset == 0 for label in other):
            raise ValueError(f"With {offset} added, a label becomes 0, the background.")
        added = {
            label.id + offset: evolve(
                label, id=label.id + offset, name=_rename_label(label, rename)
            )
            for label in other
        }
        return Labels({**self._by_id, **added}.values())

    def colour_of(self, id: int) -> tuple[int, int, int, int]:  # noqa: A002  # as in the table
        """Red, green, blue and opacity, each 0 to 255, of any number in a segmentation.

        One that is no label gets a colour that is always the same, and different from those of the
        numbers around it; the background is transparent.
        """
        if id == 0:
            return 0, 0, 0, 0
        return self._by_id[id].colour if id in self._by_id else (*get_default_colour(id), 255)

    def __getitem__(self, id: int) -> Label:  # noqa: A002  # as in the table
        """The label of a number. Raises `KeyError` if there is none."""
        return self._by_id[id]

    def __contains__(self, id: object) -> bool:  # noqa: A002  # as in the table
        return id in self._by_id

    def __iter__(self) -> Iterator[Label]:
        return iter(self._by_id.values())

    def __len__(self) -> int:
        return len(self._by_id)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Labels) and self._by_id == other._by_id

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return f"Labels({list(self)})"


_COLUMNS = tuple(attribute.name for attribute in fields(Label))


def _read_element(table: Registry, key: str) -> Label:
    """The label that an element of a workspace's table says."""
    id_ = table.get_int(f"{key}.Index")
    red, green, blue = table.get_ints(f"{key}.Color", 3)
    in_3d, in_slices = table.get_ints(f"{key}.Flags", 2, (1, 1))
    name = table.get(f"{key}.Label", get_default_name(id_))
    alpha = table.get_int(f"{key}.Alpha", 255)
    try:
        return Label(
            id=id_,
            name=name,
            red=red,
            green=green,
            blue=blue,
            alpha=alpha,
            visible=bool(in_slices),
            visible_3d=bool(in_3d),
        )
    except ValueError as cause:
        raise LabelsUnreadable(f"{key} of {table!r}: {cause}") from cause


def _rename_label(label: Label, rename: str) -> str:
    try:
        return rename.format(label.name)
    except (ValueError, LookupError, AttributeError) as cause:
        raise ValueError(
            f"Labels cannot be renamed to {rename!r}; it should have {{}} where their names go."
        ) from cause


def _parse_row(row: dict[str, object]) -> Label:
    """The label that a row of a table says; what it does not say, or leaves empty, is given."""
    said = {name: value for name, value in row.items() if value is not None}
    try:
        id_ = _convert_int(said.pop("id"))
        name = str(said.pop("name", get_default_name(id_)))
        return Label(id_, name, **{key: _convert_int(value) for key, value in said.items()})
    except (ValueError, TypeError, LookupError) as cause:
        raise ValueError(f"row {row} is no label: {cause}") from cause


def _convert_int(value: object) -> int:
    """The whole number in a field of a table, in which one may have become 1.0 or a text."""
    value = getattr(value, "item", lambda: value)()  # of numpy's numbers, which is Python's
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, int | str):
        return int(value)
    raise ValueError(f"{value} is no whole number")
