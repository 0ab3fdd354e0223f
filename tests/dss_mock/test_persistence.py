"""A state that lies in a folder: it is there again, whatever ended the mock."""

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


def store(state: State, content: bytes) -> Path:
    with state.file_store.create_file() as file:
        file.write(content)
        return Path(file.name)


def give(state: State, user: User, ticket: Ticket, name: str, content: bytes) -> Path:
    path = store(state, content)
    stored = StoredFile(name, path, len(content))
    state.file_areas.put_input(user, ticket.id, FileArea.INPUT, stored)
    return path


def populate(state: State) -> tuple[User, User, Service]:
    user = state.accounts.add("u@example.com", name="U", tier="xnat", accepted_terms=True)
    lab = state.accounts.add("lab@example.com", token="lab", sysadmin=True)
    state.catalogue.create_provider("lab")
    state.catalogue.add_member("lab", lab, admin=True)
    return user, lab, state.catalogue.register_service("lab", None, DESCRIPTOR)


def work(state: State) -> None:
    """Whatever can happen to a state."""
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
        give(state, user, ticket, "scan é.nii.gz", b"scan")
        give(state, user, ticket, "overwritten", b"1")
        give(state, user, ticket, "last", b"2")
        give(state, user, ticket, "overwritten", b"3")
        state.tickets.submit(user, ticket.id, "ready")
    for ticket in tickets[:4]:
        state.tickets.claim(lab, [service], "lab", "i")
        state.clock.advance(seconds=90)
        state.progress.set(lab, ticket.id, 0.0, 0.5, 0.25)
        state.progress.set(lab, ticket.id, 0.5, 1.0, float("inf"))
        state.logbook.attach(lab, ticket.id, "a picture", "image/png", store(state, b"png"))
        state.logbook.write(lab, ticket.id, LogCategory.WARNING, "linked\r\n\0é")
        state.logbook.attach(lab, ticket.id, "unlinked", "text/plain", store(state, b"text"))
    result = StoredFile("out", store(state, b"result"), 6)
    state.file_areas.put_result(lab, tickets[0].id, FileArea.RESULTS, result)
    state.tickets.finish(lab, tickets[0].id, "success")
    state.tickets.finish(lab, tickets[1].id, "failed")
    state.tickets.finish(lab, tickets[2].id, "failed")
    state.tickets.retry(user, tickets[2].id)
    state.tickets.delete(user, tickets[1].id)


def picture(value: object) -> object:
    """All that can be seen of a value."""
    kind: type = type(value)
    if attrs.has(kind):
        return {field.name: picture(getattr(value, field.name)) for field in attrs.fields(kind)}
    if isinstance(value, dict):
        return [(key, picture(item)) for key, item in value.items()]
    if isinstance(value, list | tuple):
        return [picture(item) for item in value]
    return value


