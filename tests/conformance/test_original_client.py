"""The original client, which providers have, against the mock and the real middleware."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from pathlib import Path
from typing import Any

from . import real
from .middleware import Middleware, MockMiddleware
from .real import Zygote
from .repositories import Repository
from .site import Lab

SCRIPT = Path(__file__).with_name("original_client.py")
ASKING = "a ticket, please"
REPORT = "report: "
DEADLINE = 90.0
"""Seconds that all of it may take."""


def outcomes(lab: Lab, folder: Path) -> list[list[str]]:
    """What came of each method of the client."""
    folder.mkdir()
    address = f"{lab.address[0]}:{lab.address[1]}"
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith("PYTHON")},
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        "HOME": str(folder),
    }
    arguments = [f"http://{address}", lab.middleware.token("prov1"), lab.service, str(folder)]
    with subprocess.Popen(
        [real.PYTHON, "-P", SCRIPT, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
        env=environment,
    ) as client:
        timer = threading.Timer(DEADLINE, client.kill)
        timer.start()
        try:
            told = talk(client, lab)
        finally:
            timer.cancel()
            client.kill()
    assert told["missing"] == [], "the script does not run these methods"
    return [
        [part.replace(address, "ADDRESS").replace(str(folder), "FOLDER") for part in outcome]
        for outcome in told["outcomes"]
    ]


def talk(client: subprocess.Popen[str], lab: Lab) -> dict[str, Any]:
    """Play the user, up to the client's report."""
    assert client.stdin is not None
    assert client.stdout is not None
    for line in client.stdout:
        if line == f"{ASKING}\n":
            lab.ready_ticket({"scan.nii.gz": b"voxels", "é.txt": b"text"})
            client.stdin.write("\n")
        elif line.startswith(REPORT):
            report: dict[str, Any] = json.loads(line.removeprefix(REPORT))
            return report
    raise AssertionError(f"the client ended with {client.wait()} and without a report")


def test_every_method_of_the_original_client(
    zygote: Zygote, example: Repository, tmp_path: Path
) -> None:
    found: dict[str, list[list[str]]] = {}
    middlewares: dict[str, Middleware] = {"mock": MockMiddleware(), "real": zygote.fresh()}
    for name, middleware in middlewares.items():
        lab = Lab(middleware, example)
        found[name] = outcomes(lab, tmp_path / name)
        lines = lab.user.get("/api/tickets/1/log").text.count("\r\n")
        found[name].append(["log", f"{lines}"])
        found[name].append(["results", lab.user.get("/api/tickets/1/files/results").text])
        middleware.close()
    assert found["mock"] == found["real"]
    gave = {outcome[0] for outcome in found["mock"] if "gave" in outcome}
    assert {outcome[0] for outcome in found["mock"]} - gave <= {"file", "log", "results"}
