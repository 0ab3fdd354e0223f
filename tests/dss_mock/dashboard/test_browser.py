"""The page to watch, in a real browser."""

from __future__ import annotations

import struct
import zlib
from datetime import UTC, datetime
from pathlib import Path

import attrs
import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from dss_api import FileArea, LogCategory, MiddlewareUnavailable, TicketStatus, Upload
from dss_client import DSSClient
from dss_mock import DssServer, faults
from dss_mock.state import Service, User

from .conftest import Watcher

BRAIN = {"name": "BrainMask", "version": "0.1.0", "shortdesc": "Outline of the brain"}


@attrs.frozen
class Lab:
    server: DssServer
    user: User
    member: User
    service: Service

    def client(self, user: User) -> DSSClient:
        client = DSSClient(self.server.url)
        client.login(user.token)
        return client


@pytest.fixture
def lab(dss_server: DssServer) -> Lab:
    user = dss_server.add_user("anna@example.com")
    member = dss_server.add_user("pipeline@example.com")
    dss_server.add_provider("testlab", [member])
    return Lab(dss_server, user, member, dss_server.add_service("testlab", BRAIN))


def write_png(path: Path, width: int, height: int) -> Path:
    rows = b"".join(b"\0" + bytes(range(width)) for _ in range(height))
    parts = {
        b"IHDR": struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0),
        b"IDAT": zlib.compress(rows),
        b"IEND": b"",
    }
    chunks = (
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in parts.items()
    )
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(chunks))
    return path


def submit(user: DSSClient, scan: Path) -> int:
    ticket = user.api.user.create_ticket(name="BrainMask")
    with scan.open("rb") as stream:
        user.api.user.upload_ticket_file(
            ticket_id=ticket, area=FileArea.INPUT, file=Upload.of(scan, stream)
        )
    user.api.user.set_ticket_status(ticket_id=ticket, status=TicketStatus.READY)
    return ticket


def open_ticket(watcher: Watcher, ticket: int) -> None:
    watcher.run("document.querySelector(arguments[0]).click()", f"#ticket-{ticket} summary")
    watcher.see(f"#ticket-{ticket} .opened h4", "Time line")


def bar(watcher: Watcher, ticket: int) -> object:
    return watcher.run(f"return document.querySelector('#ticket-{ticket} progress').value")


def fits_screen(watcher: Watcher) -> bool:
    return bool(
        watcher.run("const e = document.documentElement; return e.scrollWidth <= e.clientWidth")
    )


def is_open(watcher: Watcher, ticket: int) -> bool:
    return bool(watcher.run(f"return document.querySelector('#ticket-{ticket} details').open"))


# ------------------------------------------------------------------------- a provider at work


