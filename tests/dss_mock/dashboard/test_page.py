"""The dashboard page in a browser."""

from __future__ import annotations

import struct
import zlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from dss_api import FileArea, LogCategory, MiddlewareUnavailable, TicketStatus, Upload
from dss_client import DSSClient
from dss_mock import DssServer, faults
from dss_mock.state import User

from .conftest import DashboardPage, Lab, attach

BRAIN = {"name": "BrainMask", "version": "0.1.0", "shortdesc": "Outline of the brain"}


@pytest.fixture
def lab(dss_server: DssServer) -> Lab:
    user = dss_server.add_user("anna@example.com")
    member = dss_server.add_user("pipeline@example.com")
    dss_server.add_provider("testlab", [member])
    return Lab(dss_server, user, member, dss_server.add_service("testlab", BRAIN))


def connect(server: DssServer, user: User) -> DSSClient:
    client = DSSClient(server.url)
    client.login(user.token)
    return client


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


def open_ticket(page: DashboardPage, ticket: int) -> None:
    page.run("document.querySelector(arguments[0]).click()", f"#ticket-{ticket} summary")
    page.wait_for_text(f"#ticket-{ticket} .details h4", "Timeline")


def bar(page: DashboardPage, ticket: int) -> object:
    return page.run(f"return document.querySelector('#ticket-{ticket} progress').value")


def fits_screen(page: DashboardPage) -> bool:
    return bool(
        page.run("const e = document.documentElement; return e.scrollWidth <= e.clientWidth")
    )


def is_open(page: DashboardPage, ticket: int) -> bool:
    return bool(page.run(f"return document.querySelector('#ticket-{ticket} details').open"))


# ------------------------------------------------------------------------- a provider at work


def test_dashboard_page_follows_a_ticket_from_submission_to_success(
    lab: Lab, page: DashboardPage, work_folder: Path
) -> None:
    page.open(lab.server.url)
    assert page.text("#no-tickets") == (
        "No tickets yet. A ticket appears here when a user creates it."
    )
    scan = work_folder / "sub-01_T1w.nii.gz"
    scan.write_bytes(bytes(1234))
    provider = connect(lab.server, lab.member)

    submit(connect(lab.server, lab.user), scan)
    page.wait_for_text("#ticket-1 summary .badge", "ready")
    page.wait_for_text("#service-list dd", "1 ticket")
    assert "never asked" in page.texts("#service-list dd")
    open_ticket(page, 1)
    page.wait_for_text("#ticket-1 .files li", "sub-01_T1w.nii.gz 1.2 kB")

    claimed = provider.dssp_wait_for_ticket([lab.service.githash], "testlab", "ws1", timeout=5)
    assert claimed is not None
    page.wait_for_text("#ticket-1 summary .badge", "claimed")
    page.wait_for_text("#ticket-1 .claim", "claimed by testlab, instance ws1")
    page.wait_for_text(
        "#ticket-1 .timeline .by", "by pipeline@example.com for testlab, instance ws1"
    )
    page.wait_for_text("#service-list dd", "0 tickets")

    provider.dssp_set_progress(1, 0.25)
    page.wait_until(lambda: bar(page, 1) == 0.25)
    provider.dssp_set_progress(1, 0.75)
    page.wait_until(lambda: bar(page, 1) == 0.75)
    page.wait_for_text("#ticket-1 .work", "75 %")

    volume = work_folder / "volume.txt"
    volume.write_text("brain volume: 1903 ml, ½ of it grey", encoding="utf-8")
    provider.dssp_log(1, "info", "Looking for the brain")
    provider.dssp_attach(1, "Volume of the brain", volume, "text/plain")
    provider.dssp_attach(1, "The brain's outline", write_png(work_folder / "brain.png", 64, 32))
    provider.dssp_log(1, "warning", "Please check")
    page.wait_for_text("#ticket-1 .log li", "Looking for the brain")
    page.wait_for_text('#ticket-1 .log li[data-category="warning"]', "Please check")
    page.wait_for_text("#ticket-1 .log pre", "brain volume: 1903 ml, ½ of it grey")
    picture = "const p = document.querySelector('#ticket-1 .log img'); return p && p.naturalWidth"
    page.wait_until(lambda: page.run(picture) == 64)
    assert page.run("return document.querySelector('#ticket-1 .log img').alt") == (
        "The brain's outline"
    )

    provider.dssp_upload_files(1, [scan])
    provider.dssp_set_status(1, "success")
    page.wait_for_text("#ticket-1 summary .badge", "success")
    assert bar(page, 1) == 1
    assert [text.split()[0] for text in page.texts("#ticket-1 .timeline li")] == [
        "init",
        "ready",
        "claimed",
        "success",
    ]
    page.wait_for_text("#ticket-1 .story h4", "Results 1 file, 1.2 kB")
    page.wait_for_text("#news", "Ticket 1: success")
    assert "never asked" not in page.texts("#service-list dd")
    assert not page.was_reloaded()
    assert page.read_errors() == []
    # The requests of the page itself are not in the list of requests.
    assert {request.path.split("/")[1] for request in lab.server.requests} == {"api"}
    asked = page.read_requested_urls()
    assert asked
    assert {address for address in asked if not address.startswith(lab.server.url)} == set()


