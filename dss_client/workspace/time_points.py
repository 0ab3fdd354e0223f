"""Time points of a workspace with a time series."""

from __future__ import annotations

from dss_client.workspace import keys
from dss_client.workspace.registry import Registry
from dss_client.workspace.tagged_folder import TaggedFolder

TIME_POINTS = "TimePointProperties.TimePoints"
"""The key of the folder of time points."""


class TimePoint(TaggedFolder):
    """A time point of a workspace. It can have a nickname and tags.

    The object is a live view, like `Layer`.
    """

    _NICKNAME_KEY = "Nickname"

    @property
    def number(self) -> int:
        """The number of the time point, from 1.

        Raises:
            KeyMissing: the workspace does not store the number.
            KeyUnreadable: the stored number is not a whole number.
        """
        return self.registry.get_int("TimePoint")


def list_folders(workspace: Registry) -> list[Registry]:
    """List the folders of the stored time points, sorted by number.

    Raises:
        KeyMissing: a time point does not have a number.
        KeyUnreadable: the number of a time point is not a whole number.
    """
    if not workspace.has_folder(TIME_POINTS):
        return []
    table = workspace.folder(TIME_POINTS)
    folders = map(table.folder, table.folder_keys())
    return sorted(folders, key=lambda folder: folder.get_int("TimePoint"))


def get_or_create_folder(workspace: Registry, number: int) -> Registry:
    """Return the folder of a time point. Create missing folders up to this time point.

    Raises:
        ValueError: the number is less than 1.
    """
    if number < 1:
        raise ValueError(f"Time points count from 1, so {number} is not valid.")
    table = workspace.folder(TIME_POINTS)
    missing = {
        f"TimePoint[{new}]": new
        for new in range(1, number + 1)
        if f"TimePoint[{new}].TimePoint" not in table
    }
    for key, new in sorted(missing.items()):  # sorted like the stored keys, which is fast
        for entry in ("Nickname", keys.TAGS):
            table[f"{key}.{entry}"] = table.get(f"{key}.{entry}")
        table[f"{key}.TimePoint"] = new
    if missing:
        table["ArraySize"] = len(table.folder_keys())  # the stored size may be wrong
        workspace["TimePointProperties.FormatVersion"] = 1
    return table.folder(f"TimePoint[{number}]")
