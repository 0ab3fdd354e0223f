import pytest

from dss_client import auth
from dss_client.auth import environment
from tests.dss_client.auth.session_lookup import find_session_value

SERVER = "https://dss.example.org"
SESSION = "0123456789abcdef"


def test_environment_session_precedes_saved_session(monkeypatch: pytest.MonkeyPatch) -> None:
    auth.save(SERVER, "kept")
    monkeypatch.setenv("DSS_SESSION", f"{SESSION}\n")

    assert find_session_value(SERVER) == SESSION


def test_environment_session_precedes_environment_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DSS_SESSION", SESSION)
    monkeypatch.setenv("DSS_TOKEN", "token")

    assert find_session_value(SERVER, lambda _: "signed in") == SESSION


def test_blank_variables_count_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DSS_SESSION", "DSS_TOKEN", "DSS_SERVER"):
        monkeypatch.setenv(name, "  ")

    assert find_session_value(SERVER, lambda _: "signed in") is None


def test_invalid_session_variable_is_refused_without_showing_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DSS_SESSION", "two words; more")

    with pytest.raises(ValueError, match="DSS_SESSION must hold a session") as caught:
        find_session_value(SERVER)

    assert "two" not in str(caught.value)


@pytest.mark.parametrize(
    "meant", ["https://dss.example.org", "https://DSS.example.org:443/", " https://dss.example.org"]
)
def test_server_named_by_variable_gets_session_and_token(
    meant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DSS_SERVER", meant)
    monkeypatch.setenv("DSS_SESSION", SESSION)
    monkeypatch.setenv("DSS_TOKEN", "token")

    assert find_session_value(SERVER) == SESSION
    assert environment.read_token(SERVER) == "token"


@pytest.mark.parametrize(
    "meant",
    ["http://dss.example.org", "https://dss.example.org:8443", "https://dss.example.org/other"],
)
def test_server_not_named_by_variable_gets_neither_session_nor_token(
    meant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DSS_SERVER", meant)
    monkeypatch.setenv("DSS_SESSION", SESSION)
    monkeypatch.setenv("DSS_TOKEN", "token")

    assert find_session_value(SERVER, lambda _: "signed in") is None


@pytest.mark.parametrize("meant", ["dss.example.org", "ftp://x", "https://me:hunter2@:x"])
def test_invalid_server_variable_is_refused_without_showing_it(
    meant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DSS_SERVER", meant)
    monkeypatch.setenv("DSS_SESSION", SESSION)

    with pytest.raises(ValueError, match="DSS_SERVER must look like") as caught:
        find_session_value(SERVER)

    assert meant not in str(caught.value)
