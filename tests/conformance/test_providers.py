"""Providers and their users, as administrators see them."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from .expected import FAULT, NO_SYSADMIN, NOT_FOUND, NOT_SIGNED_IN, csv, in_json, plain
from .site import OTHER, PROVIDER, Lab, Site

PROVIDERS = "/api/admin/providers"
USERS = f"{PROVIDERS}/{PROVIDER}/users"


def test_creating_and_listing(site: Site) -> None:
    assert site.admin.get(PROVIDERS).said == csv()
    for name in (PROVIDER, OTHER, PROVIDER):
        assert site.admin.post(PROVIDERS, {"name": name}).said == plain("success")
    assert site.admin.get(PROVIDERS).said == csv(PROVIDER, OTHER)
    expected = in_json({"result": [{"name": PROVIDER}, {"name": OTHER}]})
    assert site.admin.get(f"{PROVIDERS}?format=json").said == expected


def test_a_provider_needs_a_name(site: Site) -> None:
    assert site.admin.post(PROVIDERS).said == FAULT
    assert site.admin.post(PROVIDERS, {"name": ""}).said == plain("success")
    assert site.admin.get(PROVIDERS).said == csv('""')


@pytest.mark.parametrize("name", ["été", "under_score", "a-b", "UPPER", "7", "中", "-", "x" * 300])
def test_names_that_can_stand_in_a_path(site: Site, name: str) -> None:
    site.add_provider(name)
    path = f"{PROVIDERS}/{quote(name)}"
    assert site.admin.post(f"{path}/users", {"email": "user@example.com"}).said == plain(
        f"Added user user@example.com to provider {name}"
    )
    assert site.admin.get(f"{path}/users").said == csv("4,user@example.com,0")
    assert site.admin.get(f"{path}/services").said == csv()


@pytest.mark.parametrize("name", ["a b", "a.b", "a/b", "a+b", "a'b", "100%", "a@b", "a:b"])
def test_names_that_cannot(site: Site, name: str) -> None:
    site.add_provider(name)
    assert site.admin.get(PROVIDERS).said == csv(name)
    for end in ("users", "services", "delete"):
        assert site.admin.get(f"{PROVIDERS}/{quote(name, safe='')}/{end}").said == NOT_FOUND


def test_users_of_a_provider(site: Site) -> None:
    site.add_provider(PROVIDER)
    assert site.admin.get(USERS).said == csv()
    for user, admin in (("prov2", "1"), ("prov1", "0"), ("admin", "1")):
        form = {"email": f"{user}@example.com", "admin": admin}
        expected = plain(f"Added user {user}@example.com to provider {PROVIDER}")
        assert site.admin.post(USERS, form).said == expected
    rows = ("3,prov2@example.com,1", "2,prov1@example.com,0", "1,admin@example.com,1")
    assert site.admin.get(USERS).said == csv(*rows)
    # Who is added once more comes last, and is what was said last.
    site.admin.post(USERS, {"email": "prov2@example.com"})
    assert site.admin.get(USERS).said == csv(*rows[1:], "3,prov2@example.com,0")
    json = site.admin.get(f"{USERS}?format=json").text
    assert json.startswith('{"result": [{"id": 2, "email": "prov1@example.com", "admin": 0}, ')


@pytest.mark.parametrize(
    ("admin", "stored"),
    [("0", "0"), ("1", "1"), ("2", "1"), ("-1", "1"), (" 1 ", "1"), ("1_0", "1"), ("٣", "1")],
)
def test_whole_numbers_say_who_is_an_administrator(site: Site, admin: str, stored: str) -> None:
    site.add_provider(PROVIDER)
    site.admin.post(USERS, {"email": "user@example.com", "admin": admin})
    assert site.admin.get(USERS).said == csv(f"4,user@example.com,{stored}")


@pytest.mark.parametrize("admin", ["", "true", "True", "yes", "1.0", "0x1"])
def test_other_texts_do_not(site: Site, admin: str) -> None:
    site.add_provider(PROVIDER)
    for email in ("user@example.com", "nosuch@example.com"):
        assert site.admin.post(USERS, {"email": email, "admin": admin}).said == FAULT
    assert site.admin.get(USERS).said == csv()


@pytest.mark.parametrize(
    "email", ["nosuch@example.com", "", "USER@example.com", " user@example.com"]
)
def test_users_that_there_are_not(site: Site, email: str) -> None:
    site.add_provider(PROVIDER)
    expected = ("401 unauthorized", None, b"Email unrecognized by the system")
    assert site.admin.post(USERS, {"email": email}).said == expected
    assert site.admin.post(USERS).said == FAULT


def test_removing_users(lab: Lab) -> None:
    assert lab.admin.get(f"{USERS}/02/delete").said == plain("None")
    assert lab.admin.get(USERS).said == csv()
    assert lab.admin.get(f"{USERS}/2/delete").said == plain("None")
    assert lab.admin.get(f"{USERS}/999/delete").said == plain("None")
    for user in ("x", "-1", "1.5", ""):
        assert lab.admin.get(f"{USERS}/{user}/delete").said == NOT_FOUND


def test_a_removed_user_keeps_what_was_claimed(lab: Lab) -> None:
    ticket = lab.claimed_ticket()
    lab.admin.get(f"{USERS}/2/delete")
    assert lab.claim().status == 401
    assert lab.prov1.get(f"/api/pro/tickets/{ticket}/status").status == 400
    lab.finish(ticket, "success")
    assert lab.prov1.get("/api/pro/services").said == csv()


def test_a_deleted_provider_stays_in_the_list(lab: Lab) -> None:
    assert lab.admin.get(f"{PROVIDERS}/{PROVIDER}/delete").said == plain("None")
    assert lab.admin.get(PROVIDERS).said == csv(PROVIDER)
    assert lab.admin.get(USERS).said == csv("2,prov1@example.com,0")
    assert lab.user.get("/api/services").said == csv()
    assert lab.claim().text == "-1"
    # Made anew, it offers nothing until that is registered again.
    lab.add_provider(PROVIDER)
    assert lab.user.get("/api/services").said == csv()
    lab.register(lab.repository)
    assert lab.service in lab.user.get("/api/services").text


def test_a_provider_that_there_is_not(site: Site) -> None:
    path = f"{PROVIDERS}/nosuch"
    assert site.admin.get(f"{path}/users").said == csv()
    assert site.admin.get(f"{path}/services").said == csv()
    assert site.admin.get(f"{path}/delete").said == plain("None")
    assert site.admin.get(f"{path}/users/1/delete").said == plain("None")
    assert site.admin.post(f"{path}/users", {"email": "user@example.com"}).status == 200
    assert site.admin.get(f"{path}/users").said == csv("4,user@example.com,0")
    assert site.admin.get(PROVIDERS).said == csv()
    # Its place in the list is that of its creation, not of its first user.
    site.add_provider(OTHER)
    site.add_provider("nosuch")
    assert site.admin.get(PROVIDERS).said == csv(OTHER, "nosuch")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", PROVIDERS),
        ("POST", PROVIDERS),
        ("GET", f"{PROVIDERS}/{PROVIDER}/delete"),
        ("GET", USERS),
        ("POST", USERS),
        ("GET", f"{USERS}/2/delete"),
        ("GET", f"{PROVIDERS}/{PROVIDER}/services"),
        ("POST", f"{PROVIDERS}/{PROVIDER}/services"),
        ("GET", f"{PROVIDERS}/{PROVIDER}/services/abc/delete"),
        ("GET", "/api/admin/tickets"),
        ("POST", "/api/admin/tickets/purge/all"),
    ],
)
def test_only_system_administrators_may(site: Site, method: str, path: str) -> None:
    site.add_provider(PROVIDER)
    site.admin.post(USERS, {"email": "prov1@example.com", "admin": "1"})
    body = b"" if method == "POST" else None
    assert site.prov1.ask(method, path, body).said == NO_SYSADMIN
    assert site.user.ask(method, path, body).said == NO_SYSADMIN
    assert site.nobody.ask(method, path, body).said == NOT_SIGNED_IN