def all_of(state: State) -> object:
    services = list(state.catalogue.services.values())
    tickets = [state.tickets[number + 1] for number in range(len(state.tickets))]
    users = list(state.accounts.users.values())
    return [
        picture(users),
        picture(services),
        picture(list(state.catalogue.providers.values())),
        picture(tickets),
        [state.service_statistics.compute(service) for service in services],
        [state.ready_queues.get_position(ticket) for ticket in tickets],
        [ticket.id for user in users for ticket in state.ticket_registry.list_user_tickets(user)],
        [state.catalogue.list_user_services(user) == [] for user in users],
        len(state.catalogue.list_services()),
        sorted(path.name for path in state.file_store.list_files()),
    ]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder with something in it."""
    with State.open(tmp_path / "data") as state:
        work(state)
    return tmp_path / "data"


def test_everything_is_there_again(tmp_path: Path) -> None:
    with State.open(tmp_path / "data") as state:
        assert not state.is_restored
        state.clock.freeze(AT)
        work(state)
        state.save()
        before = all_of(state)
    with State.open(tmp_path / "data") as state:
        assert state.is_restored
        assert all_of(state) == before
        assert state.clock.now() == (AT + timedelta(seconds=360)).timestamp()
        # It goes on where it was.
        user, lab = state.accounts.users.values()
        (service, _) = state.catalogue.services.values()
        assert state.tickets.claim(lab, [service], "lab", "i") is state.tickets[3]
        assert state.tickets.create(user, service).id == 8
        entry = state.logbook.write(lab, 3, LogCategory.INFO, "again")
        entries = [other for number in range(1, 9) for other in state.tickets[number].log]
        assert sorted(other.id for other in entries) == list(range(1, entry.id + 1))
        assert len(entry.attachments) == 0
        before = all_of(state)
    with State.open(tmp_path / "data") as state:
        assert all_of(state) == before


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
def test_no_part_of_a_thing_is_left_out(
    thing: type[attrs.AttrsInstance], saved: type[attrs.AttrsInstance], apart: set[str]
) -> None:
    parts = {field.name for field in attrs.fields(thing)} - apart
    assert parts == {field.name for field in attrs.fields(saved)} - {"file"}


def test_a_client_that_kept_its_cookie_goes_on(tmp_path: Path) -> None:
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
        # What is made up from now on was never given to anybody before.
        fresh = server.add_user("v@example.com").token
    with State() as state:
        assert fresh not in [state.accounts.add(f"{number}").token for number in range(10)]


def test_a_reset_forgets_what_was_saved(tmp_path: Path) -> None:
    with State.open(tmp_path) as state:
        work(state)
        state.save()
        state.reset()
        state.accounts.add("new@example.com")
    with State.open(tmp_path) as state:
        assert [user.email for user in state.accounts.users.values()] == ["new@example.com"]
        assert (state.catalogue.services, len(state.tickets)) == ({}, 0)
        assert state.file_store.list_files() == []


class FullDisk(Database):
    """A database on a disk that is full after the first users, when something else happens."""

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
    """A database on a disk that is full until somebody makes room."""

    is_full = False
    failures = 0

    def write(self, rows: Iterable[Row]) -> None:
        if self.is_full:
            self.failures += 1
            raise sqlite3.OperationalError("database or disk is full")
        super().write(rows)


def test_a_disk_that_is_full_is_told_of_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def told() -> list[str]:
        return [record.message for record in caplog.records]

    foundation, database = Foundation(Clock(), 0), FullForAWhile(tmp_path / "state.sqlite")
    saver = Saver(foundation, database)
    saver.start()
    database.is_full = True
    Accounts(foundation).add("u@example.com")
    wait_until(lambda: database.failures > 1, "nobody tries it again")
    assert told() == ["The state of the mock cannot be saved at the moment"]
    database.is_full = False
    wait_until(lambda: len(told()) > 1, "nobody says that all is well")
    saver.close()
    assert told()[1:] == ["The state of the mock is saved again"]


def test_a_reset_stays_one_if_saving_fails_around_it(tmp_path: Path) -> None:
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


def test_a_beginning_that_fails_leaves_nothing(tmp_path: Path) -> None:
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


def test_files_of_a_beginning_that_was_killed(tmp_path: Path) -> None:
    script = (
        "import os, sys; from pathlib import Path; from dss_mock import State;"
        "State.open(Path(sys.argv[1])).file_store.create_file().close(); os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", script, f"{tmp_path}"], timeout=DEADLINE, check=True)
    assert any((tmp_path / "files").iterdir())
    with State.open(tmp_path) as state:
        assert (state.is_restored, state.file_store.list_files()) == (False, [])


def test_what_is_saved_is_for_nobody_else(tmp_path: Path) -> None:
    with State.open(tmp_path / "a" / "b") as state:
        populate(state)
    home = tmp_path / "a" / "b"
    if os.name == "posix":
        assert stat.S_IMODE(home.stat().st_mode) == 0o700
        assert stat.S_IMODE((home / "files").stat().st_mode) == 0o700
        assert stat.S_IMODE((home / "state.sqlite").stat().st_mode) == 0o600
    assert sorted(path.name for path in home.iterdir()) == ["files", "lock", "state.sqlite"]


# ---------------------------------------------------------------------------------------- files


def test_files_that_no_ticket_knows_are_removed(tmp_path: Path) -> None:
    with State.open(tmp_path) as state:
        user, _, service = populate(state)
        kept = give(state, user, state.tickets.create(user, service), "a", b"a")
        stray = store(state, b"stray")
        (state.file_store.path / "notes.txt").write_text("not one of the mock's")
    with State.open(tmp_path) as state:
        assert (kept.exists(), stray.exists()) == (True, False)
        assert (state.file_store.path / "notes.txt").exists()
        assert not state.file_store.allocate_path().exists()


def test_files_of_no_ticket_are_kept_until_there_is_one(tmp_path: Path) -> None:
    def strays(state: State, ticket_id: int) -> list[tuple[str, bytes]]:
        files = state.file_areas.list_files(ticket_id, FileArea.INPUT)
        return [(file.name, file.read_bytes()) for file in files]

    huge = 10**30
    with State.open(tmp_path) as state:
        user, lab, service = populate(state)
        for ticket_id in (1, 2, huge):
            file = StoredFile("stray", store(state, b"one"), 3)
            state.file_areas.put_input(lab, ticket_id, FileArea.INPUT, file)
    with State.open(tmp_path) as state:
        user, _ = state.accounts.users.values()
        (service,) = state.catalogue.services.values()
        assert [strays(state, ticket_id) for ticket_id in (1, huge)] == 2 * [[("stray", b"one")]]
        state.tickets.create(user, service)
        assert strays(state, 1) == []
    with State.open(tmp_path) as state:
        assert [strays(state, ticket_id) for ticket_id in (1, 2)] == [[], [("stray", b"one")]]
        assert len(state.file_store.list_files()) == 2


def test_a_file_that_is_gone_is_a_fault_of_the_middleware(tmp_path: Path) -> None:
    with State.open(tmp_path) as state:
        user, _, service = populate(state)
        ticket = state.tickets.create(user, service)
        path = give(state, user, ticket, "a", b"a")
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
print("begun", flush=True)
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
def working(*arguments: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "begun\n"
            yield process
        finally:
            process.kill()


def wait_until(true: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + DEADLINE
    while not true():
        assert time.monotonic() < deadline, what
        time.sleep(0.01)


def saved_tickets(data: Path) -> int:
    with closing(sqlite3.connect(data / "state.sqlite", timeout=DEADLINE)) as connection:
        query = "SELECT count(*) FROM documents WHERE kind = 'ticket'"
        count: int = connection.execute(query).fetchone()[0]
        return count


def test_a_mock_that_is_killed_at_work_loses_only_the_last_moment(tmp_path: Path) -> None:
    with working(WORKER, f"{tmp_path}") as process:
        with pytest.raises(DataDirError, match=r"in use by another mock"):
            State.open(tmp_path)
        wait_until(lambda: saved_tickets(tmp_path) > 100, "nothing is saved")
        before = saved_tickets(tmp_path)
        process.kill()
        process.wait(timeout=DEADLINE)
    with State.open(tmp_path) as state:
        (user,) = state.accounts.users.values()
        (service,) = state.catalogue.services.values()
        tickets = [state.tickets[number + 1] for number in range(len(state.tickets))]
        assert len(tickets) >= before
        # It is as it was at one moment: every line of a log is there, and none twice.
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
from dss_mock.test_data import add_provider, add_service, add_ticket
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
def test_no_file_is_gone_before_that_is_saved(tmp_path: Path, last: str) -> None:
    script = [sys.executable, "-c", SUDDEN, f"{tmp_path}", last]
    subprocess.run(script, timeout=DEADLINE, check=True)
    with State.open(tmp_path) as state:
        for ticket in state.tickets:
            # Saved or not, all is as it was at one moment.
            for file in ticket.inputs.values():
                assert file.read_bytes() in (b"one", b"two")
        kept = [path for ticket in state.tickets for path in ticket.paths]
        assert sorted(state.file_store.list_files()) == sorted(kept)


def test_what_is_erased_is_removed_once_that_is_saved(data: Path) -> None:
    with State.open(data) as state:
        user, ticket = state.accounts.users[1], state.tickets[7]
        old = give(state, user, ticket, "a", b"one")
        new = give(state, user, ticket, "a", b"two")
        with closing(sqlite3.connect(data / "state.sqlite")) as other:
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
print("begun", flush=True)
sys.stdin.read()
"""


