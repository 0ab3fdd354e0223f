"""A state in a folder, which is restored however the process ended."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import attrs
import pytest

from dss_api import FileArea, FileNotFound, LogCategory, NotLoggedIn
from dss_mock import DssServer, State
from dss_mock.dss_server import Client
from dss_mock.file_store import StoredFile
from dss_mock.seed import Seed, SeedUser
from dss_mock.state import Clock, DataDirError, Service, Session, Ticket, User, documents
from dss_mock.state.accounts import Accounts
from dss_mock.state.database import Database, Row
from dss_mock.state.entities import Attachment, LogEntry, Provider, StrayFiles
from dss_mock.state.foundation import Foundation
from dss_mock.state.persistence import Saver

DEADLINE = 30
DESCRIPTOR = {"name": "A", "version": "1", "shortdesc": "é", "extra": [1.5, None, {"x": True}]}
AT = datetime(2024, 2, 29, 12, tzinfo=UTC)


def store_file(state: State, content: bytes) -> Path:
    with state.file_store.create_file() as file:
        file.write(content)
        return Path(file.name)


def add_input_file(state: State, user: User, ticket: Ticket, name: str, content: bytes) -> Path:
    path = store_file(state, content)
    stored = StoredFile(name, path, len(content))
    state.file_areas.put_input(user, ticket.id, FileArea.INPUT, stored)
    return path


def populate(state: State) -> tuple[User, User, Service]:
    user = state.accounts.add("u@example.com", name="U", tier="xnat", accepted_terms=True)
    lab = state.accounts.add("lab@example.com", token="lab", sysadmin=True)
    state.catalogue.create_provider("lab")
    state.catalogue.add_member("lab", lab, admin=True)
    return user, lab, state.catalogue.register_service("lab", None, DESCRIPTOR)


def fill_state(state: State) -> None:
    """Change a state in every possible way."""
    user, lab, service = populate(state)
    state.catalogue.add_member("never created", user)
    state.catalogue.register_service("lab", "b" * 40, {**DESCRIPTOR, "version": 2})
    state.catalogue.withdraw_service("lab", "b" * 40)
    state.accounts.login(state.accounts.get_session(None), "lab")
    state.accounts.end_session(state.accounts.get_session(None))
    gone = state.accounts.get_session(None)
    state.accounts.login(gone, user.token)
    state.accounts.end_session(gone)
    tickets = [state.tickets.create(user, service) for _ in range(7)]
    for ticket in tickets[:6]:
        add_input_file(state, user, ticket, "scan é.nii.gz", b"scan")
        add_input_file(state, user, ticket, "overwritten", b"1")
        add_input_file(state, user, ticket, "last", b"2")
        add_input_file(state, user, ticket, "overwritten", b"3")
        state.tickets.submit(user, ticket.id, "ready")
    for ticket in tickets[:4]:
        state.tickets.claim(lab, [service], "lab", "i")
        state.clock.advance(seconds=90)
        state.progress.set(lab, ticket.id, 0.0, 0.5, 0.25)
        state.progress.set(lab, ticket.id, 0.5, 1.0, float("inf"))
        state.logbook.attach(lab, ticket.id, "a picture", "image/png", store_file(state, b"png"))
        state.logbook.write(lab, ticket.id, LogCategory.WARNING, "linked\r\n\0é")
        state.logbook.attach(lab, ticket.id, "unlinked", "text/plain", store_file(state, b"text"))
    result = StoredFile("out", store_file(state, b"result"), 6)
    state.file_areas.put_result(lab, tickets[0].id, FileArea.RESULTS, result)
    state.tickets.finish(lab, tickets[0].id, "success")
    state.tickets.finish(lab, tickets[1].id, "failed")
    state.tickets.finish(lab, tickets[2].id, "failed")
    state.tickets.retry(user, tickets[2].id)
    state.tickets.delete(user, tickets[1].id)


def describe(value: object) -> object:
    """Describe a value with all its attributes, for comparison."""
    kind: type = type(value)
    if attrs.has(kind):
        return {field.name: describe(getattr(value, field.name)) for field in attrs.fields(kind)}
    if isinstance(value, dict):
        return [(key, describe(item)) for key, item in value.items()]
    if isinstance(value, list | tuple):
        return [describe(item) for item in value]
    return value


def describe_state(state: State) -> object:
    services = list(state.catalogue.services.values())
    tickets = [state.tickets[number + 1] for number in range(len(state.tickets))]
    users = list(state.accounts.users.values())
    return [
        describe(users),
        describe(services),
        describe(list(state.catalogue.providers.values())),
        describe(tickets),
        [state.service_statistics.compute(service) for service in services],
        [state.ready_queues.get_position(ticket) for ticket in tickets],
        [ticket.id for user in users for ticket in state.ticket_registry.list_user_tickets(user)],
        [state.catalogue.list_user_services(user) == [] for user in users],
        len(state.catalogue.list_services()),
        sorted(path.name for path in state.file_store.list_files()),
    ]


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """Create a folder with a saved state."""
    with State.open(tmp_path / "data") as state:
        fill_state(state)
    return tmp_path / "data"


def test_reopened_state_equals_closed_state(tmp_path: Path) -> None:
    with State.open(tmp_path / "data") as state:
        assert not state.is_restored
        state.clock.freeze(AT)
        fill_state(state)
        state.save()
        before = describe_state(state)
    with State.open(tmp_path / "data") as state:
        assert state.is_restored
        assert describe_state(state) == before
        assert state.clock.now() == (AT + timedelta(seconds=360)).timestamp()
        # The restored state continues with the next ids.
        user, lab = state.accounts.users.values()
        (service, _) = state.catalogue.services.values()
        assert state.tickets.claim(lab, [service], "lab", "i") is state.tickets[3]
        assert state.tickets.create(user, service).id == 8
        entry = state.logbook.write(lab, 3, LogCategory.INFO, "again")
        entries = [other for number in range(1, 9) for other in state.tickets[number].log]
        assert sorted(other.id for other in entries) == list(range(1, entry.id + 1))
        assert len(entry.attachments) == 0
        before = describe_state(state)
    with State.open(tmp_path / "data") as state:
        assert describe_state(state) == before


@pytest.mark.parametrize(
    ("thing", "saved", "apart"),
    [
        (User, documents.UserDocument, {"is_forgotten"}),
        (Session, documents.SessionDocument, {"is_ended"}),
        (Service, documents.ServiceDocument, set[str]()),
        (Provider, documents.ProviderDocument, set[str]()),
        (Ticket, documents.TicketDocument, {"log"}),
        (LogEntry, documents.LogEntryDocument, set[str]()),
        (StrayFiles, documents.StrayFilesDocument, set[str]()),
        (Attachment, documents.AttachmentDocument, {"path"}),
        (StoredFile, documents.FileDocument, {"path"}),
    ],
)
def test_document_has_every_attribute_of_its_entity(
    thing: type[attrs.AttrsInstance], saved: type[attrs.AttrsInstance], apart: set[str]
) -> None:
    parts = {field.name for field in attrs.fields(thing)} - apart
    assert parts == {field.name for field in attrs.fields(saved)} - {"file"}


def test_session_survives_restart_unless_it_expired(tmp_path: Path) -> None:
    with DssServer(state=State.open(tmp_path)) as server:
        user = server.add_user("u@example.com")
        sessions = [server.client(user).session_id for _ in range(2)]
        server.state.accounts.forget_session(sessions[1])
        token = user.token
    with DssServer(state=State.open(tmp_path)) as server:
        with Client(server.url, sessions[0]) as client:
            assert client.session.get_login().email == "u@example.com"
        with Client(server.url, sessions[1]) as client, pytest.raises(NotLoggedIn):
            client.session.get_login()
        assert server.state.accounts.users[1].token == token
        # New random names differ from all names that were given out before.
        fresh = server.add_user("v@example.com").token
    with State() as state:
        assert fresh not in [state.accounts.add(f"{number}").token for number in range(10)]


def test_reset_removes_what_was_saved(tmp_path: Path) -> None:
    with State.open(tmp_path) as state:
        fill_state(state)
        state.save()
        state.reset()
        state.accounts.add("new@example.com")
    with State.open(tmp_path) as state:
        assert [user.email for user in state.accounts.users.values()] == ["new@example.com"]
        assert (state.catalogue.services, len(state.tickets)) == ({}, 0)
        assert state.file_store.list_files() == []


class FullDisk(Database):
    """A database on a disk that becomes full after the first users, while something else
    happens.
    """

    def __init__(self, path: Path, meanwhile: Callable[[], object]) -> None:
        super().__init__(path)
        self.is_full = True
        self._meanwhile = meanwhile
        self._users = 0

    def write(self, rows: Iterable[Row]) -> None:
        written = list(rows)
        self._users += any(kind == "user" for kind, _, _ in written)
        if self.is_full and self._users == 2:
            raise sqlite3.OperationalError("database or disk is full")
        super().write(written)
        if self.is_full and self._users == 1:
            self._meanwhile()


class FullForAWhile(Database):
    """A database on a disk that can be full for some time."""

    is_full = False
    failures = 0

    def write(self, rows: Iterable[Row]) -> None:
        if self.is_full:
            self.failures += 1
            raise sqlite3.OperationalError("database or disk is full")
        super().write(rows)


def test_full_disk_is_logged_once_until_saving_works_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def list_log_messages() -> list[str]:
        return [record.message for record in caplog.records]

    foundation, database = Foundation(Clock(), 0), FullForAWhile(tmp_path / "state.sqlite")
    saver = Saver(foundation, database)
    saver.start()
    database.is_full = True
    Accounts(foundation).add("u@example.com")
    wait_until(lambda: database.failures > 1, "saving is not tried again")
    assert list_log_messages() == ["The state of the mock cannot be saved at the moment"]
    database.is_full = False
    wait_until(lambda: len(list_log_messages()) > 1, "the log does not say that saving works")
    saver.close()
    assert list_log_messages()[1:] == ["The state of the mock is saved again"]


def test_reset_during_failed_save_is_saved_later(tmp_path: Path) -> None:
    def reset() -> None:
        foundation.changes.forget_all()
        accounts.clear()
        accounts.add("new@example.com")

    foundation = Foundation(Clock(), 0)
    foundation.changes.is_recording = True
    accounts = Accounts(foundation)
    for number in range(150):
        accounts.add(f"old{number}@example.com")
    database = FullDisk(tmp_path / "state.sqlite", reset)
    saver = Saver(foundation, database, 0)
    with pytest.raises(DataDirError, match="disk is full"):
        saver.save()
    database.is_full = False
    saver.close()
    with State.open(tmp_path) as state:
        assert [user.email for user in state.accounts.users.values()] == ["new@example.com"]


def test_failed_start_saves_nothing(tmp_path: Path) -> None:
    good, bad = (
        Seed(users=(SeedUser("a@example.com"), SeedUser(email)))
        for email in ("b@example.com", "test@example.com")
    )
    for _ in range(2):
        with State.open(tmp_path) as state:
            with pytest.raises(ValueError, match=r"the user 'test@example\.com' exists already"):
                DssServer(state=state, noauth=True, seed=bad)
            state.save()
    with DssServer(state=State.open(tmp_path), noauth=True, seed=good) as server:
        assert not server.state.is_restored
        emails = [user.email for user in server.state.accounts.users.values()]
    with DssServer(state=State.open(tmp_path), noauth=True, seed=good) as server:
        assert server.state.is_restored
        assert [user.email for user in server.state.accounts.users.values()] == emails
    assert emails == ["test@example.com", "a@example.com", "b@example.com"]


def test_files_of_process_killed_before_first_save_are_deleted(tmp_path: Path) -> None:
    script = (
        "import os, sys; from pathlib import Path; from dss_mock import State;"
        "State.open(Path(sys.argv[1])).file_store.create_file().close(); os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", script, f"{tmp_path}"], timeout=DEADLINE, check=True)
    assert any((tmp_path / "files").iterdir())
    with State.open(tmp_path) as state:
        assert (state.is_restored, state.file_store.list_files()) == (False, [])


def test_saved_files_are_readable_only_by_their_owner(tmp_path: Path) -> None:
    with State.open(tmp_path / "a" / "b") as state:
        populate(state)
    home = tmp_path / "a" / "b"
    if os.name == "posix":
        assert stat.S_IMODE(home.stat().st_mode) == 0o700
        assert stat.S_IMODE((home / "files").stat().st_mode) == 0o700
        assert stat.S_IMODE((home / "state.sqlite").stat().st_mode) == 0o600
    assert sorted(path.name for path in home.iterdir()) == ["files", "lock", "state.sqlite"]


# ---------------------------------------------------------------------------------------- files


def test_files_without_ticket_are_deleted_when_state_is_opened(tmp_path: Path) -> None:
    with State.open(tmp_path) as state:
        user, _, service = populate(state)
        kept = add_input_file(state, user, state.tickets.create(user, service), "a", b"a")
        stray = store_file(state, b"stray")
        (state.file_store.path / "notes.txt").write_text("not one of the mock's")
    with State.open(tmp_path) as state:
        assert (kept.exists(), stray.exists()) == (True, False)
        assert (state.file_store.path / "notes.txt").exists()
        assert not state.file_store.allocate_path().exists()


def test_files_uploaded_before_their_ticket_exists_are_kept_until_it_does(tmp_path: Path) -> None:
    def list_stray_files(state: State, ticket_id: int) -> list[tuple[str, bytes]]:
        files = state.file_areas.list_files(ticket_id, FileArea.INPUT)
        return [(file.name, file.read_bytes()) for file in files]

    huge = 10**30
    with State.open(tmp_path) as state:
        user, lab, service = populate(state)
        for ticket_id in (1, 2, huge):
            file = StoredFile("stray", store_file(state, b"one"), 3)
            state.file_areas.put_input(lab, ticket_id, FileArea.INPUT, file)
    with State.open(tmp_path) as state:
        user, _ = state.accounts.users.values()
        (service,) = state.catalogue.services.values()
        assert [list_stray_files(state, ticket_id) for ticket_id in (1, huge)] == 2 * [
            [("stray", b"one")]
        ]
        state.tickets.create(user, service)
        assert list_stray_files(state, 1) == []
    with State.open(tmp_path) as state:
        assert [list_stray_files(state, ticket_id) for ticket_id in (1, 2)] == [
            [],
            [("stray", b"one")],
        ]
        assert len(state.file_store.list_files()) == 2


def test_download_of_file_missing_on_disk_is_file_not_found(tmp_path: Path) -> None:
    with State.open(tmp_path) as state:
        user, _, service = populate(state)
        ticket = state.tickets.create(user, service)
        path = add_input_file(state, user, ticket, "a", b"a")
    path.unlink()
    with DssServer(state=State.open(tmp_path)) as server:
        assert server.state.file_store.allocate_path() != path
        client = server.client(server.state.accounts.users[1])
        (file,) = client.user.list_ticket_files(ticket_id=ticket.id, area=FileArea.INPUT)
        assert file.filename == "a"
        with pytest.raises(FileNotFound):
            client.user.download_ticket_file(ticket_id=ticket.id, area=FileArea.INPUT, index=0)


# --------------------------------------------------------------------------------------- killed

WORKER = """
import sys
import time
from pathlib import Path
from dss_mock import State

