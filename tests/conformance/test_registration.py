"""Registering services from git repositories."""

from __future__ import annotations

import pytest

from .expected import FAULT, NO_SYSADMIN, NOT_SIGNED_IN, csv, plain, refused
from .repositories import DESCRIPTOR, Repository, describe
from .site import OTHER, PROVIDER, Lab, Site

UNREADABLE = refused("Error fetching Git repository")
NO_DESCRIPTOR = refused("Error parsing service.json file")
EXISTS = refused("A service with same name and version already exists")
PATH = f"/api/admin/providers/{PROVIDER}/services"


@pytest.fixture
def provider(site: Site) -> Site:
    """A middleware with a provider that offers nothing yet."""
    site.add_provider(PROVIDER, "prov1")
    return site


@pytest.mark.parametrize("scheme", ["", "file://"])
def test_from_a_path_or_an_address(provider: Site, repository: Repository, scheme: str) -> None:
    githash = repository.commit()
    form = {"repo": f"{scheme}{repository.path}", "ref": "master"}
    assert provider.admin.post(PATH, form).said == plain(githash)
    row = f"RegistrationExample,0.1.0,{githash},Registers two images"
    assert provider.admin.get(PATH).said == csv(row)


def test_at_a_branch_tag_or_commit(provider: Site, repository: Repository) -> None:
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
        assert provider.register(repository, ref).said == plain(githash)


@pytest.mark.parametrize("ref", ["nosuch", "short", "HEAD~1", "-x", "f" * 40, "origin"])
def test_a_reference_that_is_none(provider: Site, repository: Repository, ref: str) -> None:
    githash = repository.commit()
    repository.commit(describe("B", "1"))
    ref = githash[:8] if ref == "short" else ref
    assert provider.register(repository, ref).said == UNREADABLE


@pytest.mark.parametrize("repo", ["/nosuch", "", "-x", "https://127.0.0.1:1/x", "file:///nosuch"])
def test_a_repository_that_is_none(provider: Site, repo: str) -> None:
    assert provider.admin.post(PATH, {"repo": repo, "ref": "master"}).said == UNREADABLE


def test_a_commit_without_a_descriptor(provider: Site, repository: Repository) -> None:
    repository.git("commit", "--quiet", "--allow-empty", "--message", "Nothing")
    assert provider.register(repository).said == NO_DESCRIPTOR


@pytest.mark.parametrize("text", ["{", "", "\ufeff{}", "{} // x", "nonsense"])
def test_a_descriptor_that_is_no_json(provider: Site, repository: Repository, text: str) -> None:
    repository.commit(text)
    assert provider.register(repository).said == NO_DESCRIPTOR


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
def test_a_descriptor_that_lacks_something(
    provider: Site, repository: Repository, text: str
) -> None:
    repository.commit(text)
    assert provider.register(repository).said == FAULT
    assert provider.user.get("/api/services").said == csv()


def test_a_descriptor_with_numbers(provider: Site, repository: Repository) -> None:
    githash = repository.commit('{"name": 7, "version": 1.50, "shortdesc": ""}')
    assert provider.register(repository).said == plain(githash)
    assert provider.user.get("/api/services").said == csv(f"7,{githash},1.5,")


def test_registering_twice(lab: Lab) -> None:
    assert lab.register(lab.repository).said == plain(lab.service)
    assert lab.user.get("/api/services").text.count("\r\n") == 1


def test_two_providers_of_one_service(lab: Lab) -> None:
    lab.add_provider(OTHER, "prov2")
    assert lab.register(lab.repository, name=OTHER).said == plain(lab.service)
    assert lab.user.get("/api/services").text.count("\r\n") == 1
    assert lab.claim(lab.prov2).text == "-1"
    assert lab.admin.get(f"{PATH}/{lab.service}/delete").said == plain("success")
    # The other one still offers it, so it stands in both their lists.
    assert lab.service in lab.user.get("/api/services").text
    assert lab.service in lab.admin.get(PATH).text
    path = f"/api/admin/providers/{OTHER}/services/{lab.service}/delete"
    assert lab.admin.get(path).said == plain("success")
    assert lab.user.get("/api/services").said == csv()
    assert lab.admin.get(PATH).said == csv()
    assert lab.register(lab.repository).said == plain(lab.service)
    assert lab.service in lab.user.get("/api/services").text


def test_the_same_name_and_version_in_another_commit(lab: Lab, repository: Repository) -> None:
    githash = repository.commit({**DESCRIPTOR, "shortdesc": "Another"})
    lab.add_provider(OTHER)
    assert lab.register(repository).said == EXISTS
    assert lab.register(repository, name=OTHER).said == EXISTS
    assert lab.register(repository, name="nosuch").said == EXISTS
    # Only what is offered now counts.
    lab.admin.get(f"{PATH}/{lab.service}/delete")
    assert lab.register(repository).said == plain(githash)
    assert lab.register(lab.repository).said == EXISTS


def test_an_unknown_provider(lab: Lab, repository: Repository) -> None:
    githash = repository.commit(describe("New", "1"))
    assert lab.register(repository, name="nosuch").said == FAULT
    assert lab.register(repository, "nosuch", name="nosuch").said == UNREADABLE
    expected = refused(f"Service {githash} is not available")
    assert lab.user.get(f"/api/services/{githash}/detail").said == expected
    repository.commit("{")
    assert lab.register(repository, name="nosuch").said == NO_DESCRIPTOR


@pytest.mark.parametrize("form", [{}, {"repo": "/nosuch"}, {"ref": "master"}])
def test_missing_parameters(provider: Site, form: dict[str, str]) -> None:
    assert provider.admin.post(PATH, form).said == FAULT


def test_deleting_what_is_not_offered(provider: Site) -> None:
    for path in (f"{PATH}/{'f' * 40}/delete", "/api/admin/providers/nosuch/services/abc/delete"):
        assert provider.admin.get(path).said == plain("success")


def test_only_administrators_register(lab: Lab) -> None:
    form = {"repo": str(lab.repository.path), "ref": "master"}
    assert lab.prov1.post(PATH, form).said == NO_SYSADMIN
    assert lab.nobody.post(PATH, form).said == NOT_SIGNED_IN


def test_services_by_provider_and_hash(lab: Lab, repository: Repository) -> None:
    other = repository.commit(describe("Other", "1"))
    lab.add_provider(OTHER, "prov1")
    lab.register(repository, name=OTHER)
    lab.register(lab.repository, name=OTHER)
    rows = [
        f"Other,1,{other},{OTHER}",
        f"RegistrationExample,0.1.0,{lab.service},{OTHER}",
    ]
    rows.sort(key=lambda row: row.split(",")[2])
    rows.append(f"RegistrationExample,0.1.0,{lab.service},{PROVIDER}")
    assert lab.prov1.get("/api/pro/services").said == csv(*rows)
