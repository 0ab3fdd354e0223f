"""What a handler gets."""

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
    """One request to an operation.

    Attributes:
        actor: who is signed in.
        server: the address under which the client reached this server.
        path: the parameters in the path.
        body: those in the query and the body, and the files.
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
        """Who is signed in.

        Raises:
            RequestRefused: nobody is.
        """
        if self.actor is None:
            raise RequestRefused(NotLoggedIn)
        return self.actor

    @property
    def parameters(self) -> Mapping[str, str]:
        """The parameters in the query and the body, as they arrived."""
        return self.body.parameters

    @property
    def ticket_id(self) -> int:
        """The ticket in the path."""
        return self.parse_path_id("ticket_id")

    @property
    def index(self) -> int:
        """The place of the file in the path."""
        return int(self.path["index"])

    def parse_path_id(self, name: str) -> int:
        """An id in the path.

        It is negative, which there never is, if it has digits of other scripts: they may stand in a
        path, but are no numbers to the database.
        """
        number = int(self.path[name])
        return number if self.path[name].isascii() else -number

    @property
    def area(self) -> FileArea:
        """The file area in the path."""
        return FileArea(self.path["area"])

    @property
    def upload(self) -> UploadedFile | None:
        """The file that the operation takes."""
        name = self.operation.file
        return self.body.files.get(self.operation.wire_name(name)) if name else None

    def require_parameter(self, name: str) -> str:
        """A parameter as it arrived.

        Raises:
            DecodingError: it is missing.
        """
        if name not in self.parameters:
            raise DecodingError(f"{name} is missing")
        return self.parameters[name]

    def require_number(self, name: str) -> str:
        """A parameter as it arrived, which Python would take for a number.

        Raises:
            DecodingError: it is missing, or no number.
        """
        text = self.require_parameter(name)
        try:
            float(text)
        except ValueError as error:
            raise DecodingError(f"{name} is no number") from error
        return text

    def decode(self, kind: type[R]) -> R:
        """The parameters, as the contract has them.

        Raises:
            DecodingError: one is missing or malformed.
        """
        asked = decode_request(self.operation, self.path, self.parameters)
        assert isinstance(asked, kind)
        return asked
