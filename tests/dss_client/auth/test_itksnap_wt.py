import hashlib
import os
from pathlib import Path

import pytest

from dss_client import auth
from tests.dss_client.auth.finding import found

SERVER = "https://dss.example.org"
SESSION = "0123456789abcdef"
LONG_HENCE = 4_000_000_000
HEADER = "# Netscape HTTP Cookie File\n# https://curl.se/docs/http-cookies.html\n\n"


def cookie(
    domain: str = "dss.example.org",
    *,
    deep: str = "FALSE",
    path: str = "/",
    secure: str = "FALSE",
    expires: int | str = LONG_HENCE,
    name: str = "webpy_session_id",
    value: str = SESSION,
) -> str:
    return f"#HttpOnly_{domain}\t{deep}\t{path}\t{secure}\t{expires}\t{name}\t{value}\n"


def sign_in(home: Path, typed: str, *lines: str, server: str | None = None) -> Path:
    """What the tool leaves behind when it signs in, with the server's address as it was typed."""
    folder = home / ".alfabis"
    folder.mkdir(exist_ok=True)
    (folder / "server").write_text(typed if server is None else server)
    jar = folder / f"cookie_{hashlib.md5(typed.encode()).hexdigest()}.jar"
    jar.write_text(HEADER + "".join(lines or (cookie(),)))
    return jar


@pytest.mark.parametrize("typed", [SERVER, f"{SERVER}/"])
def test_its_sign_in_is_found_as_the_address_was_typed(home: Path, typed: str) -> None:
    sign_in(home, typed, server="https://another.example.org")

    assert found(SERVER) == SESSION


def test_an_address_that_was_typed_otherwise_is_that_in_the_file(home: Path) -> None:
    sign_in(home, "https://DSS.example.org:443")

    assert found(SERVER) == SESSION


def test_an_address_is_that_in_its_plain_form_too(home: Path) -> None:
    sign_in(home, SERVER, server="https://another.example.org")

    assert found("https://DSS.example.org:443") == SESSION


def test_the_sign_in_of_another_server_is_not_used(home: Path) -> None:
    sign_in(home, "https://another.example.org")

    assert found(SERVER) is None


def test_each_server_has_its_own(home: Path) -> None:
    sign_in(home, SERVER)
    sign_in(home, "http://localhost:8080", cookie("localhost", value="local"))
    sign_in(home, "http://localhost:8081", cookie("localhost", value="other"))

    assert found(SERVER) == SESSION
    assert found("http://localhost:8080") == "local"
    assert found("http://localhost:8081") == "other"


@pytest.mark.parametrize(
    ("server", "line"),
    [
        (SERVER, cookie(".example.org", deep="TRUE")),
        (SERVER, cookie("DSS.example.org")),
        (SERVER, cookie(secure="TRUE")),
        (SERVER, cookie(expires=0)),
        (SERVER, cookie().removeprefix("#HttpOnly_")),
        (f"{SERVER}/dss", cookie(path="/dss/")),
        ("http://127.0.0.1:8080", cookie("127.0.0.1")),
    ],
)
def test_a_cookie_for_the_server_is_used(home: Path, server: str, line: str) -> None:
    sign_in(home, server, line)

    assert found(server) == SESSION


@pytest.mark.parametrize(
    ("server", "line"),
    [
        (SERVER, cookie("another.example.org")),
        (SERVER, cookie("example.org")),
        (SERVER, cookie("ss.example.org", deep="TRUE")),
        (SERVER, cookie(path="/elsewhere")),
        (f"{SERVER}/dss2", cookie(path="/dss")),
        ("http://dss.example.org", cookie(secure="TRUE")),
        (SERVER, cookie(expires=1)),
        (SERVER, cookie(name="another")),
        (SERVER, cookie(value="two words")),
        (SERVER, cookie(value="")),
        (SERVER, f"# {cookie()}"),
        (SERVER, cookie(expires="soon")),
        (SERVER, cookie(expires="9" * 5000)),
        (SERVER, cookie().replace("\t", " ")),
        (SERVER, "\xff\x00\n"),
    ],
)
def test_any_other_cookie_is_not(home: Path, server: str, line: str) -> None:
    sign_in(home, server, line)

    assert found(server) is None


def test_a_line_that_is_no_cookie_does_not_hide_the_others(
    home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    sign_in(home, SERVER, "nonsense\n", cookie(expires=1, value="old"), cookie())

    assert found(SERVER) == SESSION
    assert SESSION not in caplog.text


def test_what_is_kept_here_comes_first(home: Path) -> None:
    sign_in(home, SERVER)
    auth.save(SERVER, "kept")

    assert found(SERVER) == "kept"


def test_it_is_never_changed(home: Path) -> None:
    jar = sign_in(home, SERVER)
    before = {file: file.read_bytes() for file in jar.parent.iterdir()}
    jar.chmod(0o400)

    assert found(SERVER) == SESSION
    auth.save(SERVER, "kept")
    auth.forget(SERVER)

    assert {file: file.read_bytes() for file in jar.parent.iterdir()} == before
    assert found(SERVER) == SESSION


def test_what_is_no_file_is_as_good_as_none(home: Path) -> None:
    jar = sign_in(home, SERVER)
    jar.unlink()
    jar.mkdir()
    (jar.parent / "server").unlink()
    if hasattr(os, "mkfifo"):
        os.mkfifo(jar.parent / "server")

    assert found(SERVER) is None


def test_a_link_is_followed_for_that_is_how_containers_are_given_it(
    home: Path, tmp_path: Path
) -> None:
    jar = sign_in(home, SERVER)
    jar.rename(tmp_path / "secret")
    jar.symlink_to(tmp_path / "secret")

    assert found(SERVER) == SESSION