def test_dashboard_page_shows_faults_while_they_are_active(lab: Lab, page: DashboardPage) -> None:
    page.open(lab.server.url)
    hidden = "return document.getElementById('faults').hidden"
    assert page.run(hidden) is True

    fault = faults.Answer(503)
    with lab.server.faults.add(fault, operation="list_services", times=2) as added:
        page.wait_for_text("#fault-list li", f"{added.description} (met 0 requests)")
        with pytest.raises(MiddlewareUnavailable):
            lab.server.client(lab.user).user.list_services()
        page.wait_for_text("#fault-list li", f"{added.description} (met 1 request)")
    page.wait_until(lambda: page.run(hidden) is True)


def test_dashboard_page_reports_a_stopped_mock_until_it_is_restarted(
    page: DashboardPage, closed_port: int
) -> None:
    with DssServer(port=closed_port) as first:
        first.add_provider("testlab")
        first.add_service("testlab", BRAIN)
        page.open(first.url)
        page.wait_for_text("#service-list h3", "BrainMask")
    page.wait_for_text("#connection", "The mock does not answer")
    assert "BrainMask 0.1.0" in page.texts("#service-list h3")

    with DssServer(port=closed_port) as second:
        second.add_provider("otherlab")
        second.add_service("otherlab", {**BRAIN, "name": "LeftAtrium"})
        page.wait_for_text("#service-list h3", "LeftAtrium")
        page.wait_for_text("#connection", "Live")
        assert page.texts("#service-list h3") == ["LeftAtrium 0.1.0"]


def test_dashboard_page_sends_no_requests_while_it_is_paused(lab: Lab, page: DashboardPage) -> None:
    page.open(lab.server.url)
    assert page.text("#pause") == "Pause"
    page.run("document.getElementById('pause').click()")
    page.wait_for_text("#connection", "Paused")
    assert page.text("#pause") == "Resume"
    lab.server.add_ticket(lab.user, lab.service)
    page.read_requested_urls()
    # Longer than the time between two requests of the page.
    page.keep_open(1.5)
    assert page.read_requested_urls() == []
    assert page.texts("#ticket-list > li") == []

    page.run("document.getElementById('pause').click()")
    page.wait_for_text("#ticket-1 summary .badge", "ready")
    assert page.text("#pause") == "Pause"


def test_dashboard_page_sends_no_requests_while_its_window_is_hidden(
    lab: Lab, page: DashboardPage
) -> None:
    page.open(lab.server.url)
    hidden = "return document.hidden"
    page.browser.minimize_window()
    try:
        page.wait_until(lambda: page.run(hidden) is True)
        page.read_requested_urls()
        lab.server.add_ticket(lab.user, lab.service)
        page.keep_open(1.5)
        assert page.read_requested_urls() == []
    finally:
        page.browser.set_window_size(1280, 900)
    page.wait_until(lambda: page.run(hidden) is False)
    page.wait_for_text("#ticket-1 summary .badge", "ready")


