"""Which files in a folder came there whole, and of which ticket: what a later run may keep."""

from __future__ import annotations

import json
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from dss_client.atomic_write import whole_file

if TYPE_CHECKING:
    from dss_client.transfers.ticket_files import FileSource

RECORD = ".itksnap-dss.json"
"""The file in a ticket's folder that says so; no file of a ticket can have its name."""


class Finished:
    """The files of one ticket that came whole into its folder, and that nothing wrote to since.

    A record in the folder outlives the process. What it says of another ticket, or of one at
    another middleware, counts for nothing. May be shared by threads, of which one saves.
    """

    def __init__(self, folder: Path, files: FileSource) -> None:
        self._path = folder / RECORD
        self._whose = {"server": files.server, "ticket": files.ticket, "area": files.area}
        self._lock = Lock()
        self._states = self._read()
        self._changed = False

    def size(self, path: Path) -> int | None:
        """How many bytes a file has that is among them; `None` if it is not."""
        state = _state(path)
        if state is None or self._states.get(path.name) != state:
            return None
        return state["size"]

    def add(self, path: Path) -> None:
        """Take a file in that is whole now."""
        state = _state(path)
        with self._lock:
            self._states[path.name] = state
            self._changed = True

    def forget(self) -> None:
        """Trust none of the files any more."""
        with self._lock:
            self._states.clear()
            self._changed = True

    def save(self) -> None:
        """Write the record, if there is news.

        Raises:
            FileNotWritten: it could not be written.
        """
        with self._lock:
            if not self._changed:
                return
            self._changed = False
            text = json.dumps({**self._whose, "files": self._states}, indent=1)
        with whole_file(self._path) as write:
            write(text.encode())

    def _read(self) -> dict[str, object]:
        if not self._path.is_file():
            return {}
        try:
            kept = json.loads(self._path.read_bytes())
        except (OSError, ValueError):
            return {}  # nobody else writes it, so at worst all files are fetched again
        states = kept.pop("files", None) if isinstance(kept, dict) else None
        return states if isinstance(states, dict) and kept == self._whose else {}


def _state(path: Path) -> dict[str, int] | None:
    """By what it is seen that nothing wrote to a file; `None` if it is not there."""
    try:
        status = path.lstat()
    except OSError:
        return None
    return {"size": status.st_size, "mtime_ns": status.st_mtime_ns}
