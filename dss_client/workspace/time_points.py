"""The time points of a workspace whose images have several."""

from __future__ import annotations

from dss_client.workspace import keys
from dss_client.workspace.registry import Registry
from dss_client.workspace.tagged_folder import TaggedFolder

TIME_POINTS = "TimePointProperties.TimePoints"
"""The folder of the time points."""


class TimePoint(TaggedFolder):
    """A time point of a workspace, which can have a nickname and tags.

    A live view, as `Layer` is.
    """

    _NICKNAME_KEY = "Nickname"

    @property
    def number(self) -> int:
        """Which one it is, from 1.

        Raises:
            KeyMissing, KeyUnreadable: the workspace does not say it.
        """
        return self.registry.get_int("TimePoint")


def list_folders(workspace: Registry) -> list[Registry]:
    """The folders of the time points that a workspace says something of, in their order.

    Raises:
        KeyMissing, KeyUnreadable: the table is not what it should be.
    """
    if not workspace.has_folder(TIME_POINTS):
        return []
    table = workspace.folder(TIME_POINTS)
    return sorted(map(table.folder, table.folder_keys()), key=lambda one: one.get_int("TimePoint"))


def get_or_create_folder(workspace: Registry, number: int) -> Registry:
    """The folder of a time point; it, and those before it, are made if they are not there.

    Raises:
        ValueError: there is no such time point.
    """
    if number < 1:
        raise ValueError(f"Time points count from 1; {number} is none.")
    table = workspace.folder(TIME_POINTS)
    missing = {
        f"TimePoint[{new}]": new
        for new in range(1, number + 1)
        if f"TimePoint[{new}].TimePoint" not in table
    }
    for key, new in sorted(missing.items()):  # as they are kept, which is fast
        for entry in ("Nickname", keys.TAGS):
            table[f"{key}.{entry}"] = table.get(f"{key}.{entry}")
        table[f"{key}.TimePoint"] = new
    if missing:
        table["ArraySize"] = len(table.folder_keys())  # whatever it said, which may be wrong
        workspace["TimePointProperties.FormatVersion"] = 1
    return table.folder(f"TimePoint[{number}]")
