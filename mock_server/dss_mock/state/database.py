"""The database of a saved state."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from ..errors import DataDirError

FORMAT_VERSION = 1
"""The version of the format. Raise it if older code cannot read the new format."""
APPLICATION_ID = 0x44535300
"""The number that marks an SQLite file as the database of a mock."""

_SCHEMA = f"""
PRAGMA application_id = {APPLICATION_ID};
PRAGMA user_version = {FORMAT_VERSION};
CREATE TABLE documents (
    place INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    key NOT NULL,
    document TEXT NOT NULL,
    UNIQUE (kind, key)
);
"""

Row = tuple[str, int | str, str | None]
"""The kind, key and text of a document. If the text is `None`, the document is deleted."""


class Database:
    """Documents by kind and key, in the order of their creation. Close it after use.

    A transaction is saved completely or not at all, even if the process is killed. Only one thread
    can use the database at a time.

    Args:
        path: the path of the database, which is created if needed.

    Raises:
        DataDirError: the database is damaged, or a newer version wrote it.
        OSError: the database cannot be opened or created.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        if not path.exists():
            _create(path)
        self._connection = _connect(path)
        try:
            with self.translate_errors():
                self._check()
        except BaseException:
            self.close()
            raise

    def _check(self) -> None:
        (application,) = self._connection.execute("PRAGMA application_id").fetchone()
        (version,) = self._connection.execute("PRAGMA user_version").fetchone()
        if application != APPLICATION_ID:
            raise ValueError("it is not the database of a mock")
        if version > FORMAT_VERSION:
            raise DataDirError(
                f"{self.path} was written by a newer version of the mock. "
                "Use that version, or choose a different folder."
            )
        (damage,) = self._connection.execute("PRAGMA quick_check(1)").fetchone()
        if damage != "ok":
            raise ValueError(damage)

    @contextmanager
    def translate_errors(self) -> Iterator[None]:
        """Report errors inside the `with` block as damage of the database.

        Raises:
            DataDirError: an error occurred inside the block.
        """
        try:
            yield
        except (sqlite3.DatabaseError, ValueError, TypeError, LookupError) as error:
            reason = " ".join(f"{error}".split()) or type(error).__name__
            raise DataDirError(
                f"{self.path} is damaged ({reason}). "
                f"Restore a copy of it, or delete {self.path.parent} to start from the beginning."
            ) from error

    def read(self, kind: str) -> Iterator[str]:
        """Yield the texts of all documents of a kind."""
        query = "SELECT document FROM documents WHERE kind = ? ORDER BY place"
        for (text,) in self._connection.execute(query, [kind]):
            yield text

    @contextmanager
    def transaction(self) -> Iterator[Self]:
        """Save all writes of the `with` block if the block succeeds. Otherwise save nothing."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield self
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    def write(self, rows: Iterable[Row]) -> None:
        """Write or delete documents. Call it in a transaction."""
        kept: list[Row] = []
        removed: list[tuple[str, int | str]] = []
        for row in rows:
            if row[2] is None:
                removed.append(row[:2])
            else:
                kept.append(row)
        self._connection.executemany(
            "INSERT INTO documents (kind, key, document) VALUES (?, ?, ?)"
            " ON CONFLICT (kind, key) DO UPDATE SET document = excluded.document",
            kept,
        )
        self._connection.executemany("DELETE FROM documents WHERE kind = ? AND key = ?", removed)

    def remove(self, kinds: Iterable[str]) -> None:
        """Delete all documents of some kinds. Call it in a transaction."""
        self._connection.executemany(
            "DELETE FROM documents WHERE kind = ?", [[kind] for kind in kinds]
        )

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


def _connect(path: Path) -> sqlite3.Connection:
    # Without an isolation level, this module starts its transactions itself. The short timeout is
    # enough, because at most a user with the command `sqlite3` holds the file for a moment.
    return sqlite3.connect(path, timeout=1, isolation_level=None, check_same_thread=False)


def _create(path: Path) -> None:
    """Create an empty database, completely or not at all."""
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    # SQLite would create a file that other users can read, tokens included.
    os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    connection = _connect(draft)
    try:
        connection.executescript(_SCHEMA)
    finally:
        connection.close()
    draft.replace(path)
