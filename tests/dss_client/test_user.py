from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from dss_api import DssError, ServiceNotFound, TicketNotFound, TicketStatus, TransportError
from dss_client import DSSClient, TicketIncomplete
from dss_mock import faults

from .conftest import World


class TestServices:
    def test_services_are_listed_for_every_user(self, world: World, user: DSSClient) -> None:
        services = user.dss_list_services()

        assert list(services.columns) == ["service", "version", "hash", "shortdesc"]
        assert services.iloc[0].to_list() == [
            world.service.name,
            world.service.version,
            world.service.githash,
            world.service.shortdesc,
        ]

    def test_service_detail_has_required_tags(self, world: World, user: DSSClient) -> None:
        service = world.server.add_service(
            "testlab",
            {
                "name": "Tagged",
                "version": "2",
                "shortdesc": "With tags",
                "tags": [{"name": "T1", "type": "MainImage", "required": True}],
            },
        )

        for named in ("Tagged", service.githash):
            detail = user.dss_service_detail(named)
            assert detail.tags is not None
            assert (detail.name, detail.tags[0].name, detail.tags[0].required) == (
                "Tagged",
                "T1",
                True,
            )

    def test_service_stats_count_tickets(self, world: World, user: DSSClient) -> None:
        world.add_ready_ticket()
        world.server.add_ticket(world.user, world.service, status="success")

        for named in (world.service.name, world.service.githash):
            stats = user.dss_service_stats(named)
            assert (stats.n_success, stats.n_failed, stats.queue_length) == (1, 0, 1)
            assert stats.avg_duration == timedelta(0)

    def test_service_name_means_its_latest_version(self, world: World, user: DSSClient) -> None:
        for version in ("1.9", "1.10", "1.2"):
            world.server.add_service(
                "testlab", {"name": "Brain", "version": version, "shortdesc": "x"}
            )

        assert user.dss_service_detail("Brain").version == "1.10"

    @pytest.mark.parametrize(
        "ask",
        [
            lambda user: user.dss_service_detail("Exmple"),
            lambda user: user.dss_service_stats("Exmple"),
        ],
    )
    def test_unknown_service_error_lists_known_services(
        self, world: World, user: DSSClient, ask: Callable[[DSSClient], object]
    ) -> None:
        with pytest.raises(ServiceNotFound, match="no service 'Exmple'") as caught:
            ask(user)

        assert isinstance(caught.value, LookupError)
        assert f"Example 1.0.0 ({world.service.githash})" in str(caught.value)

    def test_unknown_service_error_shortens_long_names(self, user: DSSClient) -> None:
        with pytest.raises(ServiceNotFound) as caught:
            user.dss_service_detail("x" * 5000)

        assert len(str(caught.value)) < 300

    def test_unknown_service_hash_raises_service_not_found(self, user: DSSClient) -> None:
        with pytest.raises(ServiceNotFound):
            user.dss_service_detail("0" * 40)

    @pytest.mark.parametrize(("service", "error"), [("", ValueError), (7, TypeError)])
    def test_service_must_be_a_text_that_is_not_empty(
        self, user: DSSClient, service: str, error: type
    ) -> None:
        with pytest.raises(error, match="A service"):
            user.dss_service_stats(service)


