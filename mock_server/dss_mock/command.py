"""The command `dss-mock`."""

from __future__ import annotations

import logging
import queue
import signal
from pathlib import Path
from types import FrameType

import click

from .seed import Seed, SeedError, load_seed, plant
from .server import DssServer


@click.group()
@click.version_option(package_name="itksnap-dss")
def main() -> None:
    """A mock of the DSS middleware, for work without a network."""


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option(
    "--port",
    default=8080,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="The port; 0 takes a free one.",
)
@click.option(
    "--seed",
    "seed_file",
    metavar="FILE.yaml",
    type=click.Path(path_type=Path),
    help="The users, providers and services to begin with.",
)
@click.option("--noauth", is_flag=True, help="Everybody is signed in as an administrator.")
def serve(host: str, port: int, seed_file: Path | None, noauth: bool) -> None:
    """Serve until SIGINT or SIGTERM; what was done is forgotten then."""
    logging.basicConfig(format="%(levelname)s: %(message)s")
    try:
        seed = load_seed(seed_file) if seed_file else Seed()
    except SeedError as error:
        click.echo(f"{error}", err=True)
        raise SystemExit(1) from error
    # The one queue that a signal handler may use: it runs in the thread that waits.
    signals: queue.SimpleQueue[int] = queue.SimpleQueue()

    def note(number: int, _: FrameType | None) -> None:
        signals.put(number)

    signal.signal(signal.SIGINT, note)
    signal.signal(signal.SIGTERM, note)
    server = DssServer(host, port, noauth=noauth)
    try:
        plant(server.state, seed)
        server.start()
        click.echo(f"DSS mock middleware listening on {server.url}")
        if not (seed.users or noauth):
            click.echo("Nobody can sign in: there is neither --seed nor --noauth.", err=True)
        signals.get()
    except OSError as error:
        click.echo(f"dss-mock: cannot listen on {host}:{port}: {error.strerror}", err=True)
        raise SystemExit(1) from error
    except ValueError as error:
        click.echo(f"{seed_file}: {error}", err=True)
        raise SystemExit(1) from error
    finally:
        server.close()
