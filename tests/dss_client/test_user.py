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
    def test_are_listed_for_everybody(self, world: World, user: DSSClient) -> None:
        services = user.dss_list_services()

        assert list(services.columns) == ["service", "version", "hash", "shortdesc"]
        assert services.iloc[0].to_list() == [
            world.service.name,
            world.service.version,
            world.service.githash,
            world.service.shortdesc,
        ]

    def test_say_what_they_need(self, world: World, user: DSSClient) -> None:
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

    def test_say_how_they_did(self, world: World, user: DSSClient) -> None:
        world.ready_ticket()
        world.server.add_ticket(world.user, world.service, status="success")

        for named in (world.service.name, world.service.githash):
            stats = user.dss_service_stats(named)
            assert (stats.n_success, stats.n_failed, stats.queue_length) == (1, 0, 1)
            assert stats.avg_duration == timedelta(0)

    def test_of_one_name_are_told_apart_by_their_version(
        self, world: World, user: DSSClient
    ) -> None:
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
    def test_that_there_are_not_are_a_clear_error_that_names_those_that_there_are(
        self, world: World, user: DSSClient, ask: Callable[[DSSClient], object]
    ) -> None:
        with pytest.raises(ServiceNotFound, match="no service 'Exmple'") as caught:
            ask(user)

        assert isinstance(caught.value, LookupError)
        assert f"Example 1.0.0 ({world.service.githash})" in str(caught.value)

    def test_whose_names_are_endless_are_not_told_of_at_length(self, user: DSSClient) -> None:
        with pytest.raises(ServiceNotFound) as caught:
            user.dss_service_detail("x" * 5000)

        assert len(str(caught.value)) < 300

    def test_whose_hash_is_unknown_are_the_same_error(self, user: DSSClient) -> None:
        with pytest.raises(ServiceNotFound):
            user.dss_service_detail("0" * 40)

    @pytest.mark.parametrize(("service", "error"), [("", ValueError), (7, TypeError)])
    def test_are_named_by_texts(self, user: DSSClient, service: str, error: type) -> None:
        with pytest.raises(error, match="A service"):
            user.dss_service_stats(service)


class TestTickets:
    def test_are_listed_unless_they_were_deleted(self, world: World, user: DSSClient) -> None:
        first, second = world.ready_ticket(), world.ready_ticket()
        user.dss_delete_ticket(first.id)

        assert user.dss_list_tickets().to_dict("records") == [
            {"ticket": second.id, "service": world.service.name, "status": "ready"}
        ]

    def test_of_nobody_are_an_empty_table_of_the_same_types(
        self, world: World, user: DSSClient
    ) -> None:
        empty = user.dss_list_tickets()
        world.ready_ticket()

        assert empty.empty
        assert empty.dtypes.to_dict() == user.dss_list_tickets().dtypes.to_dict()

    def test_may_be_named_in_every_way_that_scripts_name_them(
        self, world: World, user: DSSClient
    ) -> None:
        ticket = world.ready_ticket().id

        for name in (ticket, str(ticket), np.int64(ticket), user.dss_list_tickets()["ticket"][0]):
            assert user.dss_ticket_status(name) is TicketStatus.READY

    def test_have_a_place_in_the_queue_of_their_service(
        self, world: World, user: DSSClient
    ) -> None:
        first, second = world.ready_ticket(), world.ready_ticket()

        assert [user.dss_queue_position(ticket.id) for ticket in (first, second)] == [1, 2]
        user.dss_delete_ticket(first.id)
        assert [user.dss_queue_position(ticket.id) for ticket in (first, second)] == [0, 1]

    def test_tell_their_progress(self, user: DSSClient, client: DSSClient, ticket: int) -> None:
        assert user.dss_ticket_progress(ticket) == 0.0

        client.dssp_set_progress(ticket, 0.5)

        assert user.dss_ticket_progress(np.int64(ticket)) == 0.5

    def test_tell_all_about_themselves(
        self, user: DSSClient, client: DSSClient, ticket: int
    ) -> None:
        client.dssp_log(ticket, "warning", "careful")

        detail = user.dss_ticket_detail(ticket)
        assert (detail.status, detail.queue_position) == ("claimed", None)
        assert detail.log[-1].message == "careful"
        later = user.dss_ticket_detail(ticket, since=detail.log[-2].id)
        assert [entry.message for entry in later.log] == ["careful"]
        assert user.dss_ticket_detail(ticket, since=0) == detail

    def test_are_deleted_once_and_for_all(self, user: DSSClient, ticket: int) -> None:
        user.dss_delete_ticket(ticket)
        user.dss_delete_ticket(ticket)

        assert user.dss_ticket_status(ticket) == "deleted"

    def test_are_queued_again_after_a_failure(self, world: World, user: DSSClient) -> None:
        failed = world.server.add_ticket(world.user, world.service, status="failed")

        user.dss_retry_ticket(failed.id)

        assert user.dss_ticket_status(failed.id) == "ready"

    def test_are_not_queued_again_without_one(self, world: World, user: DSSClient) -> None:
        with pytest.raises(TicketNotFound, match="its status does not allow this"):
            user.dss_retry_ticket(world.ready_ticket().id)

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
    def test_of_others_are_not_found(
        self, client: DSSClient, ticket: int, ask: Callable[[DSSClient, int], object]
    ) -> None:
        with pytest.raises(TicketNotFound, match=f"Ticket {ticket} not found") as caught:
            ask(client, ticket)

        assert isinstance(caught.value, LookupError)


