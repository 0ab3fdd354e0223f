"""The database in which the state is saved."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from ..errors import DataDirError

FORMAT_VERSION = 1
"""The version of what is saved; to be raised whenever older code could not read it any more."""
APPLICATION_ID = 0x44535300
"""By which SQLite knows whose database it is."""

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
"""The kind of a document, its key, and its text; `None` for one that is no longer there."""


class Database:
    """Documents by kind and key, in the order in which they came; to be closed.

    What is written stays written, all of a transaction or nothing, however the process ends.
    For one thread at a time.

    Args:
        path: of the database, which is made if there is none.

    Raises:
        DataDirError: it is damaged, or was written by a newer version.
        OSError: it cannot be opened or made.
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
            raise ValueError("it is no database of a mock")
        if version > FORMAT_VERSION:
            raise DataDirError(
                f"{self.path} was written by a newer version of the mock; "
                "use that one, or another folder"
            )
        (damage,) = self._connection.execute("PRAGMA quick_check(1)").fetchone()
        if damage != "ok":
            raise ValueError(damage)

    @contextmanager
    def translate_errors(self) -> Iterator[None]:
        """Takes whatever goes wrong inside for damage.

        Raises:
            DataDirError: something went wrong.
        """
        try:
            yield
        except (sqlite3.DatabaseError, ValueError, TypeError, LookupError) as error:
            reason = " ".join(f"{error}".split()) or type(error).__name__
            raise DataDirError(
                f"{self.path} is damaged ({reason}); "
                f"put back a copy of it, or remove {self.path.parent} to begin anew"
            ) from error

    def read(self, kind: str) -> Iterator[str]:
        """The texts of a kind of documents."""
        query = "SELECT document FROM documents WHERE kind = ? ORDER BY place"
        for (text,) in self._connection.execute(query, [kind]):
            yield text

    @contextmanager
    def transaction(self) -> Iterator[Self]:
        """What is written inside stays if this ends well, and only then."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield self
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    def write(self, rows: Iterable[Row]) -> None:
        """Write documents, or remove them; in a transaction."""
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
        """Remove all documents of some kinds; in a transaction."""
        self._connection.executemany(
            "DELETE FROM documents WHERE kind = ?", [[kind] for kind in kinds]
        )

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()


def _connect(path: Path) -> sqlite3.Connection:
    # Without isolation level, it is we who begin transactions. Nobody but a curious user with the
    # command `sqlite3` ever holds the file, and that not for long.
    return sqlite3.connect(path, timeout=1, isolation_level=None, check_same_thread=False)


def _create(path: Path) -> None:
    """Make an empty database, which is there as a whole or not at all."""
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    # SQLite itself would let others read the tokens.
    os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    connection = _connect(draft)
    try:
        connection.executescript(_SCHEMA)
    finally:
        connection.close()
    draft.replace(path)
