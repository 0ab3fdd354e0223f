"""The command `dss-mock`."""

from __future__ import annotations

import logging
import queue
import signal
from contextlib import closing, suppress
from pathlib import Path
from types import FrameType
from typing import NoReturn

import click

from dss_api import Dialect
from dss_api.enums import NEWEST

from .app import REQUESTS, TEST_USER
from .errors import DataDirError, SeedError
from .http_server import is_loopback
from .mock_server import MockServer
from .seed import EMPTY_SEED, KnownNames, Seed, load_seed
from .state import State

_POLL_INTERVAL = 0.5


@click.group()
@click.version_option(package_name="itksnap-dss-kit")
def main() -> None:
    """Run a mock of the DSS middleware, for work without a network."""


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option(
    "--port",
    default=8080,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="The port to listen at. 0 takes a free port.",
)
@click.option(
    "--seed",
    "seed_file",
    metavar="FILE.yaml",
    type=click.Path(path_type=Path),
    help="The users, providers and services at the start and after a reset.",
)
@click.option("--noauth", is_flag=True, help="Sign in every request as a system administrator.")
@click.option(
    "--dialect",
    type=click.Choice([dialect.value for dialect in Dialect]),
    default=NEWEST.value,
    show_default=True,
    help="The version of the middleware to imitate.",
)
@click.option(
    "--data-dir",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help="Keep all data in this folder for the next start. By default, nothing is kept.",
)
@click.option("--quiet", is_flag=True, help="Print only the address, and no line for each request.")
def serve(
    host: str,
    port: int,
    *,
    seed_file: Path | None,
    noauth: bool,
    dialect: str,
    data_dir: Path | None,
    quiet: bool,
) -> None:
    """Serve until SIGINT or SIGTERM.

    Open the page / of the server to watch the mock. Programs control it under /_mock/.
    """
    _configure_logging(quiet)
    try:
        seed = (
            load_seed(seed_file, KnownNames([TEST_USER] if noauth else []))
            if seed_file
            else EMPTY_SEED
        )
    except SeedError as error:
        _exit_with(f"{error}")
    signals = _catch_signals()
    state = _open_state(data_dir)
    try:
        server = MockServer(
            host, port, state=state, noauth=noauth, dialect=Dialect(dialect), seed=seed
        )
    except ValueError as error:
        state.close()
        _exit_with(f"{seed_file}: {error}")
    try:
        with closing(server):
            _start(server)
            _print_hints(server, seed)
            _wait_for_signal(signals)
    except DataDirError as error:
        _exit_with(f"dss-mock: {error}")


def _start(server: MockServer) -> None:
    try:
        server.start()
    except (OSError, ValueError, OverflowError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or error
        _exit_with(f"dss-mock: cannot listen on {server.host}:{server.port}: {reason}")
    click.echo(f"DSS mock middleware listening on {server.url}")


def _print_hints(server: MockServer, seed: Seed) -> None:
    """Print hints for new users."""
    accounts = server.state.accounts
    if not is_loopback(server.host):
        click.echo("Any program that reaches this port can read and change everything.", err=True)
    if server.state.is_restored and seed != EMPTY_SEED:
        click.echo("The saved state was restored. The seed is used only after a reset.", err=True)
    elif not accounts.users:
        click.echo("No user can sign in. Use --noauth, or a --seed with users.", err=True)
    else:
        for wanted in seed.users:
            user = accounts.find(wanted.email)
            if user and wanted.token is None:
                click.echo(f"{user.email} signs in with {user.token}", err=True)


def _wait_for_signal(signals: queue.SimpleQueue[int]) -> None:
    # With a timeout, because on Windows no signal interrupts an endless wait.
    while True:
        with suppress(queue.Empty):
            signals.get(timeout=_POLL_INTERVAL)
            return


def _configure_logging(quiet: bool) -> None:
    logging.basicConfig(format="%(levelname)s: %(message)s")
    lines = logging.StreamHandler()
    REQUESTS.addHandler(lines)
    REQUESTS.propagate = False
    REQUESTS.setLevel(logging.WARNING if quiet else logging.INFO)


def _catch_signals() -> queue.SimpleQueue[int]:
    """Return a queue that gets the signals that end the program."""
    # The only queue that is safe in a signal handler: the handler runs in the waiting thread.
    signals: queue.SimpleQueue[int] = queue.SimpleQueue()

    def note(number: int, _: FrameType | None) -> None:
        signals.put(number)

    signal.signal(signal.SIGINT, note)
    signal.signal(signal.SIGTERM, note)
    return signals


def _open_state(data_dir: Path | None) -> State:
    if data_dir is None:
        return State()
    try:
        return State.open(data_dir)
    except DataDirError as error:
        _exit_with(f"dss-mock: {error}")


def _exit_with(reason: str) -> NoReturn:
    click.echo(reason, err=True)
    raise SystemExit(1)