def test_temporary_folders_of_killed_mocks_are_removed(tmp_path: Path) -> None:
    def homes() -> set[Path]:
        return set(tmp_path.glob("dss_mock_*"))

    with working(KILLED, TMPDIR=f"{tmp_path}", TEMP=f"{tmp_path}") as killed:
        (left,) = homes()
        killed.kill()
        killed.wait(timeout=DEADLINE)
    with working(KILLED, TMPDIR=f"{tmp_path}", TEMP=f"{tmp_path}"):
        # One so young may belong to somebody who is about to say so.
        assert left in homes()
        (in_use,) = homes() - {left}
        stranger = tmp_path / "dss_mock_of_somebody_else"
        stranger.mkdir()
        target = tmp_path / "elsewhere"
        target.mkdir()
        (target / "lock").touch()
        link = tmp_path / "dss_mock_link"
        link.symlink_to(target)
        for path in (left, in_use, stranger, target):
            os.utime(path, (0, 0))
        with working(KILLED, TMPDIR=f"{tmp_path}", TEMP=f"{tmp_path}"):
            assert left not in homes()
            assert {in_use, stranger, link} < homes()
            assert (target / "lock").exists()


# -------------------------------------------------------------------------------------- refused


def change(data: Path, statement: str) -> None:
    with closing(sqlite3.connect(data / "state.sqlite")) as connection, connection:
        connection.execute(statement)


