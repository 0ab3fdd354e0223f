"""Accounts, tickets and a browser for the tests of the dashboard."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import attrs
import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service as DriverService
from selenium.webdriver.support.ui import WebDriverWait

from dss_api import LogCategory
from dss_mock import DssServer, State
from dss_mock.state import Service, Ticket, User

CHROMIUM, CHROMEDRIVER = "chromium", "chromedriver"
REQUIRED = "DSS_TEST_BROWSER_REQUIRED"
"""If this variable is set, a missing browser fails the tests."""

DEADLINE = 15.0
"""Seconds until the page must show a change."""

OPTIONS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)


NAMES = (
    "scan 1.nii.gz",
    "<script>1<script>",
    "\u202etxt.exe \u05e9\u05dc\u05d5\u05dd",
    "100%2F?#&;.nii",
    "a\"b'c\\d\r\ne.nii",
)
"""Unusual names of files."""


@attrs.frozen
class Lab:
    """A mock with a user, and a provider that offers a service."""

    server: DssServer
    user: User
    member: User
    service: Service


class DashboardPage:
    """The dashboard in a browser."""

    def __init__(self, browser: webdriver.Chrome) -> None:
        self.browser = browser

    def open(self, url: str, *, width: int = 1280) -> None:
        """Open a page in a window of this width, in pixels."""
        # A browser does not load an address again that differs only in its `#`.
        self.browser.get("about:blank")
        self.browser.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False},
        )
        self.read_log("browser")
        self.read_log("performance")
        self.browser.get(url)
        self.wait_for_text("#connection", "Live")
        # A reload removes this variable.
        self.run("window.loadedOnce = true")

    def run(self, script: str, *arguments: object) -> object:
        """Run a script in the page, and return its result."""
        value: object = self.browser.execute_script(script, *arguments)
        return value

    def keep_open(self, seconds: float) -> None:
        """Let the page run for some seconds."""
        script = "setTimeout(arguments[1], 1000 * arguments[0])"
        self.browser.execute_async_script(script, seconds)

    def save_downloads_in(self, folder: Path) -> None:
        """Let the browser save downloads in a folder without asking."""
        self.browser.execute_cdp_cmd(
            "Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(folder)}
        )

    def was_reloaded(self) -> bool:
        return not self.run("return window.loadedOnce === true")

    def text(self, selector: str) -> str | None:
        """Return the text of the first element that a selector matches."""
        text = self.run("return document.querySelector(arguments[0])?.textContent", selector)
        return None if text is None else str(text)

    def texts(self, selector: str) -> list[str]:
        """Return the texts of all elements that a selector matches."""
        script = "return [...document.querySelectorAll(arguments[0])].map(e => e.textContent)"
        texts = self.run(script, selector)
        assert isinstance(texts, list)
        return [str(text) for text in texts]

    def wait_for_text(self, selector: str, text: str) -> None:
        """Wait until the text of a matching element contains `text`."""
        self.wait_until(
            lambda: any(text in shown for shown in self.texts(selector)),
            lambda: f"{text!r} in {selector!r}; there is {self.texts(selector)}",
        )

    def wait_until(self, condition: Callable[[], bool], describe: Callable[[], str] = str) -> None:
        """Wait until a condition is true."""
        waiting = WebDriverWait(self.browser, DEADLINE, poll_frequency=0.1)
        try:
            waiting.until(lambda _: condition())
        except Exception as error:
            raise AssertionError(f"not shown: {describe()}") from error

    def read_log(self, kind: str) -> list[dict[str, object]]:
        """Return the log entries since the last call."""
        entries: list[dict[str, object]] = self.browser.get_log(kind)  # type: ignore[no-untyped-call]
        return entries

    def read_errors(self) -> list[object]:
        """Return the errors that the browser logged since the last call."""
        return [
            entry["message"] for entry in self.read_log("browser") if entry["level"] == "SEVERE"
        ]

    def read_requested_urls(self) -> list[str]:
        """Return the addresses that the page requested since the last call."""
        messages = [
            json.loads(str(entry["message"]))["message"] for entry in self.read_log("performance")
        ]
        return [
            message["params"]["request"]["url"]
            for message in messages
            if message["method"] == "Network.requestWillBeSent"
        ]


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    """A headless browser."""
    binary, driver = shutil.which(CHROMIUM), shutil.which(CHROMEDRIVER)
    if binary is None or driver is None:
        reason = f"{CHROMIUM} and {CHROMEDRIVER} are not installed"
        if os.environ.get(REQUIRED):
            pytest.fail(reason)
        pytest.skip(reason)
    home = tmp_path_factory.mktemp("browser")
    options = webdriver.ChromeOptions()
    options.binary_location = binary
    for option in (*OPTIONS, f"--user-data-dir={home / 'profile'}"):
        options.add_argument(option)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    service = DriverService(driver, env={**os.environ, "HOME": str(home)})
    chrome = webdriver.Chrome(options, service)
    try:
        chrome.set_page_load_timeout(DEADLINE)
        chrome.set_script_timeout(DEADLINE)
        yield chrome
    finally:
        chrome.quit()


@pytest.fixture
def page(browser: webdriver.Chrome) -> DashboardPage:
    return DashboardPage(browser)


@pytest.fixture
def work_folder(tmp_path: Path) -> Path:
    """A folder for the files of a provider."""
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


@pytest.fixture
def lab(dss_server: DssServer) -> Lab:
    dss_server.clock.freeze()
    user = dss_server.add_user("anna@example.com")
    member = dss_server.add_user("pipeline@example.com", tier="poweruser")
    dss_server.add_provider("testlab", [member])
    return Lab(dss_server, user, member, dss_server.add_service("testlab"))


def work_on(lab: Lab) -> None:
    """Claim ticket 1, work on it, let it fail, retry and claim it again."""
    state = lab.server.state
    lab.server.add_ticket(lab.user, lab.service, files={"scan.nii.gz": b"12345"})
    state.tickets.claim(lab.member, [lab.service], "testlab", "ws1")
    lab.server.clock.advance(minutes=2)
    state.progress.set(lab.member, 1, 0.0, 0.5, 1.0)
    path = state.file_store.allocate_path()
    path.write_bytes(b"report")
    state.logbook.attach(lab.member, 1, "A report", "text/plain", path)
    state.logbook.write(lab.member, 1, LogCategory.WARNING, "Please check")
    state.tickets.finish(lab.member, 1, "failed")
    state.tickets.retry(lab.user, 1)
    lab.server.clock.advance(seconds=5)
    state.tickets.claim(lab.member, [lab.service], "testlab", "ws2")


@pytest.fixture
def member(dss_server: DssServer) -> User:
    member = dss_server.add_user("pipeline@example.com")
    dss_server.add_provider("testlab", [member])
    return member


@pytest.fixture
def ticket(dss_server: DssServer, member: User) -> Ticket:
    """A claimed ticket, with files of unusual names."""
    user = dss_server.add_user("anna@example.com")
    service = dss_server.add_service("testlab")
    files = {name: name.encode() for name in NAMES}
    return dss_server.add_ticket(user, service, files, "claimed", claimed_by=member)


def attach(state: State, member: User, mime_type: str, content: bytes) -> str:
    """Attach content to ticket 1, and return the address of the download."""
    path = state.file_store.allocate_path()
    path.write_bytes(content)
    blob = state.logbook.attach(member, 1, "A report", mime_type, path).short_blob
    return f"/_mock/attachments/{blob}"
