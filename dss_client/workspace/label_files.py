"""ITK-SNAP label files: text with one label per line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from dss_client.errors import LabelsUnreadable
from dss_client.workspace.entry_values import quote_shortened
from dss_client.workspace.label import Label

_HEADER = """\
# Labels of a segmentation, one a line, as ITK-SNAP reads and writes them:
#   IDX      the number in the segmentation
#   -R- -G- -B-   the colour, 0 to 255
#   -A-      opacity, 0 to 1
#   VIS      1 if the label is shown in slices
#   MSH      1 if the label is shown in 3D
#   LABEL    the name
# IDX   -R-  -G-  -B-  -A--  VIS MSH  LABEL
"""
_LINE_PATTERN = re.compile(
    r"\s*([0-9]+)\s+([0-9]+)\s+([0-9]+)\s+([0-9]+)\s+([0-9.eE+-]+)\s+([01])\s+([01])\s+"
    r'"(.*)"\s*',
    re.ASCII,
)
_BACKGROUND_LINE = '    0     0    0    0  0.00  0   0    "Clear Label"\n'


def parse_labels(text: str, source: str) -> Iterator[Label]:
    """Parse the text of a label file. The background is included.

    Args:
        text: the text of the file.
        source: the name of the file, for messages.

    Raises:
        LabelsUnreadable: a line is not a label. The message gives the number of the line.
    """
    for number, line in enumerate(re.split("\r?\n", text), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            yield _parse_line(line)
        except ValueError as cause:
            raise LabelsUnreadable(f"{source}, line {number}: {cause}.") from cause


def format_labels(labels: Iterable[Label]) -> str:
    """Return the text of a label file, with the background first."""
    return "".join([_HEADER, _BACKGROUND_LINE, *map(_format_line, labels)])


def _parse_line(line: str) -> Label:
    """Return the label of one line."""
    found = _LINE_PATTERN.fullmatch(line)
    if found is None:
        raise ValueError(
            f"{quote_shortened(line.strip())} is not a label; it should be a number, red, green, "
            "blue, opacity, two flags and a name in quotes"
        )
    id_, red, green, blue = map(int, found.groups()[:4])
    opacity = float(found[5])
    if not 0 <= opacity <= 1:
        raise ValueError(f"the opacity must be 0 to 1, not {found[5]}")
    return Label(
        id=id_,
        name=found[8],
        red=red,
        green=green,
        blue=blue,
        alpha=round(opacity * 255),
        visible=found[6] == "1",
        visible_3d=found[7] == "1",
    )


def _format_line(label: Label) -> str:
    """Return the line of one label."""
    # Round up, with a third digit if needed. So a reader gets the same number back whether it
    # rounds or truncates.
    opacity = f"{-(-label.alpha * 1000 // 255) / 1000:.3f}"
    if opacity.endswith("0"):
        opacity = opacity[:-1]
    return (
        f"{label.id:5d} {label.red:5d} {label.green:4d} {label.blue:4d}  {opacity}  "
        f'{label.visible:d}   {label.visible_3d:d}    "{label.name}"\n'
    )
