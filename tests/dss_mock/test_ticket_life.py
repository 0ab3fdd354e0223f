"""The life of a ticket, with a user, a provider and an administrator."""

from __future__ import annotations

import io
import shutil
import subprocess
from pathlib import Path

import pytest

from dss_api import (
    ChunkClash,
    DescriptorUnreadable,
    FileArea,
    FileNotFound,
    InvalidToken,
    LogCategory,
    LogEntryNotFound,
    NotAnAdministrator,
    NotAProvider,
    NotLoggedIn,
    PurgeScope,
    QuotaExceeded,
    RepositoryUnreadable,
    ServiceExists,
    ServiceNotFound,
    StatusRefused,
    TermsNotAccepted,
    TicketDeleted,
    TicketNotClaimed,
    TicketNotFound,
    TicketStatus,
    Upload,
    UploadRefused,
    UserNotFound,
)
from dss_mock import DssServer

from .conftest import Connect

NEEDS_GIT = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


def make_upload(name: str, content: bytes) -> Upload:
    return Upload(name, io.BytesIO(content), len(content))


def test_ticket_passes_from_creation_to_deletion(  # noqa: PLR0915  # one story
    dss_server: DssServer, connect: Connect
) -> None:
    person = dss_server.add_user("user@example.com")
    lab = dss_server.add_user("lab@example.com")
    service = dss_server.add_service(dss_server.add_provider("testlab", users=[lab]))
    user, provider, anybody = connect(person), connect(lab), connect(None)

    assert [s.githash for s in user.user.list_services()] == [service.githash]
    assert provider.provider.claim_ticket(services=[service.githash], provider="testlab") is None
    githash = service.githash
    assert provider.provider.claim_service_ticket(githash=githash, provider="testlab") is None

    ticket = user.user.create_ticket(name="Example")
    name = 'é "x", y.nii.gz'
    user.user.upload_ticket_file(
        ticket_id=ticket, area=FileArea.INPUT, file=make_upload(name, b"scan\r\n\0")
    )
    with pytest.raises(StatusRefused):
        user.user.set_ticket_status(ticket_id=ticket, status=TicketStatus.FAILED)
    assert user.user.set_ticket_status(ticket_id=ticket, status=TicketStatus.READY) == "ready"
    with pytest.raises(TicketNotFound):
        user.user.set_ticket_status(ticket_id=ticket, status=TicketStatus.READY)
    assert user.user.get_queue_position(ticket_id=ticket) == 1
    assert user.user.get_ticket_detail(ticket_id=ticket).queue_position == 1

    (waiting,) = provider.provider.list_available_services(services=[githash])
    assert (waiting.service_name, waiting.ready_tickets) == ("Example", 1)
    with pytest.raises(TicketNotClaimed):
        provider.provider.log_message(
            ticket_id=ticket, category=LogCategory.INFO, message="too early"
        )
    claim = provider.provider.claim_ticket(services=[githash], provider="testlab", code="i1")
    assert claim is not None
    assert (claim.id, claim.status) == (ticket, TicketStatus.CLAIMED)

    (file,) = provider.provider.list_claimed_ticket_files(ticket_id=ticket, area=FileArea.INPUT)
    assert file.filename == name
    with provider.provider.download_claimed_ticket_file(
        ticket_id=ticket, area=FileArea.INPUT, index=0
    ) as download:
        assert (download.filename, download.size) == (name, None)
        assert download.read() == b"scan\r\n\0"
    with pytest.raises(FileNotFound):
        provider.provider.download_claimed_ticket_file(
            ticket_id=ticket, area=FileArea.INPUT, index=1
        )

    provider.provider.set_progress(ticket_id=ticket, chunk_start=0, chunk_end=0.5, progress=0.5)
    with pytest.raises(ChunkClash):
        provider.provider.set_progress(ticket_id=ticket, chunk_start=0, chunk_end=1, progress=0.5)
    assert user.user.get_ticket_detail(ticket_id=ticket).progress == 0.25

    provider.provider.attach_file(
        ticket_id=ticket, desc="Metrics", file=make_upload("metrics.txt", b"dice 0.9")
    )
    message = 'Look, "é"\nand <here>'
    log_id = provider.provider.log_message(
        ticket_id=ticket, category=LogCategory.WARNING, message=message
    )
    (attachment,) = user.user.list_log_attachments(log_id=log_id)
    assert (attachment.description, attachment.mime_type) == ("Metrics", "text/plain")
    assert attachment.url.startswith(dss_server.url)
    blob = anybody.user.download_blob(blob=attachment.url.rpartition("/")[2])
    assert (blob.read(), blob.content_type) == (b"dice 0.9", "text/plain")
    with pytest.raises(LogEntryNotFound):
        provider.user.list_log_attachments(log_id=log_id)

    result = make_upload("C:\\out\\result.nii.gz", b"mask")
    provider.provider.upload_claimed_ticket_file(
        ticket_id=ticket, area=FileArea.RESULTS, file=result
    )
    with pytest.raises(StatusRefused):
        provider.provider.set_claimed_ticket_status(ticket_id=ticket, status=TicketStatus.READY)
    provider.provider.set_claimed_ticket_status(ticket_id=ticket, status=TicketStatus.SUCCESS)

    (found,) = user.user.list_ticket_files(ticket_id=ticket, area=FileArea.RESULTS)
    assert found.filename == "result.nii.gz"
    with user.user.download_ticket_file(
        ticket_id=ticket, area=FileArea.RESULTS, index=0
    ) as download:
        assert (download.size, download.read()) == (4, b"mask")
    log = user.user.get_ticket_log(ticket_id=ticket)
    assert [entry.attachments for entry in log] == [0, 0, 1]
    assert log[-1].message == message
    assert "testlab" in log[1].message
    assert user.user.get_ticket_log(ticket_id=ticket, since=log[1].id) == [log[2]]
    stats = user.user.get_service_stats(githash=githash)
    assert (stats.n_success, stats.n_failed, stats.queue_length) == (1, 0, 0)
    history = [change.status for change in dss_server.state.tickets[ticket].history]
    assert history == ["init", "ready", "claimed", "success"]

    assert user.user.delete_ticket(ticket_id=ticket) is TicketStatus.DELETED
    assert user.user.list_tickets() == []
    with pytest.raises(TicketDeleted):
        provider.provider.set_progress(ticket_id=ticket, chunk_start=0, chunk_end=1, progress=1)
    assert list(dss_server.state.file_store.path.iterdir()) == []