class TestTheLog:
    def test_is_a_table_of_times_and_texts(
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

    def test_begins_after_what_is_known(
        self, user: DSSClient, client: DSSClient, ticket: int
    ) -> None:
        known = user.dss_ticket_log(ticket)
        client.dssp_log(ticket, "info", "later")

        news = user.dss_ticket_log(ticket, since=known["log"].iloc[-1])

        assert news["message"].to_list() == ["later"]

    def test_without_news_is_an_empty_table_of_the_same_types(
        self, user: DSSClient, ticket: int
    ) -> None:
        log = user.dss_ticket_log(ticket)
        empty = user.dss_ticket_log(ticket, since=log["log"].iloc[-1])

        assert empty.empty
        assert empty.dtypes.to_dict() == log.dtypes.to_dict()
        assert str(empty["time"].dtype) == "datetime64[ns, UTC]"

    @pytest.mark.parametrize("since", [-1, "x", True])
    def test_begins_after_an_entry(self, user: DSSClient, since: int | str) -> None:
        with pytest.raises(ValueError, match="no log entry id"):
            user.dss_ticket_log(1, since)


class TestWaiting:
    @pytest.mark.parametrize("status", ["success", "failed", "timeout", "deleted"])
    def test_ends_at_once_when_the_work_is_over(
        self, world: World, user: DSSClient, status: str
    ) -> None:
        ticket = world.server.add_ticket(world.user, world.service, status=status)

        assert user.dss_wait_for_ticket(ticket.id) is TicketStatus(status)

    def test_goes_on_until_it_is(self, world: World, user: DSSClient) -> None:
        ticket = world.ready_ticket()
        path = f"/api/tickets/{ticket.id}/status"
        for status in ("ready", "claimed", "claimed", "success"):
            world.server.expect_ordered_request(path).respond_with_data(status)

        assert user.dss_wait_for_ticket(ticket.id, interval=0.01) is TicketStatus.SUCCESS
        assert len(world.server.log) == 4

    def test_gives_none_when_it_is_not_in_time(self, world: World, user: DSSClient) -> None:
        ticket = world.ready_ticket()

        assert user.dss_wait_for_ticket(ticket.id, timeout=0.02, interval=0.01) is None
        assert user.dss_wait_for_ticket(ticket.id, timeout=0) is None

    def test_shows_the_place_in_the_queue_and_the_progress_where_somebody_looks(
        self,
        world: World,
        user: DSSClient,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        monkeypatch.setattr("dss_client.progress.is_notebook", lambda: True)
        ticket = world.ready_ticket().id
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

    def test_asks_for_nothing_more_where_nobody_looks(self, world: World, user: DSSClient) -> None:
        ticket = world.ready_ticket().id
        before = len(world.server.requests)

        user.dss_wait_for_ticket(ticket, timeout=0)

        assert [r.operation for r in list(world.server.requests)[before:]] == ["get_ticket_status"]

    def test_outlives_a_connection_that_breaks(self, world: World, user: DSSClient) -> None:
        ticket = world.server.add_ticket(world.user, world.service, status="failed")
        world.server.faults.add(faults.DropAfter(), operation="get_ticket_status", times=1)

        assert user.dss_wait_for_ticket(ticket.id) == "failed"

    def test_for_a_ticket_that_nobody_submitted_is_an_error(
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
    def test_takes_times_that_can_be(self, user: DSSClient, times: dict[str, float]) -> None:
        with pytest.raises(ValueError, match="must be"):
            user.dss_wait_for_ticket(1, **times)


def test_no_method_asks_before_its_arguments_are_right(closed_port: int) -> None:
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
        with pytest.raises(ValueError, match=r"must|no ") as caught:
            attempt()
        assert not isinstance(caught.value, DssError)


def test_a_middleware_that_is_down_is_a_connection_error(world: World, user: DSSClient) -> None:
    world.server.faults.add(faults.DropBefore())

    with pytest.raises(TransportError) as caught:
        user.dss_list_services()

    assert isinstance(caught.value, ConnectionError)