class TestTickets:
    def test_deleted_tickets_are_not_listed(self, world: World, user: DSSClient) -> None:
        first, second = world.add_ready_ticket(), world.add_ready_ticket()
        user.dss_delete_ticket(first.id)

        assert user.dss_list_tickets().to_dict("records") == [
            {"ticket": second.id, "service": world.service.name, "status": "ready"}
        ]

    def test_ticket_table_has_the_same_column_types_when_empty(
        self, world: World, user: DSSClient
    ) -> None:
        empty = user.dss_list_tickets()
        world.add_ready_ticket()

        assert empty.empty
        assert empty.dtypes.to_dict() == user.dss_list_tickets().dtypes.to_dict()

    def test_user_methods_accept_ticket_ids_of_every_type(
        self, world: World, user: DSSClient
    ) -> None:
        ticket = world.add_ready_ticket().id

        for name in (ticket, str(ticket), np.int64(ticket), user.dss_list_tickets()["ticket"][0]):
            assert user.dss_ticket_status(name) is TicketStatus.READY

    def test_queue_position_counts_waiting_tickets_of_the_service(
        self, world: World, user: DSSClient
    ) -> None:
        first, second = world.add_ready_ticket(), world.add_ready_ticket()

        assert [user.dss_queue_position(ticket.id) for ticket in (first, second)] == [1, 2]
        user.dss_delete_ticket(first.id)
        assert [user.dss_queue_position(ticket.id) for ticket in (first, second)] == [0, 1]

    def test_user_sees_progress_that_the_provider_set(
        self, user: DSSClient, client: DSSClient, ticket: int
    ) -> None:
        assert user.dss_ticket_progress(ticket) == 0.0

        client.dssp_set_progress(ticket, 0.5)

        assert user.dss_ticket_progress(np.int64(ticket)) == 0.5

    def test_ticket_detail_has_status_position_and_log(
        self, user: DSSClient, client: DSSClient, ticket: int
    ) -> None:
        client.dssp_log(ticket, "warning", "careful")

        detail = user.dss_ticket_detail(ticket)
        assert (detail.status, detail.queue_position) == ("claimed", None)
        assert detail.log[-1].message == "careful"
        later = user.dss_ticket_detail(ticket, since=detail.log[-2].id)
        assert [entry.message for entry in later.log] == ["careful"]
        assert user.dss_ticket_detail(ticket, since=0) == detail

    def test_deleting_a_ticket_twice_leaves_it_deleted(self, user: DSSClient, ticket: int) -> None:
        user.dss_delete_ticket(ticket)
        user.dss_delete_ticket(ticket)

        assert user.dss_ticket_status(ticket) == "deleted"

    def test_retry_queues_a_failed_ticket_again(self, world: World, user: DSSClient) -> None:
        failed = world.server.add_ticket(world.user, world.service, status="failed")

        user.dss_retry_ticket(failed.id)

        assert user.dss_ticket_status(failed.id) == "ready"

    def test_retry_of_a_ticket_that_has_not_failed_raises(
        self, world: World, user: DSSClient
    ) -> None:
        with pytest.raises(TicketNotFound, match="its status does not allow this"):
            user.dss_retry_ticket(world.add_ready_ticket().id)

    @pytest.mark.parametrize(
        "ask",
        [
            DSSClient.dss_ticket_status,
            DSSClient.dss_ticket_detail,
            DSSClient.dss_ticket_log,
            DSSClient.dss_ticket_progress,
            DSSClient.dss_queue_position,
            DSSClient.dss_wait_for_ticket,
            DSSClient.dss_delete_ticket,
            DSSClient.dss_retry_ticket,
        ],
    )
    def test_tickets_of_other_users_are_not_found(
        self, client: DSSClient, ticket: int, ask: Callable[[DSSClient, int], object]
    ) -> None:
        with pytest.raises(TicketNotFound, match=f"Ticket {ticket} not found") as caught:
            ask(client, ticket)

        assert isinstance(caught.value, LookupError)


class TestTheLog:
    def test_log_table_has_times_in_utc_and_messages(
        self, world: World, user: DSSClient, client: DSSClient, ticket: int
    ) -> None:
        world.server.clock.freeze(datetime(2026, 3, 1, 12, 30, tzinfo=UTC))
        client.dssp_log(ticket, "error", "Zürich,\n“quoted”")

        log = user.dss_ticket_log(ticket)

        assert list(log.columns) == ["log", "time", "category", "attachments", "message"]
        last = log.iloc[-1]
        assert last["time"] == pd.Timestamp("2026-03-01T12:30:00Z")
        assert last.to_list()[2:] == ["error", 0, "Zürich,\n“quoted”"]
        assert log["message"].to_list()[:2] == [
            "Ticket received and queued for processing",
            "Ticket claimed by provider testlab instance instance_1",
        ]

    def test_log_with_since_has_only_later_entries(
        self, user: DSSClient, client: DSSClient, ticket: int
    ) -> None:
        known = user.dss_ticket_log(ticket)
        client.dssp_log(ticket, "info", "later")

        news = user.dss_ticket_log(ticket, since=known["log"].iloc[-1])

        assert news["message"].to_list() == ["later"]

    def test_log_table_has_the_same_column_types_when_empty(
        self, user: DSSClient, ticket: int
    ) -> None:
        log = user.dss_ticket_log(ticket)
        empty = user.dss_ticket_log(ticket, since=log["log"].iloc[-1])

        assert empty.empty
        assert empty.dtypes.to_dict() == log.dtypes.to_dict()
        assert str(empty["time"].dtype) == "datetime64[ns, UTC]"

    @pytest.mark.parametrize("since", [-1, "x", True])
    def test_log_with_invalid_since_is_refused(self, user: DSSClient, since: int | str) -> None:
        with pytest.raises(ValueError, match="not a log entry id"):
            user.dss_ticket_log(1, since)


