"""Plays steps on one middleware."""

from __future__ import annotations

import re

from dss_api import SESSION_COOKIE

from ..middleware import Middleware
from ..raw import Answer, Connection, NoAnswer, exchange
from .steps import Step, unmarked

_BLOB = re.compile(rb"/blobs/([0-9a-f]{8})(?![0-9a-f])")
_COOKIE = re.compile(rf"{SESSION_COOKIE}=([0-9a-f]*)(; expires=)?")


class Player:
    """Plays steps on one middleware, with the memory that each of its actors has.

    Attributes:
        blobs: the names of blobs, in the order in which answers first mentioned them.
        sent_cookie: the session that the last request carried.
    """

    def __init__(self, middleware: Middleware) -> None:
        self.middleware = middleware
        self.blobs: list[bytes] = []
        self.sent_cookie: str | None = None
        self._cookies: dict[str, str] = {}
        self._kept: Connection | None = None

    def play(self, step: Step) -> Answer | None:
        """Do a step; gives the answer, if it is a request.

        Raises:
            NoAnswer: what came is none.
            OSError: nothing came.
        """
        if step.wait:
            self.middleware.pass_time(step.wait)
            return None
        self.sent_cookie = self._cookies.get(step.actor)
        request = step.composed(self.sent_cookie, self._resolve)
        if step.kept:
            answer = self._over_kept(request, step.method)
        else:
            answer = exchange(self.middleware.address, request, step.method)
        self._learn(step.actor, answer)
        if step.body is not None:
            self.middleware.settle()
        return answer

    def resolved(self, text: bytes) -> bytes:
        """A text in which the marks are replaced by what they stand for here."""
        return unmarked(text, self._resolve)

    def close(self) -> None:
        if self._kept is not None:
            self._kept.close()
            self._kept = None

    def _over_kept(self, request: bytes, method: str) -> Answer:
        if self._kept is not None:
            try:
                self._kept.send(request)
                answer = self._kept.receive(method)
            except (OSError, NoAnswer):
                # It was idle for too long.
                self.close()
                return self._over_kept(request, method)
        else:
            self._kept = Connection(self.middleware.address)
            self._kept.send(request)
            answer = self._kept.receive(method)
        if answer.closed or answer.header("Connection") == "close":
            self.close()
        return answer

    def _learn(self, actor: str, answer: Answer) -> None:
        """Keep cookies as a browser does, and note the names of blobs."""
        match = _COOKIE.match(answer.header("Set-Cookie") or "")
        if match and match[2]:
            self._cookies.pop(actor, None)
            self._cookies["stale"] = match[1]
        elif match and actor not in ("nobody", "stale"):
            self._cookies[actor] = match[1]
        for blob in _BLOB.findall(answer.body):
            if blob not in self.blobs:
                self.blobs.append(blob)

    def _resolve(self, kind: str, name: str) -> str:
        if kind == "token":
            return self.middleware.token(name)
        blob = self.blobs[int(name)].decode() if int(name) < len(self.blobs) else "0" * 8
        return blob if kind == "blob" else f"{blob}{'0' * 24}"
