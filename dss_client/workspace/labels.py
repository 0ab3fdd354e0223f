"""Labels: names and colours of the numbers in a segmentation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import asdict, evolve, fields

from dss_client.atomic_write import open_atomically
from dss_client.errors import LabelsMissing, LabelsUnreadable
from dss_client.workspace import label_files
from dss_client.workspace.label import Label, get_default_colour, get_default_name

if TYPE_CHECKING:
    import pandas as pd

    from dss_client.workspace.registry import Registry


class Labels:
    """The labels of a segmentation, sorted by number.

    The background, 0, is not a label. It is left out of any input.
    """

    def __init__(self, labels: Iterable[Label] = ()) -> None:
        """Create labels.

        Raises:
            ValueError: two labels have the same number.
        """
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
        """Read an ITK-SNAP label file.

        Raises:
            LabelsMissing: the file does not exist.
            LabelsUnreadable: the file cannot be read, or it is not a label file.
        """
        path = Path(path)
        try:
            text = path.read_text("utf-8-sig")
        except UnicodeDecodeError as cause:
            raise LabelsUnreadable(f"{path} is not a label file: it is not UTF-8.") from cause
        except FileNotFoundError as cause:
            raise LabelsMissing(
                f"The label file {path} does not exist. Create one with Labels.write or ITK-SNAP."
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
        """Write an ITK-SNAP label file.

        Raises:
            FileNotWritten: the file could not be written.
        """
        with open_atomically(Path(path)) as write:
            write(label_files.format_labels(self).encode())

    @classmethod
    def from_frame(cls, frame: pd.DataFrame) -> Labels:
        """Create labels from a table with the columns of `to_frame`.

        Only the column `id` is required. Other columns are ignored. A label without a name is named
        after its number, and a label without a colour gets the colour that `colour_of` returns. A
        label is opaque and visible unless the table says otherwise.

        Raises:
            LabelsUnreadable: the column `id` is missing, or a row is not a label. The message names
                the row.
        """
        if "id" not in frame.columns:
            raise LabelsUnreadable(
                f"A table of labels needs a column id; this table has {', '.join(map(str, frame))}."
            )
        columns = [name for name in _COLUMNS if name in frame.columns]
        given = frame[columns].astype("object")
        rows = zip(*(given[name].where(given[name].notna(), None) for name in columns), strict=True)
        try:
            return cls(_parse_row(dict(zip(columns, row, strict=True))) for row in rows)
        except ValueError as cause:
            raise LabelsUnreadable(f"A table of labels: {cause}") from cause

    def to_frame(self) -> pd.DataFrame:
        """Return a table with a row for each label.

        The columns are `id, name, red, green, blue, alpha, visible, visible_3d`. Colours are
        0 to 255.
        """
        import pandas as pd  # noqa: PLC0415

        kinds = dict.fromkeys(_COLUMNS, "int64")
        kinds |= {"name": "str", "visible": "bool", "visible_3d": "bool"}
        return pd.DataFrame([asdict(label) for label in self], columns=list(_COLUMNS)).astype(kinds)

    @classmethod
    def from_registry(cls, table: Registry) -> Labels:
        """Create labels from the `LabelTable` of a workspace.

        Raises:
            KeyMissing: a key of the table is missing.
            KeyUnreadable: a value of the table does not have the expected form.
            LabelsUnreadable: a number is out of range or occurs twice.
        """
        count = table.get_int("NumberOfElements", 0)
        labels = [_read_element(table, f"Element[{number}]") for number in range(count)]
        try:
            return cls(labels)
        except ValueError as cause:
            raise LabelsUnreadable(f"{table!r}: {cause}") from cause

    def to_registry(self, table: Registry) -> None:
        """Replace the contents of a workspace's `LabelTable` with these labels."""
        table.clear()
        table["NumberOfElements"] = len(self)
        elements = {f"Element[{number}]": label for number, label in enumerate(self)}
        for key, label in sorted(elements.items()):  # sorted, so each is appended, which is fast
            element = table.folder(key)
            element["Alpha"] = label.alpha
            element["Color"] = (label.red, label.green, label.blue)
            element["Flags"] = (label.visible_3d, label.visible)
            element["Index"] = label.id
            element["Label"] = label.name

    def merged(self, other: Labels, offset: int = 0, rename: str = "{}") -> Labels:
        """Return these labels together with others, as `itksnap-wt -labels-add` does.

        If both have a label with the same number, the label of `other` is used.

        Args:
            other: the other labels.
            offset: a number to add to the numbers of the other labels.
            rename: a pattern for the names of the other labels, such as `Left {}`.

        Raises:
            ValueError: a new number is out of range, or the pattern is not valid.
        """
        if any(label.id + offset == 0 for label in other):
            raise ValueError(
                f"With the offset {offset}, a label gets the number 0, which is the background."
            )
        added = {
            label.id + offset: evolve(
                label, id=label.id + offset, name=_rename_label(label, rename)
            )
            for label in other
        }
        return Labels({**self._by_id, **added}.values())

    def colour_of(self, id: int) -> tuple[int, int, int, int]:  # noqa: A002  # as in the table
        """Return red, green, blue and opacity, each 0 to 255, of a number in a segmentation.

        A number without a label always gets the same colour. It differs from the colours of the
        numbers around it. The background is transparent.
        """
        if id == 0:
            return 0, 0, 0, 0
        return self._by_id[id].colour if id in self._by_id else (*get_default_colour(id), 255)

    def __getitem__(self, id: int) -> Label:  # noqa: A002  # as in the table
        """Return the label of a number.

        Raises:
            KeyError: the number does not have a label.
        """
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
    """Return the label of one element of a workspace's label table."""
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
            f"Labels cannot be renamed to {rename!r}. Write {{}} in the place of the old name."
        ) from cause


def _parse_row(row: dict[str, object]) -> Label:
    """Return the label of a table row. Missing and empty fields get their defaults."""
    given = {name: value for name, value in row.items() if value is not None}
    try:
        id_ = _convert_int(given.pop("id"))
        name = str(given.pop("name", get_default_name(id_)))
        return Label(id_, name, **{key: _convert_int(value) for key, value in given.items()})
    except (ValueError, TypeError, LookupError) as cause:
        raise ValueError(f"row {row} is not a label: {cause}") from cause


def _convert_int(value: object) -> int:
    """Return a whole number from a table field, which can be a float such as 1.0 or a string."""
    value = getattr(value, "item", lambda: value)()  # numpy numbers become Python's
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, int | str):
        return int(value)
    raise ValueError(f"{value} is not a whole number")