def test_the_page_follows_a_provider(lab: Lab, watcher: Watcher, work_folder: Path) -> None:
    watcher.open(lab.server.url)
    assert watcher.text("#no-tickets") == (
        "No tickets yet. As soon as a user makes one, it appears here."
    )
    scan = work_folder / "sub-01_T1w.nii.gz"
    scan.write_bytes(bytes(1234))
    provider = lab.client(lab.member)

    submit(lab.client(lab.user), scan)
    watcher.see("#ticket-1 summary .badge", "ready")
    watcher.see("#service-list dd", "1 ticket")
    assert "never asked" in watcher.texts("#service-list dd")
    open_ticket(watcher, 1)
    watcher.see("#ticket-1 .files li", "sub-01_T1w.nii.gz 1.2 kB")

    claimed = provider.dssp_wait_for_ticket([lab.service.githash], "testlab", "ws1", timeout=5)
    assert claimed is not None
    watcher.see("#ticket-1 summary .badge", "claimed")
    watcher.see("#ticket-1 .claim", "claimed by testlab, instance ws1")
    watcher.see("#ticket-1 .timeline .by", "by pipeline@example.com for testlab, instance ws1")
    watcher.see("#service-list dd", "0 tickets")

    provider.dssp_set_progress(1, 0.25)
    watcher.wait(lambda: bar(watcher, 1) == 0.25)
    provider.dssp_set_progress(1, 0.75)
    watcher.wait(lambda: bar(watcher, 1) == 0.75)
    watcher.see("#ticket-1 .work", "75 %")

    volume = work_folder / "volume.txt"
    volume.write_text("brain volume: 1903 ml, ½ of it grey", encoding="utf-8")
    provider.dssp_log(1, "info", "Looking for the brain")
    provider.dssp_attach(1, "Volume of the brain", volume, "text/plain")
    provider.dssp_attach(1, "The brain's outline", write_png(work_folder / "brain.png", 64, 32))
    provider.dssp_log(1, "warning", "Please check")
    watcher.see("#ticket-1 .log li", "Looking for the brain")
    watcher.see('#ticket-1 .log li[data-category="warning"]', "Please check")
    watcher.see("#ticket-1 .log pre", "brain volume: 1903 ml, ½ of it grey")
    picture = "const p = document.querySelector('#ticket-1 .log img'); return p && p.naturalWidth"
    watcher.wait(lambda: watcher.run(picture) == 64)
    assert watcher.run("return document.querySelector('#ticket-1 .log img').alt") == (
        "The brain's outline"
    )

    provider.dssp_upload_files(1, [scan])
    provider.dssp_set_status(1, "success")
    watcher.see("#ticket-1 summary .badge", "success")
    assert bar(watcher, 1) == 1
    assert [text.split()[0] for text in watcher.texts("#ticket-1 .timeline li")] == [
        "init",
        "ready",
        "claimed",
        "success",
    ]
    watcher.see("#ticket-1 .story h4", "Results 1 file, 1.2 kB")
    watcher.see("#news", "Ticket 1: success")
    assert "never asked" not in watcher.texts("#service-list dd")
    assert not watcher.was_reloaded()
    assert watcher.complaints() == []
    # What the page takes for itself is no request to the middleware.
    assert {exchange.path.split("/")[1] for exchange in lab.server.requests} == {"api"}
    asked = watcher.requested()
    assert asked
    assert {address for address in asked if not address.startswith(lab.server.url)} == set()


def test_faults_are_shown_while_they_are_in_force(lab: Lab, watcher: Watcher) -> None:
    watcher.open(lab.server.url)
    hidden = "return document.getElementById('faults').hidden"
    assert watcher.run(hidden) is True

    fault = faults.Answer(503)
    with lab.server.faults.add(fault, operation="list_services", times=2) as added:
        watcher.see("#fault-list li", f"{added.description} (met 0 requests)")
        with pytest.raises(MiddlewareUnavailable):
            lab.server.client(lab.user).user.list_services()
        watcher.see("#fault-list li", f"{added.description} (met 1 request)")
    watcher.wait(lambda: watcher.run(hidden) is True)


def test_the_page_says_when_the_mock_is_gone_and_comes_back(
    watcher: Watcher, closed_port: int
) -> None:
    with DssServer(port=closed_port) as first:
        first.add_provider("testlab")
        first.add_service("testlab", BRAIN)
        watcher.open(first.url)
        watcher.see("#service-list h3", "BrainMask")
    watcher.see("#connection", "The mock does not answer")
    assert "BrainMask 0.1.0" in watcher.texts("#service-list h3")

    with DssServer(port=closed_port) as second:
        second.add_provider("otherlab")
        second.add_service("otherlab", {**BRAIN, "name": "LeftAtrium"})
        watcher.see("#service-list h3", "LeftAtrium")
        watcher.see("#connection", "Live")
        assert watcher.texts("#service-list h3") == ["LeftAtrium 0.1.0"]


def test_it_rests_while_it_is_paused(lab: Lab, watcher: Watcher) -> None:
    watcher.open(lab.server.url)
    assert watcher.text("#pause") == "Pause"
    watcher.run("document.getElementById('pause').click()")
    watcher.see("#connection", "Paused")
    assert watcher.text("#pause") == "Go on"
    lab.server.add_ticket(lab.user, lab.service)
    watcher.requested()
    # Longer than between two questions.
    watcher.let_pass(1.5)
    assert watcher.requested() == []
    assert watcher.texts("#ticket-list > li") == []

    watcher.run("document.getElementById('pause').click()")
    watcher.see("#ticket-1 summary .badge", "ready")
    assert watcher.text("#pause") == "Pause"


