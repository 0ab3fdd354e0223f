"""Administration of providers and their users."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from .responses import (
    NOT_A_SYSADMIN,
    NOT_FOUND,
    NOT_SIGNED_IN,
    SERVER_ERROR,
    csv_response,
    json_response,
    text_response,
)
from .sites import OTHER_PROVIDER, PROVIDER, Lab, Site

PROVIDERS = "/api/admin/providers"
USERS = f"{PROVIDERS}/{PROVIDER}/users"


def test_created_provider_is_listed_once(site: Site) -> None:
    assert site.admin.get(PROVIDERS).summary == csv_response()
    for name in (PROVIDER, OTHER_PROVIDER, PROVIDER):
        assert site.admin.post(PROVIDERS, {"name": name}).summary == text_response("success")
    assert site.admin.get(PROVIDERS).summary == csv_response(PROVIDER, OTHER_PROVIDER)
    expected = json_response({"result": [{"name": PROVIDER}, {"name": OTHER_PROVIDER}]})
    assert site.admin.get(f"{PROVIDERS}?format=json").summary == expected


def test_provider_without_name_parameter_fails(site: Site) -> None:
    assert site.admin.post(PROVIDERS).summary == SERVER_ERROR
    assert site.admin.post(PROVIDERS, {"name": ""}).summary == text_response("success")
    assert site.admin.get(PROVIDERS).summary == csv_response('""')


@pytest.mark.parametrize("name", ["été", "under_score", "a-b", "UPPER", "7", "中", "-", "x" * 300])
def test_provider_name_of_word_characters_works_in_a_path(site: Site, name: str) -> None:
    site.add_provider(name)
    path = f"{PROVIDERS}/{quote(name)}"
    assert site.admin.post(f"{path}/users", {"email": "user@example.com"}).summary == text_response(
        f"Added user user@example.com to provider {name}"
    )
    assert site.admin.get(f"{path}/users").summary == csv_response("4,user@example.com,0")
    assert site.admin.get(f"{path}/services").summary == csv_response()


@pytest.mark.parametrize("name", ["a b", "a.b", "a/b", "a+b", "a'b", "100%", "a@b", "a:b"])
def test_provider_name_with_other_characters_is_not_found(site: Site, name: str) -> None:
    site.add_provider(name)
    assert site.admin.get(PROVIDERS).summary == csv_response(name)
    for end in ("users", "services", "delete"):
        assert site.admin.get(f"{PROVIDERS}/{quote(name, safe='')}/{end}").summary == NOT_FOUND


def test_users_of_a_provider_are_listed_in_the_order_of_addition(site: Site) -> None:
    site.add_provider(PROVIDER)
    assert site.admin.get(USERS).summary == csv_response()
    for user, admin in (("prov2", "1"), ("prov1", "0"), ("admin", "1")):
        form = {"email": f"{user}@example.com", "admin": admin}
        expected = text_response(f"Added user {user}@example.com to provider {PROVIDER}")
        assert site.admin.post(USERS, form).summary == expected
    rows = ("3,prov2@example.com,1", "2,prov1@example.com,0", "1,admin@example.com,1")
    assert site.admin.get(USERS).summary == csv_response(*rows)
    # A user who is added again moves to the end and gets the new value.
    site.admin.post(USERS, {"email": "prov2@example.com"})
    assert site.admin.get(USERS).summary == csv_response(*rows[1:], "3,prov2@example.com,0")
    json = site.admin.get(f"{USERS}?format=json").text
    assert json.startswith('{"result": [{"id": 2, "email": "prov1@example.com", "admin": 0}, ')


@pytest.mark.parametrize(
    ("admin", "stored"),
    [("0", "0"), ("1", "1"), ("2", "1"), ("-1", "1"), (" 1 ", "1"), ("1_0", "1"), ("٣", "1")],
)
def test_admin_parameter_accepts_integers(site: Site, admin: str, stored: str) -> None:
    site.add_provider(PROVIDER)
    site.admin.post(USERS, {"email": "user@example.com", "admin": admin})
    assert site.admin.get(USERS).summary == csv_response(f"4,user@example.com,{stored}")


@pytest.mark.parametrize("admin", ["", "true", "True", "yes", "1.0", "0x1"])
def test_admin_parameter_that_is_not_an_integer_fails(site: Site, admin: str) -> None:
    site.add_provider(PROVIDER)
    for email in ("user@example.com", "nosuch@example.com"):
        assert site.admin.post(USERS, {"email": email, "admin": admin}).summary == SERVER_ERROR
    assert site.admin.get(USERS).summary == csv_response()


@pytest.mark.parametrize(
    "email", ["nosuch@example.com", "", "USER@example.com", " user@example.com"]
)
def test_unknown_user_cannot_be_added_to_a_provider(site: Site, email: str) -> None:
    site.add_provider(PROVIDER)
    expected = ("401 unauthorized", None, b"Email unrecognized by the system")
    assert site.admin.post(USERS, {"email": email}).summary == expected
    assert site.admin.post(USERS).summary == SERVER_ERROR


def test_removed_user_is_not_listed(lab: Lab) -> None:
    assert lab.admin.get(f"{USERS}/02/delete").summary == text_response("None")
    assert lab.admin.get(USERS).summary == csv_response()
    assert lab.admin.get(f"{USERS}/2/delete").summary == text_response("None")
    assert lab.admin.get(f"{USERS}/999/delete").summary == text_response("None")
    for user in ("x", "-1", "1.5", ""):
        assert lab.admin.get(f"{USERS}/{user}/delete").summary == NOT_FOUND


def test_removed_user_can_finish_a_claimed_ticket(lab: Lab) -> None:
    ticket = lab.create_claimed_ticket()
    lab.admin.get(f"{USERS}/2/delete")
    assert lab.claim_ticket().status == 401
    assert lab.prov1.get(f"/api/pro/tickets/{ticket}/status").status == 400
    lab.finish_ticket(ticket, "success")
    assert lab.prov1.get("/api/pro/services").summary == csv_response()


def test_deleted_provider_stays_listed_without_services(lab: Lab) -> None:
    assert lab.admin.get(f"{PROVIDERS}/{PROVIDER}/delete").summary == text_response("None")
    assert lab.admin.get(PROVIDERS).summary == csv_response(PROVIDER)
    assert lab.admin.get(USERS).summary == csv_response("2,prov1@example.com,0")
    assert lab.user.get("/api/services").summary == csv_response()
    assert lab.claim_ticket().text == "-1"
    # The services of a provider that is created again must be registered again.
    lab.add_provider(PROVIDER)
    assert lab.user.get("/api/services").summary == csv_response()
    lab.register_service(lab.repository)
    assert lab.service in lab.user.get("/api/services").text


def test_unknown_provider_is_treated_as_empty(site: Site) -> None:
    path = f"{PROVIDERS}/nosuch"
    assert site.admin.get(f"{path}/users").summary == csv_response()
    assert site.admin.get(f"{path}/services").summary == csv_response()
    assert site.admin.get(f"{path}/delete").summary == text_response("None")
    assert site.admin.get(f"{path}/users/1/delete").summary == text_response("None")
    assert site.admin.post(f"{path}/users", {"email": "user@example.com"}).status == 200
    assert site.admin.get(f"{path}/users").summary == csv_response("4,user@example.com,0")
    assert site.admin.get(PROVIDERS).summary == csv_response()
    # The list is ordered by the creation of providers, not by their first users.
    site.add_provider(OTHER_PROVIDER)
    site.add_provider("nosuch")
    assert site.admin.get(PROVIDERS).summary == csv_response(OTHER_PROVIDER, "nosuch")


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
def test_administration_requires_a_system_administrator(site: Site, method: str, path: str) -> None:
    site.add_provider(PROVIDER)
    site.admin.post(USERS, {"email": "prov1@example.com", "admin": "1"})
    body = b"" if method == "POST" else None
    assert site.prov1.request(method, path, body).summary == NOT_A_SYSADMIN
    assert site.user.request(method, path, body).summary == NOT_A_SYSADMIN
    assert site.anonymous.request(method, path, body).summary == NOT_SIGNED_IN
