"""Which files in a folder came there whole, and of which ticket: what a later run may keep."""

from __future__ import annotations

import json
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from dss_client.atomic_write import whole_file

if TYPE_CHECKING:
    from dss_client.transfers.ticket_files import FileSource

RECORD_FILENAME = ".itksnap-dss.json"
"""The file in a ticket's folder that says so; no file of a ticket can have its name."""


class ResumeRecord:
    """The files of one ticket that came whole into its folder, and that nothing wrote to since.

    A record in the folder outlives the process. What it says of another ticket, or of one at
    another middleware, counts for nothing. May be shared by threads, of which one saves.
    """

    def __init__(self, folder: Path, files: FileSource) -> None:
        self._path = folder / RECORD_FILENAME
        self._owner = {"server": files.server, "ticket": files.ticket, "area": files.area}
        self._lock = Lock()
        self._states = self._read_states()
        self._is_changed = False

    def get_size(self, path: Path) -> int | None:
        """How many bytes a file has that is among them; `None` if it is not."""
        state = _read_file_state(path)
        if state is None or self._states.get(path.name) != state:
            return None
        return state["size"]

    def add_file(self, path: Path) -> None:
        """Take a file in that is whole now."""
        state = _read_file_state(path)
        with self._lock:
            self._states[path.name] = state
            self._is_changed = True

    def clear(self) -> None:
        """Trust none of the files any more."""
        with self._lock:
            self._states.clear()
            self._is_changed = True

    def save(self) -> None:
        """Write the record, if there is news.

        Raises:
            FileNotWritten: it could not be written.
        """
        with self._lock:
            if not self._is_changed:
                return
            self._is_changed = False
            text = json.dumps({**self._owner, "files": self._states}, indent=1)
        with whole_file(self._path) as write:
            write(text.encode())

    def _read_states(self) -> dict[str, object]:
        if not self._path.is_file():
            return {}
        try:
            kept = json.loads(self._path.read_bytes())
        except (OSError, ValueError):
            return {}  # nobody else writes it, so at worst all files are fetched again
        states = kept.pop("files", None) if isinstance(kept, dict) else None
        return states if isinstance(states, dict) and kept == self._owner else {}


def _read_file_state(path: Path) -> dict[str, int] | None:
    """By what it is seen that nothing wrote to a file; `None` if it is not there."""
    try:
        status = path.lstat()
    except OSError:
        return None
    return {"size": status.st_size, "mtime_ns": status.st_mtime_ns}
