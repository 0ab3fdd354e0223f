"""A browser, and what it sees."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.support.ui import WebDriverWait

CHROMIUM, CHROMEDRIVER = "chromium", "chromedriver"
REQUIRED = "DSS_TEST_BROWSER_REQUIRED"
"""Set where a missing browser is a failure."""

DEADLINE = 15.0
"""Seconds for whatever the page is to show."""

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


class Watcher:
    """Somebody who looks at the dashboard with a browser."""

    def __init__(self, browser: webdriver.Chrome) -> None:
        self.browser = browser

    def open(self, url: str, *, width: int = 1280) -> None:
        """Open a page in a window of this width, in pixels."""
        # From another page, so that an address that differs in its `#` alone is opened, too.
        self.browser.get("about:blank")
        self.browser.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False},
        )
        self.log("browser")
        self.log("performance")
        self.browser.get(url)
        self.see("#connection", "Live")
        # Gone as soon as the page is loaded once more.
        self.run("window.loadedOnce = true")

    def run(self, script: str, *arguments: object) -> object:
        """Run a script in the page; gives what it returns."""
        value: object = self.browser.execute_script(script, *arguments)
        return value

    def let_pass(self, seconds: float) -> None:
        """Let the page go on for a while in which nothing is to happen."""
        script = "setTimeout(arguments[1], 1000 * arguments[0])"
        self.browser.execute_async_script(script, seconds)

    def keep_downloads_in(self, folder: Path) -> None:
        """Let the browser put there, without asking, what it does not show."""
        self.browser.execute_cdp_cmd(
            "Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(folder)}
        )

    def was_reloaded(self) -> bool:
        return not self.run("return window.loadedOnce === true")

    def text(self, selector: str) -> str | None:
        """The text of the first element of a kind, as it stands in the document."""
        text = self.run("return document.querySelector(arguments[0])?.textContent", selector)
        return None if text is None else str(text)

    def texts(self, selector: str) -> list[str]:
        """The texts of all elements of a kind."""
        script = "return [...document.querySelectorAll(arguments[0])].map(e => e.textContent)"
        texts = self.run(script, selector)
        assert isinstance(texts, list)
        return [str(text) for text in texts]

    def see(self, selector: str, text: str) -> None:
        """Wait until some element of a kind has a text in it."""
        self.wait(
            lambda: any(text in found for found in self.texts(selector)),
            lambda: f"{text!r} in {selector!r}; there is {self.texts(selector)}",
        )

    def wait(self, seen: Callable[[], bool], wanted: Callable[[], str] = str) -> None:
        """Wait until something can be seen."""
        waiting = WebDriverWait(self.browser, DEADLINE, poll_frequency=0.1)
        try:
            waiting.until(lambda _: seen())
        except Exception as error:
            raise AssertionError(f"not seen: {wanted()}") from error

    def log(self, kind: str) -> list[dict[str, object]]:
        """What was logged since the last look."""
        entries: list[dict[str, object]] = self.browser.get_log(kind)  # type: ignore[no-untyped-call]
        return entries

    def complaints(self) -> list[object]:
        """What the browser complained about since the last look."""
        return [entry["message"] for entry in self.log("browser") if entry["level"] == "SEVERE"]

    def requested(self) -> list[str]:
        """The addresses that the page asked for since the last look."""
        messages = [
            json.loads(str(entry["message"]))["message"] for entry in self.log("performance")
        ]
        return [
            message["params"]["request"]["url"]
            for message in messages
            if message["method"] == "Network.requestWillBeSent"
        ]


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    """A browser without a window."""
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
    service = Service(driver, env={**os.environ, "HOME": str(home)})
    chrome = webdriver.Chrome(options, service)
    try:
        chrome.set_page_load_timeout(DEADLINE)
        chrome.set_script_timeout(DEADLINE)
        yield chrome
    finally:
        chrome.quit()


@pytest.fixture
def watcher(browser: webdriver.Chrome) -> Watcher:
    return Watcher(browser)


@pytest.fixture
def work_folder(tmp_path: Path) -> Path:
    """Where a provider writes what it makes."""
    folder = tmp_path / "work"
    folder.mkdir()
    return folder