# ------------------------------------------------------------------------------ hostile texts

SCRIPT = "<script>document.title = 'owned'</script>"
PICTURE = "<img src=x onerror=\"document.title = 'owned'\">"
QUOTES = "\"'`&amp;<b>"
RTL = "\u202etxt.exe שלום مرحبا"
LONG = "W" * 240
HOSTILE = (SCRIPT, PICTURE, QUOTES, RTL, LONG, "${document.title = 'owned'}", "javascript:alert(1)")


def submit_hostile(lab: Lab, work_folder: Path) -> int:
    """Submit a ticket with hostile texts and files, and return its id."""
    server = lab.server
    member = server.add_user(f"{PICTURE}@example.com")
    provider = server.add_provider(f"lab {SCRIPT} {RTL}", [member])
    descriptor = {"name": PICTURE + QUOTES, "version": LONG, "shortdesc": SCRIPT}
    service = server.add_service(provider, descriptor)
    user = server.add_user(f"{SCRIPT}{QUOTES}@example.com")
    files = {"<script>1<script>": b"1", f"{RTL}.nii": b"22", f"{LONG}.nii": b"333"}
    ticket = server.add_ticket(user, service, files=files)
    client = connect(lab.server, member)
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


def test_hostile_texts_are_shown_as_text_and_never_run(
    lab: Lab, page: DashboardPage, work_folder: Path
) -> None:
    ticket = submit_hostile(lab, work_folder)
    page.open(f"{lab.server.url}/#open={ticket}", width=360)

    page.wait_for_text(f"#ticket-{ticket} .message", "the end")
    page.wait_for_text("figure p", "This picture cannot be shown.")
    drawn = "return document.querySelector('figure img').naturalWidth"
    page.wait_until(lambda: page.run(drawn) == 40)
    messages = page.texts(f"#ticket-{ticket} .message")
    assert [text for text in HOSTILE if text not in messages] == []
    page.wait_until(lambda: page.texts("figure pre") == [SCRIPT + PICTURE] * len(HOSTILE))
    assert PICTURE + QUOTES in page.texts(f"#ticket-{ticket} h3 bdi")
    assert PICTURE + QUOTES in page.texts("#service-list h3 bdi")
    assert SCRIPT in page.texts("#service-list .card > p")
    assert "<script>1<script> 1 B" in page.texts(f"#ticket-{ticket} .files li")
    assert any(f"{SCRIPT}{QUOTES}@example.com" in text for text in page.texts("#user-list li"))
    assert f"by {PICTURE}@example.com for {PICTURE}, instance {SCRIPT}" in page.texts(".by")

    assert "owned" not in page.browser.title
    assert page.run("return document.scripts.length") == 1
    assert page.run("return document.querySelectorAll('main script, main b[onclick]').length") == 0
    assert fits_screen(page)
    assert page.read_errors() == []
    foreign = [address for address in page.read_requested_urls() if lab.server.url not in address]
    assert foreign == []


RUNNING = {
    "svg": ("image/svg+xml", f"<svg xmlns='http://www.w3.org/2000/svg'>{SCRIPT}</svg>"),
    "html": ("text/html", f"<!DOCTYPE html><p>{SCRIPT}"),
}


