"""What the classes of the contract have in common."""

from __future__ import annotations

import attrs
import pytest

from dss_api import Claim, Provider, TicketFile, TicketStatus
from dss_api.requests import CreateProviderRequest, DeleteProviderRequest, LoginRequest

CLAIM = Claim(id=7, service_githash="abc", status=TicketStatus.CLAIMED)


def test_equal_fields_make_equal_records() -> None:
    same = Claim(id=7, service_githash="abc", status=TicketStatus.CLAIMED)

    assert same == CLAIM
    assert {same, CLAIM} == {CLAIM}
    assert attrs.evolve(CLAIM, id=8) != CLAIM


def test_records_of_other_classes_are_others() -> None:
    create, delete = CreateProviderRequest(name="lab"), DeleteProviderRequest(provider="lab")

    assert create != delete
    assert create != Provider(name="lab")
    assert Provider(name="lab") != "lab"


def test_a_record_is_shown_by_its_fields() -> None:
    assert repr(TicketFile(index=0, filename="scan.nii.gz")) == (
        "TicketFile(index=0, filename='scan.nii.gz')"
    )


def test_a_secret_field_is_not_shown() -> None:
    assert repr(LoginRequest(token="t0ken")) == "LoginRequest()"


def test_a_record_cannot_be_changed() -> None:
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        CLAIM.id = 8  # type: ignore[misc]  # that is the point
