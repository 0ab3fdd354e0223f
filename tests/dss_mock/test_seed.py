"""Seed files, valid and invalid."""

from __future__ import annotations

import sys
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dss_mock import State
from dss_mock.errors import SeedError
from dss_mock.seed import (
    Seed,
    SeedProvider,
    SeedService,
    SeedUser,
    load_seed,
    plant,
)

GOOD = """\
users:
  - {email: admin@example.com, token: aaaa, name: Admin, sysadmin: true, tier: poweruser}
  - {email: prov1@example.com}
providers:
  - {name: testlab, users: [prov1@example.com]}
services:
  - provider: testlab
    descriptor:
      {name: Example, version: 0.1, shortdesc: Short, tags: [{name: T, required: true}], x: null}
"""


def write_seed(folder: Path, text: str) -> Path:
    path = folder / "seed.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_plant_adds_users_providers_and_services(tmp_path: Path) -> None:
    with State() as state:
        plant(state, load_seed(write_seed(tmp_path, GOOD)))
        admin, lab = state.accounts.users.values()
        assert (admin.id, admin.token, admin.name, admin.sysadmin, admin.tier) == (
            1,
            "aaaa",
            "Admin",
            True,
            "poweruser",
        )
        assert (lab.id, lab.sysadmin, lab.tier, len(lab.token)) == (2, False, "guest", 48)
        (service,) = state.catalogue.list_services()
        assert (service.version, len(service.githash)) == ("0.1", 40)
        assert service.descriptor["tags"] == [{"name": "T", "required": True}]
        assert state.catalogue.can_serve(lab, service)


