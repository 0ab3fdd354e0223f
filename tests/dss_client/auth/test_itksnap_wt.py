import hashlib
import os
from pathlib import Path

import pytest

from dss_client import auth
from tests.dss_client.auth.session_lookup import find_session_value

SERVER = "https://dss.example.org"
SESSION = "0123456789abcdef"
FAR_FUTURE = 4_000_000_000
HEADER = "# Netscape HTTP Cookie File\n# https://curl.se/docs/http-cookies.html\n\n"


def format_cookie(
    domain: str = "dss.example.org",
    *,
    include_subdomains: str = "FALSE",
    path: str = "/",
    secure: str = "FALSE",
    expires: int | str = FAR_FUTURE,
    name: str = "webpy_session_id",
    value: str = SESSION,
) -> str:
    return (
        f"#HttpOnly_{domain}\t{include_subdomains}\t{path}\t{secure}\t{expires}\t{name}\t{value}\n"
    )


def write_sign_in(home: Path, typed: str, *lines: str, server: str | None = None) -> Path:
    """Write the files of a sign-in of the tool, with the server's address as the user typed it."""
    folder = home / ".alfabis"
    folder.mkdir(exist_ok=True)
    (folder / "server").write_text(typed if server is None else server)
    jar = folder / f"cookie_{hashlib.md5(typed.encode()).hexdigest()}.jar"
    jar.write_text(HEADER + "".join(lines or (format_cookie(),)))
    return jar


@pytest.mark.parametrize("typed", [SERVER, f"{SERVER}/"])
def test_session_of_itksnap_wt_is_found_by_the_address_that_the_user_typed(
    home: Path, typed: str
) -> None:
    write_sign_in(home, typed, server="https://another.example.org")

    assert find_session_value(SERVER) == SESSION


def test_session_is_found_under_another_spelling_saved_in_the_server_file(home: Path) -> None:
    write_sign_in(home, "https://DSS.example.org:443")

    assert find_session_value(SERVER) == SESSION


def test_session_is_found_under_the_normal_form_of_the_address(home: Path) -> None:
    write_sign_in(home, SERVER, server="https://another.example.org")

    assert find_session_value("https://DSS.example.org:443") == SESSION


def test_itksnap_wt_session_of_another_server_is_not_used(home: Path) -> None:
    write_sign_in(home, "https://another.example.org")

    assert find_session_value(SERVER) is None


def test_itksnap_wt_keeps_one_session_for_each_server(home: Path) -> None:
    write_sign_in(home, SERVER)
    write_sign_in(home, "http://localhost:8080", format_cookie("localhost", value="local"))
    write_sign_in(home, "http://localhost:8081", format_cookie("localhost", value="other"))

    assert find_session_value(SERVER) == SESSION
    assert find_session_value("http://localhost:8080") == "local"
    assert find_session_value("http://localhost:8081") == "other"


@pytest.mark.parametrize(
    ("server", "line"),
    [
        (SERVER, format_cookie(".example.org", include_subdomains="TRUE")),
        (SERVER, format_cookie("DSS.example.org")),
        (SERVER, format_cookie(secure="TRUE")),
        (SERVER, format_cookie(expires=0)),
        (SERVER, format_cookie().removeprefix("#HttpOnly_")),
        (f"{SERVER}/dss", format_cookie(path="/dss/")),
        ("http://127.0.0.1:8080", format_cookie("127.0.0.1")),
    ],
)
def test_cookie_for_the_server_is_used(home: Path, server: str, line: str) -> None:
    write_sign_in(home, server, line)

    assert find_session_value(server) == SESSION


@pytest.mark.parametrize(
    ("server", "line"),
    [
        (SERVER, format_cookie("another.example.org")),
        (SERVER, format_cookie("example.org")),
        (SERVER, format_cookie("ss.example.org", include_subdomains="TRUE")),
        (SERVER, format_cookie(path="/elsewhere")),
        (f"{SERVER}/dss2", format_cookie(path="/dss")),
        ("http://dss.example.org", format_cookie(secure="TRUE")),
        (SERVER, format_cookie(expires=1)),
        (SERVER, format_cookie(name="another")),
        (SERVER, format_cookie(value="two words")),
        (SERVER, format_cookie(value="")),
        (SERVER, f"# {format_cookie()}"),
        (SERVER, format_cookie(expires="soon")),
        (SERVER, format_cookie(expires="9" * 5000)),
        (SERVER, format_cookie().replace("\t", " ")),
        (SERVER, "\xff\x00\n"),
    ],
)
def test_cookie_that_is_invalid_or_for_another_server_is_not_used(
    home: Path, server: str, line: str
) -> None:
    write_sign_in(home, server, line)

    assert find_session_value(server) is None


def test_invalid_lines_in_cookie_file_are_skipped(
    home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write_sign_in(
        home, SERVER, "nonsense\n", format_cookie(expires=1, value="old"), format_cookie()
    )

    assert find_session_value(SERVER) == SESSION
    assert SESSION not in caplog.text


def test_saved_session_precedes_itksnap_wt_session(home: Path) -> None:
    write_sign_in(home, SERVER)
    auth.save(SERVER, "kept")

    assert find_session_value(SERVER) == "kept"


def test_files_of_itksnap_wt_are_never_changed(home: Path) -> None:
    jar = write_sign_in(home, SERVER)
    before = {file: file.read_bytes() for file in jar.parent.iterdir()}
    jar.chmod(0o400)

    assert find_session_value(SERVER) == SESSION
    auth.save(SERVER, "kept")
    auth.forget(SERVER)

    assert {file: file.read_bytes() for file in jar.parent.iterdir()} == before
    assert find_session_value(SERVER) == SESSION


def test_folder_or_pipe_in_place_of_itksnap_wt_files_is_ignored(home: Path) -> None:
    jar = write_sign_in(home, SERVER)
    jar.unlink()
    jar.mkdir()
    (jar.parent / "server").unlink()
    if hasattr(os, "mkfifo"):
        os.mkfifo(jar.parent / "server")

    assert find_session_value(SERVER) is None


def test_symbolic_link_to_cookie_file_is_followed(home: Path, tmp_path: Path) -> None:
    jar = write_sign_in(home, SERVER)
    jar.rename(tmp_path / "secret")
    jar.symlink_to(tmp_path / "secret")

    assert find_session_value(SERVER) == SESSION
