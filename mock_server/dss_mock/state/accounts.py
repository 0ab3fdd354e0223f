"""Users, their tokens and their sessions."""

from __future__ import annotations

import secrets
from collections import OrderedDict

from dss_api import TIERS, InvalidToken, NotLoggedIn
from dss_api.constants import SESSION_LENGTH, TOKEN_LENGTH

from ..errors import RequestRefused
from .entities import Session, User
from .foundation import Foundation

MAX_SESSIONS = 10_000
"""How many sessions are remembered, those last used, of users and of nobody alike.

A client that keeps no cookies makes one with each request, or with each login.
"""


class Accounts:
    """Who may sign in, and who did.

    Attributes:
        users: by id.
    """

    def __init__(self, foundation: Foundation) -> None:
        self._foundation = foundation
        self.users: dict[int, User] = {}
        self.clear()

    def clear(self) -> None:
        """Forget everybody; whoever has a request under way can do nothing more with it."""
        with self._foundation.lock:
            for user in self.users.values():
                user.forgotten = True
            self.users = {}
            self._by_email: dict[str, User] = {}
            self._by_token: dict[str, User] = {}
            self._sessions: OrderedDict[str, Session] = OrderedDict()
            # Apart, so that they push out nobody who is signed in.
            self._anonymous_sessions: OrderedDict[str, Session] = OrderedDict()

    def add(
        self,
        email: str,
        *,
        token: str | None = None,
        name: str = "",
        sysadmin: bool = False,
        tier: str = "guest",
        accepted_terms: bool = False,
    ) -> User:
        """Add a user.

        Args:
            token: for the first sign-in; made up if there is none.

        Raises:
            ValueError: the address or the token is taken, or there is no such tier.
        """
        if tier not in TIERS:
            raise ValueError(f"{tier!r} is no tier; there are {', '.join(TIERS)}")
        with self._foundation.lock:
            if email in self._by_email:
                raise ValueError(f"there is a user {email!r} already")
            token = token or self._make_token()
            if token in self._by_token:
                raise ValueError(f"the token of {email!r} is that of another user")
            user = User(
                id=len(self.users) + 1,
                email=email,
                token=token,
                name=name,
                sysadmin=sysadmin,
                tier=tier,
                accepted_terms=accepted_terms,
            )
            self.restore(user)
            self._foundation.note_change(user)
            return user

    def find(self, email: str) -> User | None:
        """The user with an address."""
        return self._by_email.get(email)

    def has_token(self, token: str) -> bool:
        """Whether somebody can sign in with a token."""
        return token in self._by_token

    def ensure(self, email: str, *, sysadmin: bool, accepted_terms: bool) -> User:
        """The user with an address, who is added if need be."""
        with self._foundation.lock:
            return self.find(email) or self.add(
                email, sysadmin=sysadmin, accepted_terms=accepted_terms
            )

    def get_session(self, cookie: str | None) -> Session:
        """The session that a cookie stands for, or a new one."""
        with self._foundation.lock:
            for sessions in (self._sessions, self._anonymous_sessions):
                if cookie and cookie in sessions:
                    sessions.move_to_end(cookie)
                    return sessions[cookie]
            session = Session(_make_session_id())
            self._anonymous_sessions[session.id] = session
            self._end_oldest_sessions(self._anonymous_sessions)
            return session

    def find_session(self, cookie: str | None) -> Session | None:
        """The session that a cookie stands for, if it stands for one."""
        with self._foundation.lock:
            return self._sessions.get(cookie or "")

    def forget_session(self, cookie: str | None) -> None:
        """Let a session be unknown, as one is that has expired."""
        with self._foundation.lock:
            session = self._sessions.get(cookie or "")
            if session is not None:
                self.end_session(session)

    def login(self, session: Session, token: str) -> User:
        """Sign in; the token is spent.

        Raises:
            RequestRefused: nobody has this token; the session has ended.
        """
        with self._foundation.lock:
            user = self._by_token.pop(token, None)
            if user is None:
                self.end_session(session)
                raise RequestRefused(InvalidToken)
            user.token = self._make_token()
            self._by_token[user.token] = user
            session.user = user
            self._anonymous_sessions.pop(session.id, None)
            self._sessions[session.id] = session
            self._end_oldest_sessions(self._sessions)
            self._foundation.note_change(user, session)
            return user

    def sign_in(self, user: User) -> Session:
        """A new session of a user, whose token is not spent.

        Raises:
            RequestRefused: a reset has forgotten the user.
        """
        with self._foundation.lock:
            check_not_forgotten(user)
            session = Session(_make_session_id(), user)
            self._sessions[session.id] = session
            self._end_oldest_sessions(self._sessions)
            self._foundation.note_change(session)
            return session

    def end_session(self, session: Session) -> None:
        """End a session."""
        with self._foundation.lock:
            session.ended = True
            if self._sessions.pop(session.id, None):
                self._foundation.note_change(session)
            self._anonymous_sessions.pop(session.id, None)

    # --------------------------------------------------------------------- what was saved

    def restore(self, user: User) -> None:
        """Put in a user who was there before."""
        with self._foundation.lock:
            self.users[user.id] = user
            self._by_email[user.email] = user
            self._by_token[user.token] = user

    def restore_session(self, session: Session) -> None:
        """Put in the session of a user that was there before."""
        with self._foundation.lock:
            self._sessions[session.id] = session

    # -------------------------------------------------------- with the lock held by the caller

    def _make_token(self) -> str:
        while (token := self._foundation.make_hex("token", TOKEN_LENGTH)) in self._by_token:
            pass
        return token

    def _end_oldest_sessions(self, sessions: OrderedDict[str, Session]) -> None:
        while len(sessions) > MAX_SESSIONS:
            self.end_session(next(iter(sessions.values())))


def check_not_forgotten(user: User) -> None:
    """See to it that a user may still do something; before a change, with the lock held.

    Raises:
        RequestRefused: a reset has forgotten the user.
    """
    if user.forgotten:
        raise RequestRefused(NotLoggedIn)


def _make_session_id() -> str:
    # Not reproducible, unlike all else that is made up: after a reset, no cookie of before is to
    # stand for somebody else.
    return secrets.token_hex(SESSION_LENGTH // 2)