@pytest.mark.parametrize("ending", RUNNING)
def test_opening_an_html_or_svg_attachment_saves_it_without_running_it(
    lab: Lab, page: DashboardPage, work_folder: Path, ending: str
) -> None:
    mime_type, text = RUNNING[ending]
    page.open(lab.server.url)
    lab.server.add_ticket(lab.user, lab.service, status="claimed")
    state = lab.server.state
    path = state.file_store.allocate_path()
    path.write_text(text, encoding="utf-8")
    blob = state.logbook.attach(lab.member, 1, "A report", mime_type, path).short_blob
    page.save_downloads_in(work_folder)
    page.run("location.href = arguments[0]", f"/_mock/attachments/{blob}")
    kept = work_folder / f"attachment-1.{ending}"
    page.wait_until(lambda: kept.exists() and kept.read_bytes() == path.read_bytes())
    # The page stays open.
    assert not page.was_reloaded()
    assert "owned" not in page.browser.title


# --------------------------------------------------------------------- screen and keyboard


@pytest.mark.parametrize("width", [360, 800, 1280])
def test_dashboard_page_fits_the_width_of_the_screen(
    lab: Lab, page: DashboardPage, work_folder: Path, width: int
) -> None:
    lab.server.add_ticket(lab.user, lab.service, files={"scan.nii.gz": b"1"}, status="claimed")
    state = lab.server.state
    path = write_png(state.file_store.allocate_path(), 200, 20)
    state.logbook.attach(lab.member, 1, "A wide picture", "image/png", path)
    state.logbook.write(lab.member, 1, LogCategory.INFO, "Please check")
    page.open(f"{lab.server.url}/#open=1", width=width)
    page.wait_until(lambda: page.run("return document.querySelector('img').naturalWidth") == 200)

    assert fits_screen(page)