@pytest.fixture
def hasty_threads() -> Iterator[None]:
    """Let threads switch much more often."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("hasty_threads")
def test_concurrent_seeds_are_planted_completely_or_not_at_all() -> None:
    start = threading.Barrier(4)

    def plant_seed(which: int) -> bool:
        users = [SeedUser(f"{which}-{number}@example.com") for number in range(300)]
        seed = Seed(users=(*users, SeedUser("shared@example.com")))
        start.wait(timeout=30)
        try:
            plant(state, seed)
        except ValueError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        for _ in range(10):
            with State() as state:
                planted = list(pool.map(plant_seed, range(4), timeout=30))
                added = [user.email for user in state.accounts.users.values()]
            assert Counter(planted) == {True: 1, False: 3}
            assert {email.partition("-")[0] for email in added} == {
                f"{planted.index(True)}",
                "shared@example.com",
            }


def test_plant_refuses_seed_with_unknown_user_or_provider() -> None:
    users = (SeedUser("a@example.com"),)
    descriptor = {"name": "A", "version": "1", "shortdesc": "s"}
    for seed, gone in (
        (Seed(users, (SeedProvider("lab", ("b@example.com",)),)), "'b@example.com'"),
        (Seed(users, services=(SeedService("lab", "a" * 40, descriptor),)), "'lab'"),
    ):
        with State() as state:
            with pytest.raises(ValueError, match=f"^{gone} is not one of the "):
                plant(state, seed)
            assert (state.accounts.users, state.catalogue.providers) == ({}, {})


def test_plant_refuses_service_with_name_and_version_of_existing_service() -> None:
    first, second = ({"name": "A", "version": version, "shortdesc": "s"} for version in "12")
    with State() as state:
        state.catalogue.create_provider("lab")
        state.catalogue.register_service("lab", "a" * 40, first)
        state.catalogue.withdraw_service("lab", "a" * 40)
        state.catalogue.register_service("lab", "b" * 40, first)
        seed = Seed((SeedUser("a@example.com"),), (), (SeedService("lab", "a" * 40, second),))
        with pytest.raises(ValueError, match="the service A 1 exists already"):
            plant(state, seed)
        assert state.accounts.users == {}


@pytest.mark.parametrize("text", ["", "users:\nproviders: []\n", "# nothing\n"])
def test_empty_seed_file_has_no_users(tmp_path: Path, text: str) -> None:
    assert load_seed(write_seed(tmp_path, text)).users == ()


SERVICE = "providers: [{name: p}]\nservices:\n"
FINE = "name: A, version: '1', shortdesc: s"
SERVICE_LINE = f"  - {{provider: p, descriptor: {{{FINE}}}}}\n"


def make_service_with_key(more: str) -> str:
    return f"  - {{provider: p, descriptor: {{{FINE}, {more}}}}}\n"


def make_service_with_githash(githash: str) -> str:
    return f"  - {{provider: p, githash: {githash}, descriptor: {{{FINE}}}}}\n"


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("users: [", 1, "not valid YAML"),
        ("a: b: c", 1, "not valid YAML"),
        ("users: \x07", None, "not valid YAML"),
        ("---\n---\n", 2, "not valid YAML"),
        ("[]", 1, "must be a mapping"),
        ("users: 5", 1, "must be a list"),
        ("\nuser: []", 2, "'user' is not a known key"),
        ("users: []\nusers: []", 2, "twice"),
        ("users:\n  - {token: t}", 2, "'email' is missing"),
        ("users:\n  - {email: a, mail: b}", 2, "'mail' is not a known key"),
        ("users:\n  - {email: a}\n  - {email: a}", 3, "two users 'a'"),
        ("users:\n  - {email: a, token: t}\n  - {email: b, token: t}", 3, "another user"),
        ("users:\n  - {email: a, token: ''}", 2, "must not be empty"),
        ("users:\n  - {email: a, token: 1234}", 2, "Put it in quotes"),
        ("users:\n  - {email: a, tier: king}", 2, "not a tier"),
        ("users:\n  - {email: a, sysadmin: 1}", 2, "true or false"),
        ("users:\n  - a", 2, "must be a mapping"),
        ("providers:\n  - {name: p}\n  - {name: p}", 3, "two providers"),
        ("providers:\n  - name: p\n    users:\n      - x", 4, "not one of the users"),
        ("services:\n" + SERVICE_LINE, 2, "not one of the providers"),
        (SERVICE + "  - {provider: p}", 3, "'descriptor' is missing"),
        (SERVICE + "  - {provider: p, descriptor: {name: A, version: '1'}}", 3, "'shortdesc'"),
        (SERVICE + "  - provider: p\n    descriptor:\n      name: [A]", 5, "must be a string"),
        (SERVICE + make_service_with_key("d: 2024-01-01"), 3, "timestamp"),
        (SERVICE + make_service_with_key("d: &d [*d]"), 3, "contains itself"),
        (SERVICE + make_service_with_githash("abc"), 3, "hexadecimal"),
        (
            SERVICE + SERVICE_LINE + make_service_with_githash("a" * 40),
            4,
            "two services A 1",
        ),
    ],
)
def test_invalid_seed_error_names_line_and_reason(
    tmp_path: Path, text: str, line: int | None, reason: str
) -> None:
    path = write_seed(tmp_path, text)
    with pytest.raises(SeedError) as error:
        load_seed(path)
    where = f"{path}:{line}: " if line else f"{path}: "
    assert any(
        mistake.startswith(where) and reason in mistake for mistake in f"{error.value}".splitlines()
    ), f"{error.value}"


def test_invalid_seed_error_lists_all_mistakes(tmp_path: Path) -> None:
    path = write_seed(tmp_path, "users:\n  - {email: 1}\n  - {tier: king}\nextra: 1\n")
    with pytest.raises(SeedError) as error:
        load_seed(path)
    lines = [mistake.removeprefix(f"{path}:")[0] for mistake in f"{error.value}".splitlines()]
    assert lines == ["2", "3", "3", "4"]


def test_unreadable_seed_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SeedError, match="nosuch"):
        load_seed(tmp_path / "nosuch.yaml")
    with pytest.raises(SeedError):
        load_seed(tmp_path)
    (tmp_path / "seed.yaml").write_bytes(b"users: \xff\xfe")
    with pytest.raises(SeedError, match="not valid YAML"):
        load_seed(tmp_path / "seed.yaml")