def test_it_rests_while_nobody_can_see_it(lab: Lab, watcher: Watcher) -> None:
    watcher.open(lab.server.url)
    hidden = "return document.hidden"
    watcher.browser.minimize_window()
    try:
        watcher.wait(lambda: watcher.run(hidden) is True)
        watcher.requested()
        lab.server.add_ticket(lab.user, lab.service)
        watcher.let_pass(1.5)
        assert watcher.requested() == []
    finally:
        watcher.browser.set_window_size(1280, 900)
    watcher.wait(lambda: watcher.run(hidden) is False)
    watcher.see("#ticket-1 summary .badge", "ready")


# ------------------------------------------------------------------------------ hostile texts

SCRIPT = "<script>document.title = 'owned'</script>"
PICTURE = "<img src=x onerror=\"document.title = 'owned'\">"
QUOTES = "\"'`&amp;<b>"
RTL = "\u202etxt.exe שלום مرحبا"
LONG = "W" * 240
HOSTILE = (SCRIPT, PICTURE, QUOTES, RTL, LONG, "${document.title = 'owned'}", "javascript:alert(1)")


def submit_hostile(lab: Lab, work_folder: Path) -> int:
    """A ticket with nothing harmless about it; gives its id."""
    server = lab.server
    member = server.add_user(f"{PICTURE}@example.com")
    provider = server.add_provider(f"lab {SCRIPT} {RTL}", [member])
    descriptor = {"name": PICTURE + QUOTES, "version": LONG, "shortdesc": SCRIPT}
    service = server.add_service(provider, descriptor)
    user = server.add_user(f"{SCRIPT}{QUOTES}@example.com")
    files = {"<script>1<script>": b"1", f"{RTL}.nii": b"22", f"{LONG}.nii": b"333"}
    ticket = server.add_ticket(user, service, files=files)
    client = lab.client(member)
    client.dssp_claim_ticket([service.githash], PICTURE, SCRIPT)
    path = work_folder / "attached"
    path.write_text(SCRIPT + PICTURE, encoding="utf-8")
    vector = work_folder / "vector.svg"
    vector.write_text(
        "<svg xmlns='http://www.w3.org/2000/svg' width='40' height='20' onload='alert(1)'>"
        "<script>parent.document.title = 'owned'; alert(1)</script>"
        "<image href='http://192.0.2.1/pixel.png' width='9' height='9'/></svg>",
        encoding="utf-8",
    )
    for text in HOSTILE:
        client.dssp_attach(ticket.id, text, path, "text/html")
        client.dssp_attach(ticket.id, text, path, text)
        client.dssp_log(ticket.id, "error", text)
    client.dssp_attach(ticket.id, SCRIPT, vector)
    client.dssp_attach(ticket.id, "Not a picture", path, "image/png")
    client.dssp_log(ticket.id, "info", "the end")
    return ticket.id


def test_what_providers_send_is_shown_and_never_obeyed(
    lab: Lab, watcher: Watcher, work_folder: Path
) -> None:
    ticket = submit_hostile(lab, work_folder)
    watcher.open(f"{lab.server.url}/#open={ticket}", width=360)

    watcher.see(f"#ticket-{ticket} .message", "the end")
    watcher.see("figure p", "This picture cannot be shown.")
    drawn = "return document.querySelector('figure img').naturalWidth"
    watcher.wait(lambda: watcher.run(drawn) == 40)
    messages = watcher.texts(f"#ticket-{ticket} .message")
    assert [text for text in HOSTILE if text not in messages] == []
    watcher.wait(lambda: watcher.texts("figure pre") == [SCRIPT + PICTURE] * len(HOSTILE))
    assert PICTURE + QUOTES in watcher.texts(f"#ticket-{ticket} h3 bdi")
    assert PICTURE + QUOTES in watcher.texts("#service-list h3 bdi")
    assert SCRIPT in watcher.texts("#service-list .card > p")
    assert "<script>1<script> 1 B" in watcher.texts(f"#ticket-{ticket} .files li")
    assert any(f"{SCRIPT}{QUOTES}@example.com" in text for text in watcher.texts("#user-list li"))
    assert f"by {PICTURE}@example.com for {PICTURE}, instance {SCRIPT}" in watcher.texts(".by")

    assert "owned" not in watcher.browser.title
    assert watcher.run("return document.scripts.length") == 1
    assert (
        watcher.run("return document.querySelectorAll('main script, main b[onclick]').length") == 0
    )
    assert fits_screen(watcher)
    assert watcher.complaints() == []
    strange = [address for address in watcher.requested() if lab.server.url not in address]
    assert strange == []