def test_dashboard_page_can_be_used_with_the_keyboard_alone(lab: Lab, page: DashboardPage) -> None:
    for status in ("claimed", "failed", "ready"):
        lab.server.add_ticket(lab.user, lab.service, status=status)
    state = lab.server.state
    path = state.file_store.allocate_path()
    path.write_text("a report", encoding="utf-8")
    state.logbook.attach(lab.member, 1, "A report", "text/plain", path)
    state.logbook.write(lab.member, 1, LogCategory.INFO, "Looking for the brain")
    page.open(lab.server.url)

    def press(*keys: str) -> None:
        ActionChains(page.browser).send_keys(*keys).perform()

    def is_focused(selector: str) -> bool:
        return bool(page.run("return document.activeElement.matches(arguments[0])", selector))

    def tab_to(selector: str) -> None:
        for _ in range(30):
            press(Keys.TAB)
            assert page.run("return document.activeElement.matches(':focus-visible')")
            if is_focused(selector):
                return
        raise AssertionError(f"the tab key does not lead to {selector}")

    press(Keys.TAB)
    assert is_focused(".skip")
    tab_to("#pause")
    tab_to("#statuses input")
    press(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    page.wait_until(lambda: is_focused('input[value="claimed"]'))
    page.wait_until(lambda: len(page.texts("#ticket-list > li")) == 1)
    tab_to("#find")
    tab_to("#ticket-1 summary")
    outline = "return getComputedStyle(document.activeElement).outlineStyle"
    assert page.run(outline) == "solid"
    press(Keys.ENTER)
    page.wait_for_text("#ticket-1 .message", "Looking for the brain")
    # Updates of the page do not move the focus.
    lab.server.add_ticket(lab.user, lab.service, status="claimed")
    page.wait_for_text("#ticket-4 summary .badge", "claimed")
    assert is_focused("#ticket-1 summary")
    tab_to("#ticket-1 pre")
    assert page.text("#ticket-1 pre") == "a report"
    tab_to("#ticket-1 figure a")
    tab_to(".people summary")
    press(Keys.SPACE)
    assert page.run("return document.querySelector('.people').open")


def test_log_categories_stay_on_one_line_at_every_width(lab: Lab, page: DashboardPage) -> None:
    lab.server.add_ticket(lab.user, lab.service, status="claimed")
    for category in LogCategory:
        lab.server.state.logbook.write(lab.member, 1, category, "Please check")
    page.open(f"{lab.server.url}/#open=1")
    page.wait_for_text("#ticket-1 .category", "warning")
    lines = """return [...document.querySelectorAll("#ticket-1 .category")].map((node) => {
        const range = document.createRange();
        range.selectNodeContents(node);
        const text = range.getBoundingClientRect(), place = node.getBoundingClientRect();
        return [range.getClientRects().length, text.right <= place.right];
    })"""
    for width in (360, 800, 1280):
        page.open(f"{lab.server.url}/#open=1", width=width)
        page.wait_for_text("#ticket-1 .category", "warning")
        found = page.run(lines)
        assert isinstance(found, list)
        assert found == [[1, True]] * len(found)


# ------------------------------------------------------------------------------------ the clock


def test_dashboard_page_shows_an_advanced_or_frozen_clock(lab: Lab, page: DashboardPage) -> None:
    clock = lab.server.clock
    page.open(lab.server.url)
    page.wait_for_text("#clock", ":")
    assert page.text("#moved") == ""
    clock.advance(hours=72)
    page.wait_for_text("#moved", "3 days ahead")
    clock.freeze(datetime(2030, 3, 1, 12, tzinfo=UTC))
    page.wait_for_text("#moved", "frozen")
    page.wait_for_text("#clock", "1 Mar 2030, 12:00:00")
    # The page does not advance a frozen clock between two requests.
    page.keep_open(1.2)
    assert "12:00:00" in str(page.text("#clock"))
    clock.reset()
    page.wait_until(lambda: page.text("#moved") == "")
    page.wait_until(lambda: "2030" not in str(page.text("#clock")))


def test_ticket_row_shows_the_time_since_the_last_activity(lab: Lab, page: DashboardPage) -> None:
    lab.server.clock.freeze()
    lab.server.add_ticket(lab.user, lab.service, status="claimed")
    lab.server.clock.advance(hours=2)
    page.open(lab.server.url)
    page.wait_for_text("#ticket-1 .age", "2 h ago")
    lab.server.state.progress.set(lab.member, 1, 0.0, 1.0, 0.5)
    page.wait_for_text("#ticket-1 .age", "just now")


# ---------------------------------------------------------------------------------------- files


def test_clicking_a_ticket_file_saves_it_under_its_name(
    lab: Lab, page: DashboardPage, work_folder: Path
) -> None:
    name = "scan é 1.nii.gz"
    lab.server.add_ticket(lab.user, lab.service, files={name: b"of the brain"})
    page.open(f"{lab.server.url}/#open=1")
    page.wait_for_text("#ticket-1 .files a", name)
    page.save_downloads_in(work_folder)
    page.run("document.querySelector('#ticket-1 .files a').click()")
    kept = work_folder / name
    page.wait_until(lambda: kept.exists() and kept.read_bytes() == b"of the brain")
    assert not page.was_reloaded()


@pytest.mark.parametrize(
    ("media_type", "content"),
    [
        ("text/plain; charset=iso-8859-1", "½ grey".encode("latin-1")),
        ("text/plain; charset=unknown", "½ grey".encode()),
        ("application/javascript", "½ grey".encode()),
        ("application/x-sh", "½ grey".encode()),
    ],
)
def test_text_attachment_is_shown_with_its_charset(
    lab: Lab, page: DashboardPage, media_type: str, content: bytes
) -> None:
    lab.server.add_ticket(lab.user, lab.service, status="claimed")
    attach(lab.server.state, lab.member, media_type, content)
    lab.server.state.logbook.write(lab.member, 1, LogCategory.INFO, "Volume")
    page.open(lab.server.url)
    open_ticket(page, 1)
    page.wait_for_text("#ticket-1 .log pre", "½ grey")


# ------------------------------------------------------------------------------- many tickets


def test_long_ticket_list_can_be_extended_filtered_and_searched(
    lab: Lab, page: DashboardPage
) -> None:
    for number in range(120):
        status = "failed" if number % 40 == 0 else "ready"
        lab.server.add_ticket(lab.user, lab.service, status=status)
    page.open(lab.server.url)
    shown = "#ticket-list > li"
    page.wait_until(lambda: len(page.texts(shown)) == 50)
    assert page.text("#ticket-list h3 .number") == "#120"
    page.wait_for_text("#more-text", "70 older tickets are not shown.")
    page.run("document.getElementById('more-button').click()")
    page.wait_until(lambda: len(page.texts(shown)) == 100)
    assert page.browser.title == "(117) DSS mock middleware"
    page.browser.refresh()
    page.wait_until(lambda: len(page.texts(shown)) == 100)

    page.run("document.querySelector('input[value=failed]').click()")
    page.wait_until(lambda: page.texts("#ticket-list .number") == ["#81", "#41", "#1"])

    page.run("document.querySelector('input[value=\"\"]').click()")
    page.browser.find_element("id", "find").send_keys("17")
    page.wait_until(lambda: page.texts("#ticket-list .number") == ["#17"])
    page.wait_until(lambda: is_open(page, 17))
    page.wait_for_text("#ticket-17 .message", "Ticket received and queued for processing")
    # The address contains the filter, so a reload shows the same tickets.
    page.browser.refresh()
    page.wait_until(lambda: page.texts("#ticket-list .number") == ["#17"])
    page.wait_for_text("#ticket-17 .message", "Ticket received and queued for processing")


def test_searching_for_an_id_shows_and_opens_that_ticket_only(
    lab: Lab, page: DashboardPage
) -> None:
    for _ in range(3):
        lab.server.add_ticket(lab.user, lab.service)
    page.open(lab.server.url)
    page.wait_for_text("#ticket-2 summary .badge", "ready")
    field = page.browser.find_element("id", "find")
    field.send_keys("2")
    page.wait_until(lambda: page.texts("#ticket-list .number") == ["#2"])
    page.wait_for_text("#ticket-2 .message", "Ticket received and queued for processing")
    assert is_open(page, 2)

    field.send_keys(Keys.ESCAPE)
    page.wait_until(lambda: len(page.texts("#ticket-list .number")) == 3)
    assert field.get_property("value") == ""
    assert not is_open(page, 2)

    field.send_keys("abc")
    page.wait_for_text("#find-hint", "This is not an id: ids are numbers from 1.")
    assert field.get_attribute("aria-invalid") == "true"
    field.send_keys(Keys.ESCAPE)
    page.wait_until(lambda: page.text("#find-hint") == "")

    field.send_keys("#4")
    page.wait_for_text("#no-tickets", "There is no ticket 4.")
    assert page.text("#find-hint") == ""
    field.send_keys(Keys.ESCAPE)
    page.wait_until(lambda: len(page.texts("#ticket-list .number")) == 3)


def test_long_log_shows_its_last_lines_and_the_earlier_ones_on_request(
    lab: Lab, page: DashboardPage
) -> None:
    lab.server.add_ticket(lab.user, lab.service, status="claimed")
    for number in range(400):
        lab.server.state.logbook.write(lab.member, 1, LogCategory.INFO, f"Step {number}")
    page.open(f"{lab.server.url}/#open=1")
    page.wait_until(lambda: len(page.texts("#ticket-1 .message")) == 200)
    assert page.texts("#ticket-1 .message")[-1] == "Step 399"
    page.wait_for_text("#ticket-1 button", "Show earlier messages (202)")
    page.run("document.querySelector('#ticket-1 .log button').click()")
    page.wait_until(lambda: len(page.texts("#ticket-1 .message")) == 402)


def test_dashboard_page_is_empty_after_the_mock_is_reset(lab: Lab, page: DashboardPage) -> None:
    lab.server.add_ticket(lab.user, lab.service, status="claimed")
    lab.server.state.logbook.write(lab.member, 1, LogCategory.INFO, "of the first life")
    page.open(f"{lab.server.url}/#open=1")
    page.wait_for_text("#ticket-1 .message", "of the first life")

    lab.server.reset()
    page.wait_for_text("#no-tickets", "No tickets yet.")
    page.wait_for_text("#no-services", "No services yet.")
    assert page.texts("#ticket-list > li") == []
