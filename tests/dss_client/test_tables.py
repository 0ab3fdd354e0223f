from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from dss_api import (
    Attachment,
    AvailableService,
    Claim,
    LogCategory,
    LogEntry,
    ProvidedService,
    Provider,
    ProviderUser,
    Service,
    SubmittedTicket,
    Ticket,
    TicketFile,
    TicketStatus,
)
from dss_client import tables


def test_service_table_has_one_row_for_each_service() -> None:
    table = tables.make_provided_service_table(
        [ProvidedService(name="Brain", version="1.0", githash="abc", provider="lab")]
    )

    assert list(table.columns) == ["service", "version", "hash", "provider"]
    assert table.iloc[0].to_list() == ["Brain", "1.0", "abc", "lab"]


def test_ready_tickets_are_integers() -> None:
    table = tables.make_available_service_table(
        [AvailableService(service_githash="abc", service_name="Brain", ready_tickets=3)]
    )

    assert list(table.columns) == ["service", "service_name", "ready_tickets"]
    assert table.iloc[0].to_list() == ["abc", "Brain", 3]
    assert table["ready_tickets"].dtype == "int64"


def test_claim_table_is_one_row_of_plain_values() -> None:
    table = tables.make_claim_table(Claim(id=7, service_githash="abc", status=TicketStatus.CLAIMED))

    assert list(table.columns) == ["ticket", "service", "status"]
    assert len(table) == 1
    assert table["ticket"].iloc[0] == 7
    assert type(table["status"].iloc[0]) is str


INTEGER_COLUMNS = {"ticket", "index", "user", "log", "attachment", "attachments", "ready_tickets"}
"""The columns of integers, in every table."""

PROVIDED_SERVICE = ProvidedService(name="Brain", version="1.0", githash="abc", provider="lab")
AVAILABLE_SERVICE = AvailableService(service_githash="abc", service_name="Brain", ready_tickets=3)
SERVICE = Service(name="Brain", version="1.0", githash="abc", shortdesc="Finds it")
ATTACHMENT = Attachment(id=1, description="A picture", mime_type="image/png", url="/blobs/x")
LOG_ENTRY = LogEntry(
    id=1,
    atime=datetime(2026, 3, 1, tzinfo=UTC),
    category=LogCategory.INFO,
    attachments=0,
    message="x",
)
SUBMITTED_TICKET = SubmittedTicket(
    id=7, email="a@b", service="Brain", status=TicketStatus.READY, duration=timedelta(minutes=1)
)


@pytest.mark.parametrize(
    ("table", "row"),
    [
        (tables.make_provided_service_table, PROVIDED_SERVICE),
        (tables.make_available_service_table, AVAILABLE_SERVICE),
        (tables.make_file_table, TicketFile(index=0, filename="scan.nii.gz")),
        (tables.make_claimed_ticket_table, (7, TicketStatus.CLAIMED)),
        (tables.make_service_table, SERVICE),
        (tables.make_ticket_table, Ticket(id=7, service="Brain", status=TicketStatus.READY)),
        (tables.make_log_table, LOG_ENTRY),
        (tables.make_attachment_table, (3, ATTACHMENT)),
        (tables.make_provider_table, Provider(name="lab")),
        (tables.make_provider_user_table, ProviderUser(id=1, email="a@b", admin=True)),
        (tables.make_submitted_ticket_table, SUBMITTED_TICKET),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_table_has_the_same_column_types_when_empty(
    table: Callable[[Iterable[object]], pd.DataFrame], row: object
) -> None:
    one, empty = table([row]), table([])

    assert len(one) == 1
    assert empty.empty
    assert empty.dtypes.to_dict() == one.dtypes.to_dict()
    assert set(empty.select_dtypes("int64")) == INTEGER_COLUMNS & set(empty.columns)