state = State.open(Path(sys.argv[1]))
user = state.accounts.add("u@example.com", tier="xnat")
state.catalogue.create_provider("lab")
state.catalogue.add_member("lab", user)
descriptor = {"name": "A", "version": "1", "shortdesc": "s"}
service = state.catalogue.register_service("lab", None, descriptor)
state.save()
print("started", flush=True)
while True:
    time.sleep(0.001)  # no faster than requests come
    ticket = state.tickets.create(user, service, unlimited=True)
    state.tickets.submit(user, ticket.id, "ready")
    state.accounts.login(state.accounts.get_session(None), user.token)
    if ticket.id % 2:
        state.tickets.claim(user, [service], "lab", "i")
        state.tickets.finish(user, ticket.id // 2 + 1, "success")
"""


@contextmanager
def run_worker(*arguments: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "started\n"
            yield process
        finally:
            process.kill()


def wait_until(true: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + DEADLINE
    while not true():
        assert time.monotonic() < deadline, what
        time.sleep(0.01)


def count_saved_tickets(data_dir: Path) -> int:
    with closing(sqlite3.connect(data_dir / "state.sqlite", timeout=DEADLINE)) as connection:
        query = "SELECT count(*) FROM documents WHERE kind = 'ticket'"
        count: int = connection.execute(query).fetchone()[0]
        return count


def test_killed_mock_loses_only_last_changes(tmp_path: Path) -> None:
    with run_worker(WORKER, f"{tmp_path}") as process:
        with pytest.raises(DataDirError, match=r"in use by another mock"):
            State.open(tmp_path)
        wait_until(lambda: count_saved_tickets(tmp_path) > 100, "nothing is saved")
        before = count_saved_tickets(tmp_path)
        process.kill()
        process.wait(timeout=DEADLINE)
    with State.open(tmp_path) as state:
        (user,) = state.accounts.users.values()
        (service,) = state.catalogue.services.values()
        tickets = [state.tickets[number + 1] for number in range(len(state.tickets))]
        assert len(tickets) >= before
        # The state is a snapshot of one moment: every line of the log exists once.
        entries = sorted(entry.id for ticket in tickets for entry in ticket.log)
        assert entries == list(range(1, len(entries) + 1))
        for ticket in tickets[:-1]:
            assert len(ticket.log) == len([s for s in ticket.statuses if s in ("ready", "claimed")])
        waiting = sum(ticket.status == "ready" for ticket in tickets)
        assert state.ready_queues.get_length(service) == waiting
        done = sum(ticket.status == "success" for ticket in tickets)
        assert state.service_statistics.compute(service).n_success == done
        state.accounts.login(state.accounts.get_session(None), user.token)


SUDDEN = """
import os
import sys
from pathlib import Path
from dss_api import FileArea
from dss_mock import State
from dss_mock.entity_factory import add_provider, add_service, add_ticket
from dss_mock.file_store import StoredFile

state = State.open(Path(sys.argv[1]))
user = state.accounts.add("u@example.com")
service = add_service(state, add_provider(state, "lab", [user]), None, None)
files = {"a": b"one", "b": b"one"}
ticket = add_ticket(state, user, service, files=files, status="init", claimed_by=None)
state.save()
if sys.argv[2] == "overwrite":
    path = state.file_store.allocate_path()
    path.write_bytes(b"two")
    state.file_areas.put_input(user, ticket.id, FileArea.INPUT, StoredFile("a", path, 3))
elif sys.argv[2] == "delete":
    state.tickets.delete(user, ticket.id)
else:
    state.reset()
os._exit(0)
"""


@pytest.mark.parametrize("last", ["overwrite", "delete", "reset"])
def test_files_are_deleted_only_after_change_is_saved(tmp_path: Path, last: str) -> None:
    script = [sys.executable, "-c", SUDDEN, f"{tmp_path}", last]
    subprocess.run(script, timeout=DEADLINE, check=True)
    with State.open(tmp_path) as state:
        for ticket in state.tickets:
            # The state is a snapshot of one moment, even if the change is not saved.
            for file in ticket.inputs.values():
                assert file.read_bytes() in (b"one", b"two")
        kept = [path for ticket in state.tickets for path in ticket.paths]
        assert sorted(state.file_store.list_files()) == sorted(kept)


def test_erased_files_are_deleted_once_change_is_saved(data_dir: Path) -> None:
    with State.open(data_dir) as state:
        user, ticket = state.accounts.users[1], state.tickets[7]
        old = add_input_file(state, user, ticket, "a", b"one")
        new = add_input_file(state, user, ticket, "a", b"two")
        with closing(sqlite3.connect(data_dir / "state.sqlite")) as other:
            other.execute("BEGIN EXCLUSIVE")
            with pytest.raises(DataDirError, match="cannot write"):
                state.save()
            assert (old.exists(), new.exists()) == (True, True)
        state.save()
        assert (old.exists(), new.exists()) == (False, True)
        state.reset()
        state.save()
        assert state.file_store.list_files() == []


KILLED = """
import sys
from dss_mock import State
state = State()
with state.file_store.create_file() as file:
    file.write(b"x" * 1000)
print("started", flush=True)
sys.stdin.read()
"""


def test_next_mock_deletes_temporary_folders_of_killed_mocks(tmp_path: Path) -> None:
    def list_temporary_folders() -> set[Path]:
        return set(tmp_path.glob("dss_mock_*"))

    with run_worker(KILLED, TMPDIR=f"{tmp_path}", TEMP=f"{tmp_path}") as killed:
        (left,) = list_temporary_folders()
        killed.kill()
        killed.wait(timeout=DEADLINE)
    with run_worker(KILLED, TMPDIR=f"{tmp_path}", TEMP=f"{tmp_path}"):
        # Such a young folder may belong to a mock that has not locked it yet.
        assert left in list_temporary_folders()
        (in_use,) = list_temporary_folders() - {left}
        stranger = tmp_path / "dss_mock_of_somebody_else"
        stranger.mkdir()
        target = tmp_path / "elsewhere"
        target.mkdir()
        (target / "lock").touch()
        link = tmp_path / "dss_mock_link"
        link.symlink_to(target)
        for path in (left, in_use, stranger, target):
            os.utime(path, (0, 0))
        with run_worker(KILLED, TMPDIR=f"{tmp_path}", TEMP=f"{tmp_path}"):
            assert left not in list_temporary_folders()
            assert {in_use, stranger, link} < list_temporary_folders()
            assert (target / "lock").exists()


# -------------------------------------------------------------------------------------- refused


def execute_sql(data_dir: Path, statement: str) -> None:
    with closing(sqlite3.connect(data_dir / "state.sqlite")) as connection, connection:
        connection.execute(statement)


def overwrite_database(data_dir: Path) -> None:
    (data_dir / "state.sqlite").write_bytes(b"nothing that SQLite knows" * 100)


def empty_database(data_dir: Path) -> None:
    (data_dir / "state.sqlite").write_bytes(b"")


def truncate_database(data_dir: Path) -> None:
    path = data_dir / "state.sqlite"
    os.truncate(path, path.stat().st_size // 2)


def break_document(data_dir: Path) -> None:
    execute_sql(data_dir, "UPDATE documents SET document = '{' WHERE kind = 'ticket' AND key = 3")


def remove_keys(data_dir: Path) -> None:
    execute_sql(
        data_dir, "UPDATE documents SET document = '{\"id\": 1}' WHERE kind = 'user' AND key = 1"
    )


def add_unknown_key(data_dir: Path) -> None:
    execute_sql(data_dir, "UPDATE documents SET document = replace(document, '{', '{\"more\":1,')")


def set_clock_out_of_range(data_dir: Path) -> None:
    setting = '{"run":0,"clock":{"ahead":1e12,"frozen_at":null}}'
    execute_sql(data_dir, f"UPDATE documents SET document = '{setting}' WHERE kind = 'settings'")


def delete_users(data_dir: Path) -> None:
    execute_sql(data_dir, "DELETE FROM documents WHERE kind = 'user'")


def point_file_outside_folder(data_dir: Path) -> None:
    execute_sql(
        data_dir, "UPDATE documents SET document = replace(document, '00000001', '../lock')"
    )


DAMAGES = [
    overwrite_database,
    empty_database,
    truncate_database,
    break_document,
    remove_keys,
    add_unknown_key,
    set_clock_out_of_range,
    delete_users,
    point_file_outside_folder,
]


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_database_is_reported_and_left_unchanged(
    data_dir: Path, damage: Callable[[Path], None]
) -> None:
    damage(data_dir)
    before = {path: path.read_bytes() for path in data_dir.rglob("*") if path.is_file()}
    with pytest.raises(DataDirError) as refused:
        State.open(data_dir)
    assert str(refused.value).startswith(f"{data_dir / 'state.sqlite'} is damaged (")
    assert str(refused.value).endswith(
        f"Restore a copy of it, or delete {data_dir} to start from the beginning."
    )
    assert "\n" not in str(refused.value)
    assert {path: path.read_bytes() for path in data_dir.rglob("*") if path.is_file()} == before


def test_database_of_newer_version_is_refused(data_dir: Path) -> None:
    execute_sql(data_dir, "PRAGMA user_version = 2")
    with pytest.raises(
        DataDirError, match=r"written by a newer version of the mock\. Use that version"
    ):
        State.open(data_dir)


def test_data_dir_with_files_but_without_database_is_refused(data_dir: Path) -> None:
    (data_dir / "state.sqlite").unlink()
    with pytest.raises(DataDirError, match=r"state\.sqlite is missing, but the files"):
        State.open(data_dir)
    assert any((data_dir / "files").iterdir())


def test_unusable_data_dir_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DataDirError, match=r"^cannot use .*file: "):
        State.open(tmp_path / "file")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "files").touch()
    with pytest.raises(DataDirError, match=r"^cannot use .*data: "):
        State.open(tmp_path / "data")
    (tmp_path / "data" / "files").unlink()
    State.open(tmp_path / "data").close()


def test_second_state_on_same_data_dir_is_refused(data_dir: Path) -> None:
    with State.open(data_dir) as state:
        with pytest.raises(DataDirError) as refused:
            State.open(data_dir)
        assert str(refused.value).startswith(f"{data_dir} is in use by another mock. ")
        state.save()
    State.open(data_dir).close()


def test_changes_that_could_not_be_saved_are_saved_later(tmp_path: Path) -> None:
    with State.open(tmp_path) as state:
        user, _, service = populate(state)
        state.save()
        state.tickets.create(user, service)
        with closing(sqlite3.connect(tmp_path / "state.sqlite")) as other:
            other.execute("BEGIN EXCLUSIVE")
            with pytest.raises(DataDirError, match="cannot write"):
                state.save()
            state.tickets.create(user, service)
        state.save()
    with State.open(tmp_path) as state:
        assert len(state.tickets) == 2


def test_close_reports_changes_that_could_not_be_saved(tmp_path: Path) -> None:
    state = State.open(tmp_path)
    populate(state)
    with closing(sqlite3.connect(tmp_path / "state.sqlite")) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(DataDirError, match="cannot write"):
            state.close()
    # The folder is free nevertheless.
    State.open(tmp_path).close()