def test_failed_ticket_can_be_retried(dss_server: DssServer, connect: Connect) -> None:
    person, lab = dss_server.add_user("u@example.com"), dss_server.add_user("l@example.com")
    service = dss_server.add_service(dss_server.add_provider("testlab", users=[lab]))
    ticket = dss_server.add_ticket(
        person, service, files={"scan": b"1"}, status=TicketStatus.FAILED
    )
    user, provider = connect(person), connect(lab)
    provider.provider.upload_claimed_ticket_file(
        ticket_id=ticket.id, area=FileArea.RESULTS, file=make_upload("r", b"2")
    )
    assert user.user.retry_ticket(ticket_id=ticket.id) is TicketStatus.READY
    with pytest.raises(TicketNotFound):
        user.user.retry_ticket(ticket_id=ticket.id)
    assert user.user.list_ticket_files(ticket_id=ticket.id, area=FileArea.RESULTS) == []
    assert len(user.user.list_ticket_files(ticket_id=ticket.id, area=FileArea.INPUT)) == 1
    # The oldest ticket comes first again, not the ticket that has waited longest.
    dss_server.add_ticket(person, service)
    githash = service.githash
    claimed = provider.provider.claim_service_ticket(githash=githash, provider="testlab")
    assert claimed == ticket.id


def test_users_without_rights_are_refused(dss_server: DssServer, connect: Connect) -> None:
    person, other = dss_server.add_user("u@example.com"), dss_server.add_user("o@example.com")
    lab = dss_server.add_user("l@example.com")
    service = dss_server.add_service(dss_server.add_provider("testlab", users=[lab]))
    ticket = dss_server.add_ticket(person, service)
    anybody, stranger = connect(None), connect(other)

    with pytest.raises(NotLoggedIn):
        anybody.user.list_services()
    with pytest.raises(NotLoggedIn):
        anybody.admin.list_providers()
    with pytest.raises(TermsNotAccepted):
        stranger.session.get_token()
    with pytest.raises(NotAnAdministrator):
        stranger.admin.list_providers()
    with pytest.raises(TicketNotFound):
        stranger.user.get_ticket_status(ticket_id=ticket.id)
    with pytest.raises(NotAProvider):
        stranger.provider.claim_ticket(services=[service.githash], provider="testlab")
    with pytest.raises(ServiceNotFound):
        stranger.user.create_ticket(githash="f" * 40)
    with pytest.raises(ServiceNotFound):
        stranger.user.get_service_stats(githash="f" * 40)
    for _ in range(10):
        stranger.user.create_ticket(githash=service.githash)
    with pytest.raises(QuotaExceeded):
        stranger.user.create_ticket(githash=service.githash)
    with pytest.raises(UploadRefused):
        stranger.user.upload_ticket_file(
            ticket_id=ticket.id + 1, area=FileArea.INPUT, file=make_upload("..", b"")
        )


