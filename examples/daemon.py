"""The part that is the same in all providers: everything except the work of the service.

`serve` waits for tickets, passes each to your function, and sets the ticket to success or failed at
the end. A provider is such a function and a call of `serve`; see `examples/provider.py`.
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

RETRY_DELAY = 30.0
"""Seconds to wait if the middleware cannot be reached."""
POLL_INTERVAL = 15.0
"""Seconds between two requests for a ticket."""
CLAIM_SEARCH_BEFORE, CLAIM_SEARCH_AFTER = 50, 200
"""Numbers of ids before and after the newest ticket to search for a lost claim."""

Process: TypeAlias = Callable[[DSSClient, int, Path], None]
"""The function that does the work of a service on one ticket. Its arguments are the client, the
ticket's id and an empty folder.

If the function raises an exception, the ticket fails. The ticket's user reads the text of the
exception, without the location of the folder.
"""

log = logging.getLogger("provider")


@contextmanager
def ignore_failure() -> Iterator[None]:
    """Log a failure that must not fail the ticket, for example of a message or a picture."""
    try:
        yield
    except DssError as error:
        log.warning("%s", error)


def log_info(client: DSSClient, ticket: int, message: str) -> None:
    """Write a message to the ticket's log, which the ticket's user reads."""
    with ignore_failure():
        client.dssp_log(ticket, "info", message)


def attach_text(client: DSSClient, ticket: int, desc: str, path: Path) -> None:
    """Attach a text file to the next message in the ticket's log."""
    with ignore_failure():
        client.dssp_attach(ticket, desc, path, "text/plain")


def work_on_ticket(client: DSSClient, ticket: int, process: Process) -> None:
    """Process a claimed ticket, and set it to success or failed."""
    folder = None
    try:
        log.info("ticket %d: claimed", ticket)
        with tempfile.TemporaryDirectory(prefix=f"ticket_{ticket}_") as name:
            folder = Path(name)
            process(client, ticket, folder)
    # BaseException, because the user waits for an answer even if this process is stopped.
    except BaseException as error:
        # This comes first, because a second interrupt can end this process.
        set_failed(client, ticket, describe_error(error, folder))
        log.exception("ticket %d: failed", ticket)
        if not isinstance(error, Exception):
            raise
    else:
        set_success(client, ticket)


def set_success(client: DSSClient, ticket: int) -> None:
    """Set a ticket to success."""
    try:
        client.dssp_set_status(ticket, "success")
    except DssError:
        log.exception("ticket %d: cannot set the status to success", ticket)
    else:
        log.info("ticket %d: success", ticket)


def set_failed(client: DSSClient, ticket: int, reason: str) -> None:
    """Set a ticket to failed, and write the reason to its log."""
    try:
        client.dssp_log(ticket, "error", f"Processing failed: {reason}")
    except DssError:
        log.exception("ticket %d: cannot log the reason", ticket)
    # Set the status even if the log fails, because the user waits for the status.
    try:
        client.dssp_set_status(ticket, "failed")
    except DssError:
        log.exception("ticket %d: cannot set the status to failed", ticket)


def describe_error(error: BaseException, folder: Path | None) -> str:
    """Return the text of an error for the ticket's user, without the folders of this machine.

    Names of folders can contain names of patients or studies.

    Args:
        folder: the folder of the ticket, which is in the folder for temporary files. `None` if it
            could not be made.
    """
    kind = type(error).__name__
    if folder is None:
        return kind  # the text can contain the folder for temporary files
    folders = (folder, folder.resolve())
    inside = "|".join(make_path_pattern(path) for path in folders)
    beside = "|".join(re.escape(str(path.parent)) for path in folders)
    return re.sub(rf"(\.\.[/\\]+)*({inside})[/\\]*|(?<!\w)({beside})[/\\]+", "", str(error)) or kind


def make_path_pattern(folder: Path) -> str:
    """Return a pattern that matches a folder's complete path, and each end of it.

    The name of the folder must be unique.
    """
    *parents, name = folder.parts
    pattern = ""
    for part in parents:
        pattern = rf"({pattern}{re.escape(part)}[/\\]*)?"
    return pattern + re.escape(name)


def wait_for_ticket(
    client: DSSClient, hashes: list[str], provider: str, timeout: float, last: int
) -> int | None:
    """Claim the next ticket; return `None` after the timeout or if the middleware has a problem.

    Args:
        last: the largest id of a ticket so far.
    """
    try:
        claimed = client.dssp_wait_for_ticket(
            hashes, provider, socket.gethostname(), timeout=timeout, interval=POLL_INTERVAL
        )
    except OutcomeUnknown as error:
        log.error("%s", error)
        return find_lost_claim(client, last)
    except (ConnectionError, MiddlewareFault) as error:
        log.warning("%s Retrying in %.0f s.", error, RETRY_DELAY)
        time.sleep(RETRY_DELAY)
        return None
    return None if claimed is None else int(claimed["ticket"].iloc[0])


def find_lost_claim(client: DSSClient, last: int) -> int | None:
    """Find a ticket that is claimed although the response to the claim was lost.

    This process does not work on a ticket now, so each claimed ticket of its account is
    a lost ticket. Give each process an account of its own. Otherwise this process takes the tickets
    of the others.

    Args:
        last: the largest id of a ticket so far.
    """
    ids = range(max(1, last - CLAIM_SEARCH_BEFORE), last + CLAIM_SEARCH_AFTER)
    try:
        found = client.dssp_find_claimed(ids)
    except DssError:
        log.exception("Cannot find out whether a ticket was claimed")
        return None
    lost = found[found["status"] == "claimed"]
    return None if lost.empty else int(lost["ticket"].iloc[0])


def serve(process: Process, *, service: str, description: str) -> None:
    """Wait for tickets and process them one by one, with the options on the command line.

    Args:
        process: does the work of one ticket.
        service: the default name of the service.
        description: the description of the program for `--help`.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("server", help="address of the middleware")
    parser.add_argument("--provider", required=True, help="name of the provider (lab)")
    parser.add_argument("--service", default=service, help="name of the service")
    parser.add_argument("--tickets", type=int, help="stop after this number of tickets")
    parser.add_argument("--timeout", type=float, default=300, help="seconds of each wait")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    # SIGTERM must fail the current ticket, as an interrupt (Ctrl+C) does.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))

    try:
        # Retry for about two minutes, because a lost connection can cost hours of work.
        client = DSSClient(options.server, retries=Retries(attempts=11))
        client.login_if_needed()
        services = client.dssp_list_services()
    except (DssError, ValueError) as error:
        sys.exit(str(error))
    own = services[
        (services["service"] == options.service) & (services["provider"] == options.provider)
    ]
    if own.empty:
        sys.exit(f"You do not provide the service {options.service!r} for {options.provider!r}.")
    hashes = list(own["hash"])

    done = last = 0
    while options.tickets is None or done < options.tickets:
        ticket = wait_for_ticket(client, hashes, options.provider, options.timeout, last)
        if ticket is not None:
            last = max(last, ticket)
            work_on_ticket(client, ticket, process)
            done += 1
