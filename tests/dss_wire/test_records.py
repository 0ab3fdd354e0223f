"""Tests of the base class of records."""

from __future__ import annotations

import attrs
import pytest

from dss_api import Claim, Provider, TicketFile, TicketStatus
from dss_api.requests import CreateProviderRequest, DeleteProviderRequest, LoginRequest

CLAIM = Claim(id=7, service_githash="abc", status=TicketStatus.CLAIMED)


def test_records_with_equal_fields_are_equal() -> None:
    same = Claim(id=7, service_githash="abc", status=TicketStatus.CLAIMED)

    assert same == CLAIM
    assert {same, CLAIM} == {CLAIM}
    assert attrs.evolve(CLAIM, id=8) != CLAIM


def test_records_of_different_classes_are_not_equal() -> None:
    create, delete = CreateProviderRequest(name="lab"), DeleteProviderRequest(provider="lab")

    assert create != delete
    assert create != Provider(name="lab")
    assert Provider(name="lab") != "lab"


def test_repr_of_a_record_shows_its_fields() -> None:
    assert repr(TicketFile(index=0, filename="scan.nii.gz")) == (
        "TicketFile(index=0, filename='scan.nii.gz')"
    )


def test_repr_of_a_record_hides_secret_fields() -> None:
    assert repr(LoginRequest(token="t0ken")) == "LoginRequest()"


def test_changing_a_record_raises_an_error() -> None:
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        CLAIM.id = 8  # type: ignore[misc]  # the class is frozen
