"""Outcomes of the original client on the mock and on the real middleware."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from pathlib import Path
from typing import Any

from . import real_middleware
from .middleware import Middleware, MockMiddleware
from .real_middleware import MiddlewareLauncher
from .repositories import Repository
from .sites import Lab

SCRIPT = Path(__file__).with_name("original_client.py")
TICKET_NEEDED = "ticket needed"
REPORT = "report: "
DEADLINE = 90.0
"""Seconds to wait for the script."""


def run_client(lab: Lab, folder: Path) -> list[list[str]]:
    """Run the script of the original client and return the outcome of each method."""
    folder.mkdir()
    address = f"{lab.address[0]}:{lab.address[1]}"
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith("PYTHON")},
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        "HOME": str(folder),
    }
    arguments = [f"http://{address}", lab.middleware.get_token("prov1"), lab.service, str(folder)]
    with subprocess.Popen(
        [real_middleware.PYTHON, "-P", SCRIPT, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
        env=environment,
    ) as client:
        timer = threading.Timer(DEADLINE, client.kill)
        timer.start()
        try:
            report = answer_client(client, lab)
        finally:
            timer.cancel()
            client.kill()
    assert report["missing"] == [], "the script does not run these methods"
    return [
        [part.replace(address, "ADDRESS").replace(str(folder), "FOLDER") for part in outcome]
        for outcome in report["outcomes"]
    ]


def answer_client(client: subprocess.Popen[str], lab: Lab) -> dict[str, Any]:
    """Submit a ticket when the client asks for one, and return its report."""
    assert client.stdin is not None
    assert client.stdout is not None
    for line in client.stdout:
        if line == f"{TICKET_NEEDED}\n":
            lab.create_ready_ticket({"scan.nii.gz": b"voxels", "é.txt": b"text"})
            client.stdin.write("\n")
        elif line.startswith(REPORT):
            report: dict[str, Any] = json.loads(line.removeprefix(REPORT))
            return report
    raise AssertionError(f"The client ended with exit code {client.wait()} without a report.")


def test_original_client_gets_the_same_outcomes_from_mock_and_real_middleware(
    launcher: MiddlewareLauncher, example: Repository, tmp_path: Path
) -> None:
    outcomes: dict[str, list[list[str]]] = {}
    middlewares: dict[str, Middleware] = {"mock": MockMiddleware(), "real": launcher.start()}
    for name, middleware in middlewares.items():
        lab = Lab(middleware, example)
        outcomes[name] = run_client(lab, tmp_path / name)
        lines = lab.user.get("/api/tickets/1/log").text.count("\r\n")
        outcomes[name].append(["log", f"{lines}"])
        outcomes[name].append(["results", lab.user.get("/api/tickets/1/files/results").text])
        middleware.close()
    assert outcomes["mock"] == outcomes["real"]
    successes = {outcome[0] for outcome in outcomes["mock"] if "gave" in outcome}
    assert {outcome[0] for outcome in outcomes["mock"]} - successes <= {"file", "log", "results"}
