"""Registration of services from git repositories."""

from __future__ import annotations

import pytest

from .repositories import DESCRIPTOR, Repository, describe
from .responses import (
    NOT_A_SYSADMIN,
    NOT_SIGNED_IN,
    SERVER_ERROR,
    csv_response,
    refusal,
    text_response,
)
from .sites import OTHER_PROVIDER, PROVIDER, Lab, Site

UNREADABLE = refusal("Error fetching Git repository")
NO_DESCRIPTOR = refusal("Error parsing service.json file")
EXISTS = refusal("A service with same name and version already exists")
PATH = f"/api/admin/providers/{PROVIDER}/services"


@pytest.fixture
def provider(site: Site) -> Site:
    """Return a middleware with a provider without services."""
    site.add_provider(PROVIDER, "prov1")
    return site


@pytest.mark.parametrize("scheme", ["", "file://"])
def test_service_is_registered_from_a_path_or_a_url(
    provider: Site, repository: Repository, scheme: str
) -> None:
    githash = repository.commit()
    form = {"repo": f"{scheme}{repository.path}", "ref": "master"}
    assert provider.admin.post(PATH, form).summary == text_response(githash)
    row = f"RegistrationExample,0.1.0,{githash},Registers two images"
    assert provider.admin.get(PATH).summary == csv_response(row)


def test_service_is_registered_at_a_branch_tag_or_commit(
    provider: Site, repository: Repository
) -> None:
    first = repository.commit(describe("A", "1"))
    repository.git("tag", "light")
    second = repository.commit(describe("B", "1"))
    repository.git("tag", "--annotate", "--message", "x", "heavy")
    third = repository.commit(describe("C", "1"))
    repository.git("branch", "topic/deep")
    for ref, githash in (
        ("light", first),
        ("heavy", second),
        ("topic/deep", third),
        ("master", third),
        (first, first),
        ("HEAD", third),
        ("", third),
    ):
        assert provider.register_service(repository, ref).summary == text_response(githash)


@pytest.mark.parametrize("ref", ["nosuch", "short", "HEAD~1", "-x", "f" * 40, "origin"])
def test_unknown_reference_is_refused(provider: Site, repository: Repository, ref: str) -> None:
    githash = repository.commit()
    repository.commit(describe("B", "1"))
    ref = githash[:8] if ref == "short" else ref
    assert provider.register_service(repository, ref).summary == UNREADABLE


@pytest.mark.parametrize("repo", ["/nosuch", "", "-x", "https://127.0.0.1:1/x", "file:///nosuch"])
def test_unreadable_repository_is_refused(provider: Site, repo: str) -> None:
    assert provider.admin.post(PATH, {"repo": repo, "ref": "master"}).summary == UNREADABLE


def test_commit_without_descriptor_is_refused(provider: Site, repository: Repository) -> None:
    repository.git("commit", "--quiet", "--allow-empty", "--message", "Nothing")
    assert provider.register_service(repository).summary == NO_DESCRIPTOR


@pytest.mark.parametrize("text", ["{", "", "\ufeff{}", "{} // x", "nonsense"])
def test_descriptor_that_is_not_json_is_refused(
    provider: Site, repository: Repository, text: str
) -> None:
    repository.commit(text)
    assert provider.register_service(repository).summary == NO_DESCRIPTOR


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "5",
        "{}",
        '{"version": "1", "shortdesc": "x"}',
        '{"name": "N", "shortdesc": "x"}',
        '{"name": "N", "version": "1"}',
        '{"name": "N", "version": "1", "shortdesc": null}',
        '{"name": null, "version": "1", "shortdesc": "x"}',
        '{"name": "N", "version": "1", "shortdesc": 5}',
        '{"name": "N", "version": null, "shortdesc": "x"}',
    ],
)
def test_incomplete_descriptor_fails(provider: Site, repository: Repository, text: str) -> None:
    repository.commit(text)
    assert provider.register_service(repository).summary == SERVER_ERROR
    assert provider.user.get("/api/services").summary == csv_response()


def test_descriptor_with_numbers_is_accepted(provider: Site, repository: Repository) -> None:
    githash = repository.commit('{"name": 7, "version": 1.50, "shortdesc": ""}')
    assert provider.register_service(repository).summary == text_response(githash)
    assert provider.user.get("/api/services").summary == csv_response(f"7,{githash},1.5,")