RUNNING = {
    "svg": ("image/svg+xml", f"<svg xmlns='http://www.w3.org/2000/svg'>{SCRIPT}</svg>"),
    "html": ("text/html", f"<!DOCTYPE html><p>{SCRIPT}"),
}


@pytest.mark.parametrize("ending", RUNNING)
def test_nothing_that_was_attached_runs_on_its_own(
    lab: Lab, watcher: Watcher, work_folder: Path, ending: str
) -> None:
    mime_type, text = RUNNING[ending]
    watcher.open(lab.server.url)
    lab.server.add_ticket(lab.user, lab.service, status="claimed")
    state = lab.server.state
    path = state.file_store.allocate_path()
    path.write_text(text, encoding="utf-8")
    blob = state.logbook.attach(lab.member, 1, "A report", mime_type, path).short_blob
    watcher.keep_downloads_in(work_folder)
    watcher.run("location.href = arguments[0]", f"/_mock/attachments/{blob}")
    kept = work_folder / f"attachment-1.{ending}"
    watcher.wait(lambda: kept.exists() and kept.read_bytes() == path.read_bytes())
    # The page is still the one there was.
    assert not watcher.was_reloaded()
    assert "owned" not in watcher.browser.title


# --------------------------------------------------------------------- screen and keyboard


@pytest.mark.parametrize("width", [360, 800, 1280])
def test_nothing_lies_beside_the_screen(
    lab: Lab, watcher: Watcher, work_folder: Path, width: int
) -> None:
    lab.server.add_ticket(lab.user, lab.service, files={"scan.nii.gz": b"1"}, status="claimed")
    state = lab.server.state
    path = write_png(state.file_store.allocate_path(), 200, 20)
    state.logbook.attach(lab.member, 1, "A wide picture", "image/png", path)
    state.logbook.write(lab.member, 1, LogCategory.INFO, "Please check")
    watcher.open(f"{lab.server.url}/#open=1", width=width)
    watcher.wait(lambda: watcher.run("return document.querySelector('img').naturalWidth") == 200)

    assert fits_screen(watcher)