class TestWaiting:
    @pytest.mark.parametrize("status", ["success", "failed", "timeout", "deleted"])
    def test_wait_ends_immediately_if_the_work_has_ended(
        self, world: World, user: DSSClient, status: str
    ) -> None:
        ticket = world.server.add_ticket(world.user, world.service, status=status)

        assert user.dss_wait_for_ticket(ticket.id) is TicketStatus(status)

    def test_wait_continues_until_the_work_has_ended(self, world: World, user: DSSClient) -> None:
        ticket = world.add_ready_ticket()
        path = f"/api/tickets/{ticket.id}/status"
        for status in ("ready", "claimed", "claimed", "success"):
            world.server.expect_ordered_request(path).respond_with_data(status)

        assert user.dss_wait_for_ticket(ticket.id, interval=0.01) is TicketStatus.SUCCESS
        assert len(world.server.log) == 4

    def test_wait_returns_none_after_the_timeout(self, world: World, user: DSSClient) -> None:
        ticket = world.add_ready_ticket()

        assert user.dss_wait_for_ticket(ticket.id, timeout=0.02, interval=0.01) is None
        assert user.dss_wait_for_ticket(ticket.id, timeout=0) is None

    def test_wait_in_a_notebook_shows_queue_position_and_progress(
        self,
        world: World,
        user: DSSClient,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        monkeypatch.setattr("dss_client.progress.is_notebook", lambda: True)
        ticket = world.add_ready_ticket().id
        for path, text in (
            (f"/api/tickets/{ticket}/status", "ready"),
            (f"/api/tickets/{ticket}/queuepos", "3"),
            (f"/api/tickets/{ticket}/status", "claimed"),
            (f"/api/tickets/{ticket}/progress", "0.25"),
            (f"/api/tickets/{ticket}/status", "success"),
        ):
            world.server.expect_ordered_request(path).respond_with_data(text)

        user.dss_wait_for_ticket(ticket, interval=0.01)

        shown = capsys.readouterr().err
        assert f"Ticket {ticket}:   0%" in shown
        assert "place 3 in the queue" in shown
        assert " 25%" in shown

    def test_wait_without_terminal_requests_only_the_status(
        self, world: World, user: DSSClient
    ) -> None:
        ticket = world.add_ready_ticket().id
        before = len(world.server.requests)

        user.dss_wait_for_ticket(ticket, timeout=0)

        assert [r.operation for r in list(world.server.requests)[before:]] == ["get_ticket_status"]

    def test_wait_continues_after_a_broken_connection(self, world: World, user: DSSClient) -> None:
        ticket = world.server.add_ticket(world.user, world.service, status="failed")
        world.server.faults.add(faults.DropAfter(), operation="get_ticket_status", times=1)

        assert user.dss_wait_for_ticket(ticket.id) == "failed"

    def test_wait_for_a_ticket_that_was_not_submitted_raises(
        self, world: World, user: DSSClient
    ) -> None:
        ticket = world.server.add_ticket(
            world.user, world.service, status="init", files={"scan.nii.gz": b"1"}
        )

        with pytest.raises(TicketIncomplete, match="never submitted") as caught:
            user.dss_wait_for_ticket(ticket.id)

        assert caught.value.ticket == ticket.id
        assert caught.value.there == ("scan.nii.gz",)

    @pytest.mark.parametrize("times", [{"timeout": -1}, {"interval": 0}, {"timeout": float("nan")}])
    def test_wait_with_invalid_times_is_refused(
        self, user: DSSClient, times: dict[str, float]
    ) -> None:
        with pytest.raises(ValueError, match="must be"):
            user.dss_wait_for_ticket(1, **times)


def test_invalid_arguments_of_user_methods_are_refused_before_anything_is_sent(
    closed_port: int,
) -> None:
    offline = DSSClient(f"http://127.0.0.1:{closed_port}")

    for attempt in (
        lambda: offline.dss_service_detail(" "),
        lambda: offline.dss_ticket_status(0),
        lambda: offline.dss_ticket_detail("x"),
        lambda: offline.dss_ticket_log(1, since=-1),
        lambda: offline.dss_queue_position(-1),
        lambda: offline.dss_delete_ticket(""),
        lambda: offline.dss_retry_ticket(True),
    ):
        with pytest.raises(ValueError, match=r"must|not a") as caught:
            attempt()
        assert not isinstance(caught.value, DssError)


def test_unreachable_middleware_raises_connection_error(world: World, user: DSSClient) -> None:
    world.server.faults.add(faults.DropBefore())

    with pytest.raises(TransportError) as caught:
        user.dss_list_services()

    assert isinstance(caught.value, ConnectionError)