def test_token_works_once_and_logout_ends_session(dss_server: DssServer, connect: Connect) -> None:
    person = dss_server.add_user("u@example.com")
    token = person.token
    api = connect(person)
    assert api.session.get_login().email == "u@example.com"
    assert person.token != token
    with pytest.raises(InvalidToken):
        connect(None).session.login(token=token)
    api.session.logout()
    with pytest.raises(NotLoggedIn):
        api.session.get_login()


@NEEDS_GIT
def test_administrator_manages_providers_services_and_tickets(
    dss_server: DssServer, connect: Connect, tmp_path: Path
) -> None:
    api = connect(dss_server.add_user("admin@example.com", sysadmin=True))
    dss_server.add_user("l@example.com")
    admin = api.admin
    admin.create_provider(name="testlab")
    assert [provider.name for provider in admin.list_providers()] == ["testlab"]
    with pytest.raises(UserNotFound):
        admin.add_provider_user(provider="testlab", email="nobody@example.com")
    admin.add_provider_user(provider="testlab", email="l@example.com", admin=True)
    (member,) = admin.list_provider_users(provider="testlab")
    assert (member.id, member.email, member.admin) == (2, "l@example.com", True)

    repo = make_repository(tmp_path, '{"name": "A", "version": 1.5, "shortdesc": "é", "x": [1]}')
    githash = admin.register_service(provider="testlab", repo=f"{repo}", ref="main")
    for ref in ("", "HEAD", "v1", githash):
        assert admin.register_service(provider="testlab", repo=f"{repo}", ref=ref) == githash
    for bad in ("nosuch", githash[:8], "--help", "main^"):
        with pytest.raises(RepositoryUnreadable):
            admin.register_service(provider="testlab", repo=f"{repo}", ref=bad)
    for bad in (f"{tmp_path}/nosuch", "--upload-pack=touch", "ext::sh -c true", "\0"):
        with pytest.raises(RepositoryUnreadable):
            admin.register_service(provider="testlab", repo=bad, ref="main")
    (service,) = admin.list_provider_services(provider="testlab")
    assert (service.version, service.shortdesc) == ("1.5", "é")
    assert api.user.get_service_detail(githash=githash).name == "A"

    commit_descriptor(repo, '{"name": "A", "version": 1.5, "shortdesc": "another"}')
    with pytest.raises(ServiceExists):
        admin.register_service(provider="testlab", repo=f"{repo}", ref="main")
    commit_descriptor(repo, "{")
    with pytest.raises(DescriptorUnreadable):
        admin.register_service(provider="testlab", repo=f"{repo}", ref="main")

    ticket = api.user.create_ticket(githash=githash)
    (listed,) = admin.list_all_tickets()
    assert (listed.id, listed.email, listed.status) == (ticket, "admin@example.com", "init")
    assert admin.purge_tickets(scope=PurgeScope.COMPLETED, hours=-1) == 0
    assert admin.purge_tickets(scope=PurgeScope.ALL, hours=-1) == 1
    admin.remove_provider_service(provider="testlab", githash=githash)
    assert api.user.list_services() == []
    admin.remove_provider_user(provider="testlab", user_id=2)
    assert admin.list_provider_users(provider="testlab") == []
    admin.delete_provider(provider="testlab")


def make_repository(folder: Path, descriptor: str) -> Path:
    repo = folder / "repo"
    run_git("init", "--quiet", "--initial-branch=main", f"{repo}")
    commit_descriptor(repo, descriptor)
    run_git("-C", f"{repo}", "tag", "v1")
    return repo


def commit_descriptor(repo: Path, descriptor: str) -> None:
    (repo / "service.json").write_text(descriptor, encoding="utf-8")
    run_git("-C", f"{repo}", "add", ".")
    person = ("-c", "user.name=A", "-c", "user.email=a@example.com")
    run_git("-C", f"{repo}", *person, "commit", "--quiet", "-m", "A service")


def run_git(*arguments: str) -> None:
    subprocess.run(["git", *arguments], check=True, capture_output=True, timeout=30)