def test_the_keyboard_is_enough(lab: Lab, watcher: Watcher) -> None:
    for status in ("claimed", "failed", "ready"):
        lab.server.add_ticket(lab.user, lab.service, status=status)
    state = lab.server.state
    path = state.file_store.allocate_path()
    path.write_text("a report", encoding="utf-8")
    state.logbook.attach(lab.member, 1, "A report", "text/plain", path)
    state.logbook.write(lab.member, 1, LogCategory.INFO, "Looking for the brain")
    watcher.open(lab.server.url)

    def press(*keys: str) -> None:
        ActionChains(watcher.browser).send_keys(*keys).perform()

    def focused(selector: str) -> bool:
        return bool(watcher.run("return document.activeElement.matches(arguments[0])", selector))

    def tab_to(selector: str) -> None:
        for _ in range(30):
            press(Keys.TAB)
            assert watcher.run("return document.activeElement.matches(':focus-visible')")
            if focused(selector):
                return
        raise AssertionError(f"the tab key does not lead to {selector}")

    press(Keys.TAB)
    assert focused(".skip")
    tab_to("#pause")
    tab_to("#statuses input")
    press(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    watcher.wait(lambda: focused('input[value="claimed"]'))
    watcher.wait(lambda: len(watcher.texts("#ticket-list > li")) == 1)
    tab_to("#find")
    tab_to("#ticket-1 summary")
    outline = "return getComputedStyle(document.activeElement).outlineStyle"
    assert watcher.run(outline) == "solid"
    press(Keys.ENTER)
    watcher.see("#ticket-1 .message", "Looking for the brain")
    # The page goes on, and the focus stays where it is.
    lab.server.add_ticket(lab.user, lab.service, status="claimed")
    watcher.see("#ticket-4 summary .badge", "claimed")
    assert focused("#ticket-1 summary")
    tab_to("#ticket-1 pre")
    assert watcher.text("#ticket-1 pre") == "a report"
    tab_to("#ticket-1 figure a")
    tab_to(".people summary")
    press(Keys.SPACE)
    assert watcher.run("return document.querySelector('.people').open")


def test_words_are_not_broken(lab: Lab, watcher: Watcher) -> None:
    lab.server.add_ticket(lab.user, lab.service, status="claimed")
    for category in LogCategory:
        lab.server.state.logbook.write(lab.member, 1, category, "Please check")
    watcher.open(f"{lab.server.url}/#open=1")
    watcher.see("#ticket-1 .category", "warning")
    lines = """return [...document.querySelectorAll("#ticket-1 .category")].map((node) => {
        const range = document.createRange();
        range.selectNodeContents(node);
        const text = range.getBoundingClientRect(), place = node.getBoundingClientRect();
        return [range.getClientRects().length, text.right <= place.right];
    })"""
    for width in (360, 800, 1280):
        watcher.open(f"{lab.server.url}/#open=1", width=width)
        watcher.see("#ticket-1 .category", "warning")
        found = watcher.run(lines)
        assert isinstance(found, list)
        assert found == [[1, True]] * len(found)


# ------------------------------------------------------------------------------------ the clock


def test_the_clock_says_how_it_was_moved(lab: Lab, watcher: Watcher) -> None:
    clock = lab.server.clock
    watcher.open(lab.server.url)
    watcher.see("#clock", ":")
    assert watcher.text("#moved") == ""
    clock.advance(hours=72)
    watcher.see("#moved", "3 days ahead")
    clock.freeze(datetime(2030, 3, 1, 12, tzinfo=UTC))
    watcher.see("#moved", "frozen")
    watcher.see("#clock", "1 Mar 2030, 12:00:00")
    # It stands still here, too, also between two answers.
    watcher.let_pass(1.2)
    assert "12:00:00" in str(watcher.text("#clock"))
    clock.reset()
    watcher.wait(lambda: watcher.text("#moved") == "")
    watcher.wait(lambda: "2030" not in str(watcher.text("#clock")))


def test_a_row_says_when_something_last_happened(lab: Lab, watcher: Watcher) -> None:
    lab.server.clock.freeze()
    lab.server.add_ticket(lab.user, lab.service, status="claimed")
    lab.server.clock.advance(hours=2)
    watcher.open(lab.server.url)
    watcher.see("#ticket-1 .age", "2 h ago")
    lab.server.state.progress.set(lab.member, 1, 0.0, 1.0, 0.5)
    watcher.see("#ticket-1 .age", "just now")


# ---------------------------------------------------------------------------------------- files


def test_files_can_be_kept(lab: Lab, watcher: Watcher, work_folder: Path) -> None:
    name = "scan é 1.nii.gz"
    lab.server.add_ticket(lab.user, lab.service, files={name: b"of the brain"})
    watcher.open(f"{lab.server.url}/#open=1")
    watcher.see("#ticket-1 .files a", name)
    watcher.keep_downloads_in(work_folder)
    watcher.run("document.querySelector('#ticket-1 .files a').click()")
    kept = work_folder / name
    watcher.wait(lambda: kept.exists() and kept.read_bytes() == b"of the brain")
    assert not watcher.was_reloaded()


# ------------------------------------------------------------------------------- many tickets


def test_tickets_can_be_found_among_many(lab: Lab, watcher: Watcher) -> None:
    for number in range(120):
        status = "failed" if number % 40 == 0 else "ready"
        lab.server.add_ticket(lab.user, lab.service, status=status)
    watcher.open(lab.server.url)
    shown = "#ticket-list > li"
    watcher.wait(lambda: len(watcher.texts(shown)) == 50)
    assert watcher.text("#ticket-list h3 .number") == "#120"
    watcher.see("#more-text", "70 older tickets are not shown.")
    watcher.run("document.getElementById('more-button').click()")
    watcher.wait(lambda: len(watcher.texts(shown)) == 100)

    watcher.run("document.querySelector('input[value=failed]').click()")
    watcher.wait(lambda: watcher.texts("#ticket-list .number") == ["#81", "#41", "#1"])

    watcher.run("document.querySelector('input[value=\"\"]').click()")
    watcher.browser.find_element("id", "find").send_keys("17")
    watcher.wait(lambda: watcher.texts("#ticket-list .number") == ["#17"])
    watcher.wait(lambda: is_open(watcher, 17))
    watcher.see("#ticket-17 .message", "Ticket received and queued for processing")
    # What the reader wished to see is in the address, and so there after a reload.
    watcher.browser.refresh()
    watcher.wait(lambda: watcher.texts("#ticket-list .number") == ["#17"])
    watcher.see("#ticket-17 .message", "Ticket received and queued for processing")


def test_a_ticket_is_found_among_few(lab: Lab, watcher: Watcher) -> None:
    for _ in range(3):
        lab.server.add_ticket(lab.user, lab.service)
    watcher.open(lab.server.url)
    watcher.see("#ticket-2 summary .badge", "ready")
    field = watcher.browser.find_element("id", "find")
    field.send_keys("2")
    watcher.wait(lambda: watcher.texts("#ticket-list .number") == ["#2"])
    watcher.see("#ticket-2 .message", "Ticket received and queued for processing")
    assert is_open(watcher, 2)

    field.send_keys(Keys.ESCAPE)
    watcher.wait(lambda: len(watcher.texts("#ticket-list .number")) == 3)
    assert field.get_property("value") == ""
    assert not is_open(watcher, 2)

    field.send_keys("abc")
    watcher.see("#find-hint", "No such id: ids are numbers from 1.")
    assert field.get_attribute("aria-invalid") == "true"
    field.send_keys(Keys.ESCAPE)
    watcher.wait(lambda: watcher.text("#find-hint") == "")

    field.send_keys("#4")
    watcher.see("#no-tickets", "There is no ticket 4.")
    assert watcher.text("#find-hint") == ""
    field.send_keys(Keys.ESCAPE)
    watcher.wait(lambda: len(watcher.texts("#ticket-list .number")) == 3)


def test_a_long_log_is_shown_from_its_end(lab: Lab, watcher: Watcher) -> None:
    lab.server.add_ticket(lab.user, lab.service, status="claimed")
    for number in range(400):
        lab.server.state.logbook.write(lab.member, 1, LogCategory.INFO, f"Step {number}")
    watcher.open(f"{lab.server.url}/#open=1")
    watcher.wait(lambda: len(watcher.texts("#ticket-1 .message")) == 200)
    assert watcher.texts("#ticket-1 .message")[-1] == "Step 399"
    watcher.see("#ticket-1 button", "Show earlier messages (202)")
    watcher.run("document.querySelector('#ticket-1 .log button').click()")
    watcher.wait(lambda: len(watcher.texts("#ticket-1 .message")) == 402)


def test_a_reset_mock_is_a_new_one(lab: Lab, watcher: Watcher) -> None:
    lab.server.add_ticket(lab.user, lab.service, status="claimed")
    lab.server.state.logbook.write(lab.member, 1, LogCategory.INFO, "of the first life")
    watcher.open(f"{lab.server.url}/#open=1")
    watcher.see("#ticket-1 .message", "of the first life")

    lab.server.reset()
    watcher.see("#no-tickets", "No tickets yet.")
    watcher.see("#no-services", "No services yet.")
    assert watcher.texts("#ticket-list > li") == []