def garble(data: Path) -> None:
    (data / "state.sqlite").write_bytes(b"nothing that SQLite knows" * 100)


def empty(data: Path) -> None:
    (data / "state.sqlite").write_bytes(b"")


def cut(data: Path) -> None:
    path = data / "state.sqlite"
    os.truncate(path, path.stat().st_size // 2)


def break_a_document(data: Path) -> None:
    change(data, "UPDATE documents SET document = '{' WHERE kind = 'ticket' AND key = 3")


def break_a_part(data: Path) -> None:
    change(data, "UPDATE documents SET document = '{\"id\": 1}' WHERE kind = 'user' AND key = 1")


def add_a_part(data: Path) -> None:
    change(data, "UPDATE documents SET document = replace(document, '{', '{\"more\":1,')")


def set_the_clock_too_far(data: Path) -> None:
    setting = '{"run":0,"clock":{"ahead":1e12,"frozen_at":null}}'
    change(data, f"UPDATE documents SET document = '{setting}' WHERE kind = 'settings'")


def lose_a_user(data: Path) -> None:
    change(data, "DELETE FROM documents WHERE kind = 'user'")


def leave_the_folder(data: Path) -> None:
    change(data, "UPDATE documents SET document = replace(document, '00000001', '../lock')")


DAMAGES = [
    garble,
    empty,
    cut,
    break_a_document,
    break_a_part,
    add_a_part,
    set_the_clock_too_far,
    lose_a_user,
    leave_the_folder,
]


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_is_damaged_is_left_as_it_is(data: Path, damage: Callable[[Path], None]) -> None:
    damage(data)
    before = {path: path.read_bytes() for path in data.rglob("*") if path.is_file()}
    with pytest.raises(DataDirError) as refused:
        State.open(data)
    assert str(refused.value).startswith(f"{data / 'state.sqlite'} is damaged (")
    assert str(refused.value).endswith(
        f"Restore a copy of it, or delete {data} to start from the beginning"
    )
    assert "\n" not in str(refused.value)
    assert {path: path.read_bytes() for path in data.rglob("*") if path.is_file()} == before


def test_what_a_newer_version_saved(data: Path) -> None:
    change(data, "PRAGMA user_version = 2")
    with pytest.raises(
        DataDirError, match="written by a newer version of the mock. Use that version"
    ):
        State.open(data)


def test_files_without_what_knew_them(data: Path) -> None:
    (data / "state.sqlite").unlink()
    with pytest.raises(DataDirError, match=r"state\.sqlite is missing, but the files"):
        State.open(data)
    assert any((data / "files").iterdir())


def test_a_folder_that_cannot_be_one(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DataDirError, match=r"^cannot use .*file: "):
        State.open(tmp_path / "file")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "files").touch()
    with pytest.raises(DataDirError, match=r"^cannot use .*data: "):
        State.open(tmp_path / "data")
    (tmp_path / "data" / "files").unlink()
    State.open(tmp_path / "data").close()


def test_two_mocks_have_two_folders(data: Path) -> None:
    with State.open(data) as state:
        with pytest.raises(DataDirError) as refused:
            State.open(data)
        assert str(refused.value).startswith(f"{data} is in use by another mock. ")
        state.save()
    State.open(data).close()


def test_what_could_not_be_saved_is_saved_later(tmp_path: Path) -> None:
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


def test_what_is_lost_at_the_end_is_said(tmp_path: Path) -> None:
    state = State.open(tmp_path)
    populate(state)
    with closing(sqlite3.connect(tmp_path / "state.sqlite")) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(DataDirError, match="cannot write"):
            state.close()
    # The folder is free all the same.
    State.open(tmp_path).close()
