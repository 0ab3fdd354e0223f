"""Services in git repositories."""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from dss_api import DescriptorUnreadable, MiddlewareFault, RepositoryUnreadable

from .errors import RequestRefused

DESCRIPTOR = "service.json"
"""The file in a repository that describes the service."""
GIT_VARIABLES = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_COMMON_DIR",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
)
"""Environment variables that point git to a different repository. A git hook, for example, inherits
them.
"""
GIT_TIMEOUT = 30.0
"""The largest number of seconds for reading a repository."""


def read_repository(repo: str, ref: str) -> tuple[str, Mapping[str, object]]:
    """Return the commit of a reference, and the service's descriptor in that commit.

    Args:
        repo: a path, or an address that git can clone.
        ref: a branch, a tag, or a full commit hash. An empty string means the default branch.

    Raises:
        RequestRefused: the repository, the reference or the descriptor does not exist.
    """
    if repo.startswith("-"):
        raise RequestRefused(RepositoryUnreadable)
    deadline = time.monotonic() + GIT_TIMEOUT
    with TemporaryDirectory(prefix="dss_mock_clone_") as name:
        clone = Path(name) / "clone"
        options = ("--quiet", "--mirror")
        if _run_git(("clone", *options, "--", repo, f"{clone}"), deadline) is None:
            raise RequestRefused(RepositoryUnreadable)
        commit = _find_commit(clone, ref, deadline)
        if commit is None:
            raise RequestRefused(RepositoryUnreadable)
        text = _run_git(("-C", f"{clone}", "cat-file", "blob", f"{commit}:{DESCRIPTOR}"), deadline)
    return commit, _read_descriptor(text)


def _find_commit(clone: Path, ref: str, deadline: float) -> str | None:
    # Only full names: git would also guess from abbreviations, which the middleware refuses.
    names = [f"refs/heads/{ref}", f"refs/tags/{ref}"]
    if ref in ("", "HEAD"):
        names = ["HEAD"]
    elif re.fullmatch(r"[0-9a-f]{40}", ref):
        names.append(ref)
    for name in names:
        arguments = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        found = _run_git(("-C", f"{clone}", *arguments), deadline)
        if found is not None:
            return found.decode("ascii").strip()
    return None


def _read_descriptor(text: bytes | None) -> Mapping[str, object]:
    if text is None:
        raise RequestRefused(DescriptorUnreadable)
    try:
        descriptor: object = json.loads(text.decode("utf-8"))
    except ValueError as error:
        raise RequestRefused(DescriptorUnreadable) from error
    if not isinstance(descriptor, dict):
        raise RequestRefused(MiddlewareFault)
    return descriptor


def _clean_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in GIT_VARIABLES}


def _run_git(arguments: tuple[str, ...], deadline: float) -> bytes | None:
    """Return git's output, or `None` if git fails, is missing, or takes too long."""
    try:
        done = subprocess.run(  # noqa: S603  # no shell, and no argument can be read as an option
            ("git", *arguments),  # noqa: S607  # the git of this machine
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=max(0.0, deadline - time.monotonic()),
            env={**_clean_environment(), "GIT_TERMINAL_PROMPT": "0"},
            check=False,
        )
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None