def test_service_registered_twice_is_listed_once(lab: Lab) -> None:
    assert lab.register_service(lab.repository).summary == text_response(lab.service)
    assert lab.user.get("/api/services").text.count("\r\n") == 1


def test_service_is_listed_while_one_of_its_providers_offers_it(lab: Lab) -> None:
    lab.add_provider(OTHER_PROVIDER, "prov2")
    assert lab.register_service(lab.repository, name=OTHER_PROVIDER).summary == text_response(
        lab.service
    )
    assert lab.user.get("/api/services").text.count("\r\n") == 1
    assert lab.claim_ticket(lab.prov2).text == "-1"
    assert lab.admin.get(f"{PATH}/{lab.service}/delete").summary == text_response("success")
    # The other provider still offers the service, so both providers list it.
    assert lab.service in lab.user.get("/api/services").text
    assert lab.service in lab.admin.get(PATH).text
    path = f"/api/admin/providers/{OTHER_PROVIDER}/services/{lab.service}/delete"
    assert lab.admin.get(path).summary == text_response("success")
    assert lab.user.get("/api/services").summary == csv_response()
    assert lab.admin.get(PATH).summary == csv_response()
    assert lab.register_service(lab.repository).summary == text_response(lab.service)
    assert lab.service in lab.user.get("/api/services").text


def test_another_commit_with_the_same_name_and_version_is_refused(
    lab: Lab, repository: Repository
) -> None:
    githash = repository.commit({**DESCRIPTOR, "shortdesc": "Another"})
    lab.add_provider(OTHER_PROVIDER)
    assert lab.register_service(repository).summary == EXISTS
    assert lab.register_service(repository, name=OTHER_PROVIDER).summary == EXISTS
    assert lab.register_service(repository, name="nosuch").summary == EXISTS
    # Deleted services do not count.
    lab.admin.get(f"{PATH}/{lab.service}/delete")
    assert lab.register_service(repository).summary == text_response(githash)
    assert lab.register_service(lab.repository).summary == EXISTS


def test_registration_for_an_unknown_provider_fails(lab: Lab, repository: Repository) -> None:
    githash = repository.commit(describe("New", "1"))
    assert lab.register_service(repository, name="nosuch").summary == SERVER_ERROR
    assert lab.register_service(repository, "nosuch", name="nosuch").summary == UNREADABLE
    expected = refusal(f"Service {githash} is not available")
    assert lab.user.get(f"/api/services/{githash}/detail").summary == expected
    repository.commit("{")
    assert lab.register_service(repository, name="nosuch").summary == NO_DESCRIPTOR


@pytest.mark.parametrize("form", [{}, {"repo": "/nosuch"}, {"ref": "master"}])
def test_registration_with_a_missing_parameter_fails(provider: Site, form: dict[str, str]) -> None:
    assert provider.admin.post(PATH, form).summary == SERVER_ERROR


def test_deletion_of_an_unknown_service_succeeds(provider: Site) -> None:
    for path in (f"{PATH}/{'f' * 40}/delete", "/api/admin/providers/nosuch/services/abc/delete"):
        assert provider.admin.get(path).summary == text_response("success")


def test_registration_requires_a_system_administrator(lab: Lab) -> None:
    form = {"repo": str(lab.repository.path), "ref": "master"}
    assert lab.prov1.post(PATH, form).summary == NOT_A_SYSADMIN
    assert lab.anonymous.post(PATH, form).summary == NOT_SIGNED_IN


def test_services_are_sorted_by_provider_and_hash(lab: Lab, repository: Repository) -> None:
    other = repository.commit(describe("Other", "1"))
    lab.add_provider(OTHER_PROVIDER, "prov1")
    lab.register_service(repository, name=OTHER_PROVIDER)
    lab.register_service(lab.repository, name=OTHER_PROVIDER)
    rows = [
        f"Other,1,{other},{OTHER_PROVIDER}",
        f"RegistrationExample,0.1.0,{lab.service},{OTHER_PROVIDER}",
    ]
    rows.sort(key=lambda row: row.split(",")[2])
    rows.append(f"RegistrationExample,0.1.0,{lab.service},{PROVIDER}")
    assert lab.prov1.get("/api/pro/services").summary == csv_response(*rows)
