"""The users, service and ticket that each fault is tried on."""

from __future__ import annotations

import attrs
import pytest

from dss_mock import DssServer
from dss_mock.dss_server import Client
from dss_mock.state import Service, Ticket, User


@attrs.frozen
class Scenario:
    """A provider with one service, and a user with one waiting ticket."""

    user: User
    member: User
    service: Service
    ticket: Ticket
    asker: Client
    provider: Client

    def claim(self) -> int | None:
        claim = self.provider.provider.claim_ticket(
            services=(self.service.githash,), provider="testlab"
        )
        return claim.id if claim else None


@pytest.fixture
def scenario(dss_server: DssServer) -> Scenario:
    user = dss_server.add_user("user@example.com")
    member = dss_server.add_user("member@example.com")
    service = dss_server.add_service(dss_server.add_provider("testlab", [member]))
    ticket = dss_server.add_ticket(user, service, {"scan.nii.gz": bytes(range(256)) * 400})
    return Scenario(
        user, member, service, ticket, dss_server.client(user), dss_server.client(member)
    )
