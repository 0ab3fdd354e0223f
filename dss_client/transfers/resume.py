"""The record of completely downloaded files, which a later call does not download again."""

from __future__ import annotations

import json
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from dss_client.atomic_write import open_atomically

if TYPE_CHECKING:
    from dss_client.transfers.ticket_files import FileSource

RECORD_FILENAME = ".itksnap-dss.json"
"""The name of the record in the download folder; no file of a ticket can have this name."""


class ResumeRecord:
    """The completely downloaded files of one ticket that have not changed since.

    The record is a file in the download folder, so a later process can read it. A record of another
    ticket or of another middleware is ignored. Several threads can share a record if only one
    thread saves it.
    """

    def __init__(self, folder: Path, files: FileSource) -> None:
        self._path = folder / RECORD_FILENAME
        self._owner = {"server": files.server, "ticket": files.ticket, "area": files.area}
        self._lock = Lock()
        self._states = self._read_states()
        self._is_changed = False

    def get_size(self, path: Path) -> int | None:
        """Return the size of a recorded, unchanged file in bytes; `None` for any other file."""
        state = _read_file_state(path)
        if state is None or self._states.get(path.name) != state:
            return None
        return state["size"]

    def add_file(self, path: Path) -> None:
        """Record a file that is complete now."""
        state = _read_file_state(path)
        with self._lock:
            self._states[path.name] = state
            self._is_changed = True

    def clear(self) -> None:
        """Remove all files from the record."""
        with self._lock:
            self._states.clear()
            self._is_changed = True

    def save(self) -> None:
        """Write the record to the folder if it has changed.

        Raises:
            FileNotWritten: the record could not be written.
        """
        with self._lock:
            if not self._is_changed:
                return
            self._is_changed = False
            text = json.dumps({**self._owner, "files": self._states}, indent=1)
        with open_atomically(self._path) as write:
            write(text.encode())

    def _read_states(self) -> dict[str, object]:
        if not self._path.is_file():
            return {}
        try:
            record = json.loads(self._path.read_bytes())
        except (OSError, ValueError):
            return {}  # then all files are downloaded again
        states = record.pop("files", None) if isinstance(record, dict) else None
        return states if isinstance(states, dict) and record == self._owner else {}


def _read_file_state(path: Path) -> dict[str, int] | None:
    """Return the size and the time of the last change of a file; `None` if it does not exist."""
    try:
        status = path.lstat()
    except OSError:
        return None
    return {"size": status.st_size, "mtime_ns": status.st_mtime_ns}
