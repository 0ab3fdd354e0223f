import pandas as pd

from dss_api import AvailableService, Claim, ProvidedService, TicketFile, TicketStatus
from dss_client import tables


def dtypes(table: pd.DataFrame) -> dict[str, object]:
    return {str(column): kind for column, kind in table.dtypes.items()}


def test_services_have_the_documented_columns_and_one_row_each() -> None:
    table = tables.services(
        [ProvidedService(name="Brain", version="1.0", githash="abc", provider="lab")]
    )

    assert list(table.columns) == ["service", "version", "hash", "provider"]
    assert table.iloc[0].to_list() == ["Brain", "1.0", "abc", "lab"]


def test_available_services_count_in_integers() -> None:
    table = tables.available_services(
        [AvailableService(service_githash="abc", service_name="Brain", ready_tickets=3)]
    )

    assert list(table.columns) == ["service", "service_name", "ready_tickets"]
    assert table.iloc[0].to_list() == ["abc", "Brain", 3]
    assert table["ready_tickets"].dtype == "int64"


def test_a_claim_is_one_row_of_plain_values() -> None:
    table = tables.claim(Claim(id=7, service_githash="abc", status=TicketStatus.CLAIMED))

    assert list(table.columns) == ["ticket", "service", "status"]
    assert len(table) == 1
    assert table["ticket"].iloc[0] == 7
    assert type(table["status"].iloc[0]) is str


def test_types_are_the_same_when_empty() -> None:
    service = ProvidedService(name="Brain", version="1.0", githash="abc", provider="lab")
    file = TicketFile(index=0, filename="scan.nii.gz")

    assert dtypes(tables.services([])) == dtypes(tables.services([service]))
    assert dtypes(tables.files([])) == dtypes(tables.files([file]))
    assert tables.files([])["index"].dtype == "int64"
