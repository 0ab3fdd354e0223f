"""A request for an operation, as its handler gets it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import attrs

from dss_api import FileArea, Operation, OperationRequest
from dss_api.errors import NotLoggedIn
from dss_wire.codec import decode_request
from dss_wire.scalars import DecodingError

from .errors import RequestRefused
from .request_body import RequestBody, UploadedFile
from .state import Session, State, User

R = TypeVar("R", bound=OperationRequest)


@attrs.frozen(eq=False)
class MockRequest:
    """A request for an operation.

    Attributes:
        actor: the signed-in user, or `None`.
        server: the address under which the client reached this server.
        path: the parameters in the URL path.
        body: the parameters in the query and the body, and the uploaded files.
    """

    state: State
    operation: Operation[OperationRequest, object]
    session: Session
    actor: User | None
    server: str
    path: Mapping[str, str]
    body: RequestBody

    @property
    def user(self) -> User:
        """The signed-in user.

        Raises:
            RequestRefused: no user is signed in.
        """
        if self.actor is None:
            raise RequestRefused(NotLoggedIn)
        return self.actor

    @property
    def parameters(self) -> Mapping[str, str]:
        """The parameters in the query and the body, as the client sent them."""
        return self.body.parameters

    @property
    def ticket_id(self) -> int:
        """The ticket id in the path."""
        return self.parse_path_id("ticket_id")

    @property
    def index(self) -> int:
        """The index of the file in the path."""
        return int(self.path["index"])

    def parse_path_id(self, name: str) -> int:
        """Return an id in the URL path.

        If the digits are not ASCII, such as Arabic digits, the result is negative, so no ticket
        matches. The middleware accepts such digits in a path, but its database does not read them
        as a number.
        """
        number = int(self.path[name])
        return number if self.path[name].isascii() else -number

    @property
    def area(self) -> FileArea:
        """The file area in the path."""
        return FileArea(self.path["area"])

    @property
    def upload(self) -> UploadedFile | None:
        """The uploaded file that the operation takes."""
        name = self.operation.file
        return self.body.files.get(self.operation.wire_name(name)) if name else None

    def require_parameter(self, name: str) -> str:
        """Return a parameter as the client sent it.

        Raises:
            DecodingError: the parameter is missing.
        """
        if name not in self.parameters:
            raise DecodingError(f"{name} is missing")
        return self.parameters[name]

    def require_number(self, name: str) -> str:
        """Return a parameter as the client sent it, after a check that Python reads it as a number.

        Raises:
            DecodingError: the parameter is missing or not a number.
        """
        text = self.require_parameter(name)
        try:
            float(text)
        except ValueError as error:
            raise DecodingError(f"{name} is not a number") from error
        return text

    def decode(self, kind: type[R]) -> R:
        """Return the parameters as the contract's request object.

        Raises:
            DecodingError: a parameter is missing or malformed.
        """
        asked = decode_request(self.operation, self.path, self.parameters)
        assert isinstance(asked, kind)
        return asked
