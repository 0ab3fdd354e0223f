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
"""The largest number of sessions with a signed-in user, and of sessions without a user.

The sessions that were used last are kept.

A client that ignores cookies makes a new session in each request or login.
"""


class Accounts:
    """The users and their sessions.

    Attributes:
        users: the users by id.
    """

    def __init__(self, foundation: Foundation) -> None:
        self._foundation = foundation
        self.users: dict[int, User] = {}
        self.clear()

    def clear(self) -> None:
        """Remove all users. Their running requests can no longer change the state."""
        with self._foundation.lock:
            for user in self.users.values():
                user.is_forgotten = True
            self.users = {}
            self._by_email: dict[str, User] = {}
            self._by_token: dict[str, User] = {}
            self._sessions: OrderedDict[str, Session] = OrderedDict()
            # Kept apart, so that they do not push out sessions of signed-in users.
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
            token: the token for the first sign-in. The default is a random one.

        Raises:
            ValueError: another user has the same address or token, or the tier does not exist.
        """
        if tier not in TIERS:
            raise ValueError(f"{tier!r} is not a tier. The tiers are {', '.join(TIERS)}.")
        with self._foundation.lock:
            if email in self._by_email:
                raise ValueError(f"the user {email!r} exists already")
            token = token or self._make_token()
            if token in self._by_token:
                raise ValueError(
                    f"{email!r} and another user have the same token. "
                    "Give each user a different token"
                )
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
        """Return the user with an address, or `None`."""
        return self._by_email.get(email)

    def has_token(self, token: str) -> bool:
        """Return whether a user has this token."""
        return token in self._by_token

    def ensure(self, email: str, *, sysadmin: bool, accepted_terms: bool) -> User:
        """Return the user with an address. If the user does not exist, add the user."""
        with self._foundation.lock:
            return self.find(email) or self.add(
                email, sysadmin=sysadmin, accepted_terms=accepted_terms
            )

    def get_session(self, cookie: str | None) -> Session:
        """Return the session of a cookie, or a new session."""
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
        """Return the session of a cookie if a user is signed in with it, or `None`."""
        with self._foundation.lock:
            return self._sessions.get(cookie or "")

    def forget_session(self, cookie: str | None) -> None:
        """Expire a session."""
        with self._foundation.lock:
            session = self._sessions.get(cookie or "")
            if session is not None:
                self.end_session(session)

    def login(self, session: Session, token: str) -> User:
        """Sign in with a token, which is used up.

        Raises:
            RequestRefused: no user has this token. The session ends.
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
        """Return a new session of a user without using up the token.

        Raises:
            RequestRefused: a reset has removed the user.
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
            session.is_ended = True
            if self._sessions.pop(session.id, None):
                self._foundation.note_change(session)
            self._anonymous_sessions.pop(session.id, None)

    # ------------------------------------------------------------------------ loading

    def restore(self, user: User) -> None:
        """Add a saved user."""
        with self._foundation.lock:
            self.users[user.id] = user
            self._by_email[user.email] = user
            self._by_token[user.token] = user

    def restore_session(self, session: Session) -> None:
        """Add a saved session."""
        with self._foundation.lock:
            self._sessions[session.id] = session

    # -------------------------------------------------------- the caller holds the lock

    def _make_token(self) -> str:
        while (token := self._foundation.make_hex("token", TOKEN_LENGTH)) in self._by_token:
            pass
        return token

    def _end_oldest_sessions(self, sessions: OrderedDict[str, Session]) -> None:
        while len(sessions) > MAX_SESSIONS:
            self.end_session(next(iter(sessions.values())))


def check_not_forgotten(user: User) -> None:
    """Check that a reset has not removed a user. Call it before a change, with the lock held.

    Raises:
        RequestRefused: a reset has removed the user.
    """
    if user.is_forgotten:
        raise RequestRefused(NotLoggedIn)


def _make_session_id() -> str:
    # Truly random, unlike the other random values: after a reset, an old cookie must not fit
    # another user.
    return secrets.token_hex(SESSION_LENGTH // 2)
