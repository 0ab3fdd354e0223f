"""The runner of the steps of a walk on one middleware."""

from __future__ import annotations

import re

from dss_api import SESSION_COOKIE

from ..http_connection import Connection, InvalidResponse, Response, send_request
from ..middleware import Middleware
from .steps import Step, replace_placeholders

_BLOB = re.compile(rb"/blobs/([0-9a-f]{8})(?![0-9a-f])")
_COOKIE = re.compile(rf"{SESSION_COOKIE}=([0-9a-f]*)(; expires=)?")


class StepRunner:
    """A runner of steps on one middleware, with the cookies of each actor.

    Attributes:
        blobs: the names of blobs in the order of their first appearance in responses.
        sent_cookie: the session in the last request.
    """

    def __init__(self, middleware: Middleware) -> None:
        self.middleware = middleware
        self.blobs: list[bytes] = []
        self.sent_cookie: str | None = None
        self._cookies: dict[str, str] = {}
        self._kept_connection: Connection | None = None

    def run(self, step: Step) -> Response | None:
        """Run a step; return the response, or `None` if the step only waits.

        Raises:
            InvalidResponse: the response is not complete or not HTTP.
            OSError: a response did not come.
        """
        if step.wait:
            self.middleware.advance_time(step.wait)
            return None
        self.sent_cookie = self._cookies.get(step.actor)
        request = step.to_bytes(self.sent_cookie, self._resolve)
        if step.keep_connection:
            response = self._send_over_kept(request, step.method)
        else:
            response = send_request(self.middleware.address, request, step.method)
        self._learn(step.actor, response)
        if step.body is not None:
            self.middleware.wait_for_new_mtime()
        return response

    def resolve(self, text: bytes) -> bytes:
        """Replace the placeholders in a text with their values on this middleware."""
        return replace_placeholders(text, self._resolve)

    def close(self) -> None:
        if self._kept_connection is not None:
            self._kept_connection.close()
            self._kept_connection = None

    def _send_over_kept(self, request: bytes, method: str) -> Response:
        if self._kept_connection is not None:
            try:
                self._kept_connection.send(request)
                response = self._kept_connection.receive(method)
            except (OSError, InvalidResponse):
                # The server closes connections that are idle for too long.
                self.close()
                return self._send_over_kept(request, method)
        else:
            self._kept_connection = Connection(self.middleware.address)
            self._kept_connection.send(request)
            response = self._kept_connection.receive(method)
        if response.closed or response.header("Connection") == "close":
            self.close()
        return response

    def _learn(self, actor: str, response: Response) -> None:
        """Store cookies as a browser does, and the names of blobs."""
        match = _COOKIE.match(response.header("Set-Cookie") or "")
        if match and match[2]:
            self._cookies.pop(actor, None)
            self._cookies["stale"] = match[1]
        elif match and actor not in ("anonymous", "stale"):
            self._cookies[actor] = match[1]
        for blob in _BLOB.findall(response.body):
            if blob not in self.blobs:
                self.blobs.append(blob)

    def _resolve(self, kind: str, name: str) -> str:
        if kind == "token":
            return self.middleware.get_token(name)
        blob = self.blobs[int(name)].decode() if int(name) < len(self.blobs) else "0" * 8
        return blob if kind == "blob" else f"{blob}{'0' * 24}"
