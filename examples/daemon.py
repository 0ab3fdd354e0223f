"""What providers of DSS services have in common: all but the work itself.

`serve` waits for tickets, gives each to the function that does a service's work, and brings it to
its end, success or failed, whatever happens. A provider is such a function and a call of `serve`;
see `examples/provider.py`.
"""

from __future__ import annotations

import argparse
import logging
import re
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

from dss_api import MiddlewareFault
from dss_client import DSSClient, DssError, OutcomeUnknown, Retries

PAUSE = 30.0
"""How long to leave a middleware alone that cannot be reached, in seconds."""
INTERVAL = 15.0
"""How long to wait between asking for a ticket, in seconds."""
LOOK_BACK, LOOK_AHEAD = 50, 200
"""How far before and behind the last ticket one is looked for that may have been claimed."""

Process: TypeAlias = Callable[[DSSClient, int, Path], None]
"""A service's work on one ticket: it is given the client, the ticket's id and an empty folder.

What it raises fails the ticket, and the ticket's user reads the error's text, in which files of the
folder are told without where it is.
"""

log = logging.getLogger("provider")


@contextmanager
def in_passing() -> Iterator[None]:
    """For what may fail without the ticket: what is told, attached or drawn beside the result."""
    try:
        yield
    except DssError as error:
        log.warning("%s", error)


def note(client: DSSClient, ticket: int, message: str) -> None:
    """Tell the ticket's user how the work goes on."""
    with in_passing():
        client.dssp_log(ticket, "info", message)


def attach(client: DSSClient, ticket: int, desc: str, path: Path) -> None:
    """Attach a text to the next note."""
    with in_passing():
        client.dssp_attach(ticket, desc, path, "text/plain")


def work_on(client: DSSClient, ticket: int, process: Process) -> None:
    """Take one claimed ticket to its end, success or failed, whatever happens."""
    folder = None
    try:
        log.info("ticket %d: claimed", ticket)
        with tempfile.TemporaryDirectory(prefix=f"ticket_{ticket}_") as made:
            folder = Path(made)
            process(client, ticket, folder)
    # A user waits for an answer, also when this process is told to stop in the middle.
    except BaseException as error:
        # First of all, for the next interrupt may end this process.
        fail(client, ticket, reason(error, folder))
        log.exception("ticket %d: failed", ticket)
        if not isinstance(error, Exception):
            raise
    else:
        succeed(client, ticket)


def succeed(client: DSSClient, ticket: int) -> None:
    """Tell the ticket's user that the result is there."""
    try:
        client.dssp_set_status(ticket, "success")
    except DssError:
        log.exception("ticket %d: could not be set to success", ticket)
    else:
        log.info("ticket %d: success", ticket)


def reason(error: BaseException, folder: Path | None) -> str:
    """Why there is no result, for the ticket's user: without where this machine has its files.

    The names of folders may be those of people, or of studies.

    Args:
        folder: of the ticket; beside it lies what else was made meanwhile. `None` if there is none.
    """
    kind = type(error).__name__
    if folder is None:
        return kind  # for the text may say where it should have been
    places = (folder, folder.resolve())
    inside = "|".join(map(way_to, places))
    beside = "|".join(re.escape(str(place.parent)) for place in places)
    return re.sub(rf"(\.\.[/\\]+)*({inside})[/\\]*|(?<!\w)({beside})[/\\]+", "", str(error)) or kind


def way_to(folder: Path) -> str:
    """What matches the path of a folder whose name no other has: the whole, or any end of it."""
    *above, name = folder.parts
    way = ""
    for part in above:
        way = rf"({way}{re.escape(part)}[/\\]*)?"
    return way + re.escape(name)


def fail(client: DSSClient, ticket: int, why: str) -> None:
    """Tell the ticket's user that there will be no result, and why."""
    try:
        client.dssp_log(ticket, "error", f"Processing failed: {why}")
    except DssError:
        log.exception("ticket %d: the reason could not be logged", ticket)
    # The status matters more than the reason, so it is set even where that could not be given.
    try:
        client.dssp_set_status(ticket, "failed")
    except DssError:
        log.exception("ticket %d: could not be set to failed", ticket)


def wait_for_ticket(
    client: DSSClient, hashes: list[str], provider: str, timeout: float, last: int
) -> int | None:
    """The next ticket; `None` when none came in time or the middleware is in trouble.

    Args:
        last: the largest id of a ticket so far.
    """
    try:
        claimed = client.dssp_wait_for_ticket(
            hashes, provider, socket.gethostname(), timeout=timeout, interval=INTERVAL
        )
    except OutcomeUnknown as error:
        log.error("%s", error)
        return find_lost(client, last)
    except (ConnectionError, MiddlewareFault) as error:
        log.warning("%s Trying again in %.0f s.", error, PAUSE)
        time.sleep(PAUSE)
        return None
    return None if claimed is None else int(claimed["ticket"].iloc[0])


def find_lost(client: DSSClient, last: int) -> int | None:
    """The ticket whose claim's answer was lost; `None` if there is none.

    This process has no other ticket now. Where others work with the same account, theirs would be
    taken for lost; let each have an account of its own.

    Args:
        last: the largest id of a ticket so far.
    """
    try:
        found = client.dssp_find_claimed(range(max(1, last - LOOK_BACK), last + LOOK_AHEAD))
    except DssError:
        log.exception("It could not be found out whether a ticket was claimed")
        return None
    lost = found[found["status"] == "claimed"]
    return None if lost.empty else int(lost["ticket"].iloc[0])


def serve(process: Process, *, service: str, description: str) -> None:
    """Wait for tickets and work on them, one after the other, as the command line says.

    Args:
        process: does the work of one ticket.
        service: the service's name, where the command line gives no other.
        description: what the program does, for `--help`.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("server", help="the middleware's address")
    parser.add_argument("--provider", required=True, help="the provider (lab) to work for")
    parser.add_argument("--service", default=service, help="the service's name")
    parser.add_argument("--tickets", type=int, help="stop after this many tickets")
    parser.add_argument("--timeout", type=float, default=300, help="seconds of each wait")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    # Being stopped shall end the ticket at hand, as an interrupt does.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))

    try:
        # Patient, for with a lost connection hours of work are lost: some three minutes.
        client = DSSClient(options.server, retries=Retries(attempts=11))
        client.login_if_needed()
        services = client.dssp_list_services()
    except (DssError, ValueError) as error:
        sys.exit(str(error))
    mine = services[
        (services["service"] == options.service) & (services["provider"] == options.provider)
    ]
    if mine.empty:
        sys.exit(f"You provide no service {options.service!r} for {options.provider!r}.")

    done = last = 0
    while options.tickets is None or done < options.tickets:
        ticket = wait_for_ticket(
            client, list(mine["hash"]), options.provider, options.timeout, last
        )
        if ticket is not None:
            last = max(last, ticket)
            work_on(client, ticket, process)
            done += 1
