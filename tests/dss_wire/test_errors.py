"""Tests of the errors that do not depend on a contract."""

from __future__ import annotations

import pytest

from dss_api import (
    AnswerCutShort,
    AnswerTimeout,
    DssError,
    MiddlewareUnavailable,
    NotLoggedIn,
    ProxyPage,
    Redirected,
    SessionExpired,
    TransportError,
    UnexpectedAnswer,
    UploadChanged,
)


@pytest.mark.parametrize(
    ("kind", "base"),
    [
        (TransportError, ConnectionError),
        (AnswerTimeout, TimeoutError),
        (AnswerTimeout, TransportError),
        (AnswerCutShort, TransportError),
        (UploadChanged, OSError),
        (UnexpectedAnswer, ValueError),
        (ProxyPage, ConnectionError),
        (Redirected, ConnectionError),
        (MiddlewareUnavailable, ConnectionError),
        (SessionExpired, NotLoggedIn),
    ],
)
def test_general_error_derives_from_a_matching_builtin(
    kind: type[DssError], base: type[Exception]
) -> None:
    assert issubclass(kind, DssError)
    assert issubclass(kind, base)
