"""What the middleware looks for in a request before it asks who is signed in."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from dss_api import MiddlewareFault, MissingParameter
from dss_api.routes import (
    CLAIM_TICKET,
    LIST_AVAILABLE_SERVICES,
    LIST_SERVICE_CLAIMS,
    SET_TICKET_STATUS,
)
from dss_wire.scalars import DecodingError

from ..body import Body
from ..refusal import Refused


def _expect_status(body: Body) -> None:
    if "status" not in body.parameters:
        raise DecodingError("status is missing")


def _expect_services(body: Body) -> None:
    if "services" not in body.parameters:
        raise Refused(MissingParameter)
    if "services" in body.files:
        raise Refused(MiddlewareFault)


def _fail(_: Body) -> None:
    raise Refused(MiddlewareFault)


FIRST: Mapping[str, Callable[[Body], None]] = {
    SET_TICKET_STATUS.name: _expect_status,
    CLAIM_TICKET.name: _expect_services,
    LIST_AVAILABLE_SERVICES.name: _expect_services,
    LIST_SERVICE_CLAIMS.name: _fail,
}
"""By the names of the operations; each fails as the middleware does if it is not there."""
