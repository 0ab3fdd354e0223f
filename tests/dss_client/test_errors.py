"""Errors of the middleware and the network, each with its class and advice."""

from collections.abc import Callable

import pytest

from dss_api import (
    AnswerError,
    DssError,
    MiddlewareUnavailable,
    ProxyPage,
    QuotaExceeded,
    Redirected,
    TicketDeleted,
    TicketNotClaimed,
    TicketNotFound,
    TransportError,
    UnexpectedAnswer,
)
from dss_client import DSSClient
from tests.dss_client.auth.session_lookup import find_session_value
from tests.dss_client.conftest import QUICK_RETRIES, World

SERVICES = "/api/pro/services"
PAGE = "<!DOCTYPE html><html><body>Sign in to the hospital's network</body></html>"


def test_unknown_ticket_raises_lookup_error(client: DSSClient) -> None:
    with pytest.raises(TicketNotFound, match="Ticket 99 not found") as caught:
        client.dssp_ticket_status(99)

    assert isinstance(caught.value, LookupError)
    assert (caught.value.method, caught.value.path) == ("GET", "/api/pro/tickets/99/status")
    assert caught.value.status == 400


def test_unclaimed_ticket_raises_permission_error(client: DSSClient) -> None:
    with pytest.raises(TicketNotClaimed, match="Claim the ticket first") as caught:
        client.dssp_set_progress(99, 0.5)

    assert isinstance(caught.value, PermissionError)


def test_deleted_ticket_raises_lookup_error(world: World, client: DSSClient, ticket: int) -> None:
    user = DSSClient(world.server.url)
    user.login(world.user.token)
    user.api.user.delete_ticket(ticket_id=ticket)

    with pytest.raises(TicketDeleted, match="Stop working on it") as caught:
        client.dssp_log(ticket, "info", "still at it")

    assert isinstance(caught.value, LookupError)


def test_too_many_tickets_raise_quota_exceeded(world: World) -> None:
    user = DSSClient(world.server.url)
    user.login(world.user.token)
    for _ in range(10):
        user.api.user.create_ticket(githash=world.service.githash)

    with pytest.raises(QuotaExceeded, match=r"\(10\) exceeded"):
        user.api.user.create_ticket(githash=world.service.githash)


def test_server_that_is_down_raises_connection_error(closed_port: int) -> None:
    client = DSSClient(f"http://127.0.0.1:{closed_port}", retries=QUICK_RETRIES)

    with pytest.raises(TransportError, match="middleware is running") as caught:
        client.dssp_list_services()

    assert isinstance(caught.value, ConnectionError)
    assert f"GET {SERVICES} at http://127.0.0.1:{closed_port}" in str(caught.value)


@pytest.mark.parametrize("status", [200, 403, 511])
def test_web_page_instead_of_a_response_raises_proxy_page(
    world: World, client: DSSClient, status: int
) -> None:
    world.server.expect_request(SERVICES).respond_with_data(
        PAGE, status=status, content_type="text/html"
    )

    with pytest.raises(ProxyPage, match="proxy or a sign-in page") as caught:
        client.dssp_list_services()

    assert isinstance(caught.value, ConnectionError)
    assert "hospital's network" in caught.value.text


@pytest.mark.parametrize("status", [502, 503, 504])
def test_gateway_error_raises_middleware_unavailable(
    world: World, client: DSSClient, status: int
) -> None:
    page = "<html><head><title>upstream is gone</title></head></html>"
    for body in ("upstream is gone", page):
        world.server.expect_request(SERVICES).respond_with_data(body, status=status)

        with pytest.raises(MiddlewareUnavailable, match="upstream is gone"):
            client.dssp_list_services()
        world.server.clear()


def test_redirect_to_another_host_raises_and_hides_the_query(
    world: World, client: DSSClient
) -> None:
    world.server.expect_request(SERVICES).respond_with_data(
        "", status=301, headers={"Location": "https://dss.example.org/api/pro/services?secret=1"}
    )

    with pytest.raises(Redirected, match=r"points to https://dss.example.org") as caught:
        client.dssp_list_services()

    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ('{"result": [{"name": "no hash"}]}', "application/json"),
        ('{"result": [', "application/json"),
        ('{"rows": []}', "application/json"),
        ("[]", "application/json"),
        ("a,b\r\n", "text/csv"),
        ("garbage", "text/plain"),
        ("", "text/plain"),
        (b"\xff\xfe\x00", "application/json"),
    ],
)
def test_unreadable_response_raises_unexpected_answer(
    world: World, client: DSSClient, body: str | bytes, content_type: str
) -> None:
    world.server.expect_request(SERVICES).respond_with_data(body, content_type=content_type)

    message = f"GET {SERVICES} at {world.server.url} gave 200"
    with pytest.raises(UnexpectedAnswer, match=message) as caught:
        client.dssp_list_services()

    assert isinstance(caught.value, ValueError)


def test_dss_error_catches_every_error(client: DSSClient, closed_port: int) -> None:
    failures: list[Callable[[], object]] = [
        lambda: client.dssp_ticket_status(99),
        lambda: DSSClient(
            f"http://127.0.0.1:{closed_port}", retries=QUICK_RETRIES
        ).dssp_list_services(),
        lambda: client.login("wrong"),
    ]
    for failure in failures:
        with pytest.raises(DssError):
            failure()


def test_secrets_in_error_texts_are_redacted(world: World, client: DSSClient) -> None:
    session = find_session_value(world.server.url)
    assert session is not None
    world.server.expect_request(SERVICES).respond_with_data(f"odd: {session}", status=418)
    world.server.expect_request("/api/login").respond_with_data("odd: my-token", status=418)

    with pytest.raises(AnswerError, match=r"odd: \*\*\*") as refused:
        client.dssp_list_services()
    with pytest.raises(AnswerError, match=r"odd: \*\*\*") as login:
        client.login("my-token")

    assert session not in refused.value.text + repr(refused.value)
    assert "my-token" not in login.value.text + repr(login.value)
