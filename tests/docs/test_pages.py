"""The Python code of every page of the site runs unchanged; the README has a test of its own."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from cryptography.hazmat.primitives import serialization

from dss_api import TicketNotClaimed, TicketStatus
from dss_client import DSSClient, RequirementsNotMet, Workspace
from dss_mock import faults
from dss_mock.seed import load_seed
from tests.docs.conftest import DEADLINE, World
from tests.docs.pages import ADDRESS, ROOT, Block, blocks, name, site_pages

SCAN = ROOT / "examples/data/mni_icbm152_t1_2mm.nii.gz"
"""The image that the tutorial copies as `scan.nii.gz`."""
TUTORIAL = ROOT / "docs/tutorial/first-provider.md"
LOCAL = "http://127.0.0.1:8080"
"""The address of the mock that a reader starts by hand."""
PYTEST = ("-m", "pytest", "-p", "no:cacheprovider")
NO_PLUGINS = ("-p", "no:timeout", "-p", "no:cov", "-p", "no:xdist")
"""The options of a pytest without the plugins that only the project's developers install."""


def plain(page: Path) -> list[Block]:
    """Return the blocks that are neither files nor tests."""
    return [b for b in blocks(page) if b.language == "python" and not b.title and not b.is_test]


def for_pytest(page: Path) -> list[Block]:
    """Return the blocks for pytest."""
    return [b for b in blocks(page) if b.language == "python" and b.is_test]


ALL = slice(None)


def run(
    page: str, world: World, part: slice = ALL, *, address: str = "", **names: object
) -> dict[str, object]:
    """Run the plain blocks of a page, one after the other, with the same names."""
    names = {"client": world.client, **names}
    for block in plain(ROOT / page)[part]:
        code = block.code.replace(ADDRESS, address or world.server.url)
        exec(compile(code, page, "exec"), names)
    return names


SPECIAL = (
    "docs/how-to/hospital-network.md",
    "docs/how-to/keep-data-private.md",
    "docs/how-to/lost-claim.md",
    "docs/how-to/run-a-provider.md",
    "docs/how-to/sign-in.md",
    "docs/how-to/submit-tickets.md",
    "docs/how-to/workspaces.md",
)
"""Pages with a test of their own below."""


@pytest.mark.parametrize(
    "page", [name(page) for page in site_pages() if plain(page) and name(page) not in SPECIAL]
)
def test_code_of_page_runs(page: str, world: World) -> None:
    world.submit()

    run(page, world)


@pytest.mark.parametrize("page", SPECIAL)
def test_page_with_a_test_of_its_own_has_code_and_that_test(page: str) -> None:
    assert plain(ROOT / page)
    assert Path(__file__).read_text(encoding="utf-8").count(f'"{page}"') == 2


def test_code_of_provider_page_processes_a_ticket_from_claim_to_status(world: World) -> None:
    ticket = world.submit()

    run("docs/how-to/run-a-provider.md", world)

    assert TicketStatus.SUCCESS in world.server.tickets[ticket].statuses
    assert world.server.tickets[ticket].status is TicketStatus.FAILED
    names = set(world.server.tickets[ticket].results)
    assert {"volumes.csv", "ticket_00000001_results.itksnap"} <= names


@pytest.mark.usefixtures("working")
def test_code_of_user_page_submits_a_ticket_and_fetches_its_result(world: World) -> None:
    service = world.server.add_service("mylab", {"name": "X", "version": "1", "shortdesc": ""})
    failed = world.server.add_ticket(world.me, service, status="failed")

    names = run("docs/how-to/submit-tickets.md", world)

    retried = failed.statuses[failed.statuses.index(TicketStatus.FAILED) + 1 :]
    assert retried[0] is TicketStatus.READY
    assert TicketStatus.DELETED not in retried
    assert isinstance(names["ticket"], int)
    assert world.server.tickets[names["ticket"]].status is TicketStatus.DELETED
    assert Path("results/2").is_dir()
    assert [path.suffix for path in Path("attachments").iterdir()] == [".png"]
    untagged = names["untagged"]
    assert isinstance(untagged, Workspace)
    assert untagged.main.tags == ("T1-MRI",)


def test_workspace_without_tag_is_refused_as_the_user_page_says(world: World) -> None:
    with pytest.raises(RequirementsNotMet):
        world.client.dss_create_ticket("BrainMask", Workspace.create("scan.nii.gz"))


def test_code_of_workspace_page_writes_mask_and_labels(world: World) -> None:
    names = run("docs/how-to/workspaces.md", world)

    saved = Workspace.open("study_with_mask.itksnap")
    assert saved.named("Bright").existing_path().name == "mask.nii.gz"
    workspace = names["workspace"]
    assert isinstance(workspace, Workspace)
    assert 101 in workspace.labels
    workspace.save("with_labels.itksnap")
    assert 101 in Workspace.open("with_labels.itksnap").labels
    assert Path("mask.png").is_file()
    mask, same = (workspace.named(name).array() for name in ("Bright voxels", "Bright again"))
    assert (mask.array == same.array).all()
    assert (mask.affine == same.affine).all()


def test_privacy_page_exports_three_workspaces(world: World) -> None:
    run("docs/how-to/keep-data-private.md", world)

    for stem in ("study", "strict", "no-meshes"):
        assert Path(f"outbox/{stem}.itksnap").is_file(), stem


def test_code_of_lost_claim_page_finds_the_claimed_ticket(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    ticket = world.submit()
    world.server.faults.add(faults.DropAfter(), operation="claim_ticket", times=1)

    run("docs/how-to/lost-claim.md", world, services=world.client.dssp_list_services(), last=ticket)

    assert f"Work on ticket {ticket}" in capsys.readouterr().out
    assert world.server.tickets[ticket].status is TicketStatus.CLAIMED


def test_code_of_sign_in_page_uses_a_session_and_renews_an_expired_session(world: World) -> None:
    page = "docs/how-to/sign-in.md"
    tokens = [world.me.token]

    run(page, world, slice(0, 1))
    expired = world.server.faults.add(faults.ExpireSession(), operation="get_login", times=1)
    run(page, world, slice(1, None), fetch_token=tokens.pop)

    assert expired.hits == 1
    assert tokens == []


def test_code_of_network_page_reads_certificates_and_keys(world: World, certificate: Path) -> None:
    pem = certificate.read_bytes()
    key = serialization.load_pem_private_key(pem, None)
    locked = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"password"),
    )
    for file in ("hospital-ca.pem", "both.pem", "certificate.pem", "key.pem"):
        Path(file).write_bytes(pem)
    Path("locked-key.pem").write_bytes(locked)

    names = run("docs/how-to/hospital-network.md", world, address="https://127.0.0.1:1")

    assert isinstance(names["client"], DSSClient)


def write_files(page: Path, folder: Path) -> None:
    """Write the blocks of a page that are files."""
    for block in blocks(page):
        if block.title:
            (folder / block.title).write_text(block.code.lstrip("\n"), encoding="utf-8")


def run_python(*arguments: str | Path, cwd: Path | None = None) -> str:
    """Run a Python program in a folder, and return its output."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        capture_output=True,
        encoding="utf-8",
        timeout=DEADLINE,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("page", [name(page) for page in site_pages() if for_pytest(page)])
def test_pytest_code_of_page_passes_with_the_provider_of_the_tutorial(
    page: str, folder: Path
) -> None:
    write_files(TUTORIAL, folder)
    (folder / "provider.py").rename("my_provider.py")
    write_files(ROOT / page, folder)
    code = "\n".join(block.code for block in for_pytest(ROOT / page))
    (folder / "test_page.py").write_text(code, encoding="utf-8")

    printed = run_python(*PYTEST, "-q", "test_page.py")

    expected = len(re.findall(r"^def test_", code, re.MULTILINE))
    assert f"{expected} passed in" in printed


def test_tutorial_tests_pass_with_the_pytest_settings_of_the_project(folder: Path) -> None:
    write_files(TUTORIAL, folder)
    settings = ("-c", ROOT / "pyproject.toml", "--rootdir", folder)

    printed = run_python(*PYTEST, *NO_PLUGINS, *settings, "test_provider.py")

    assert "2 passed in" in printed


@pytest.fixture
def tutorial(folder: Path) -> Iterator[Path]:
    """A folder with the files of the tutorial, whose mock runs."""
    shutil.copy(SCAN, folder / "scan.nii.gz")
    write_files(TUTORIAL, folder)
    serve = ["-m", "dss_mock", "serve", "--noauth", "--seed", "seed.yaml", "--port", "0"]
    mock = subprocess.Popen([sys.executable, *serve], stdout=subprocess.PIPE, text=True)
    try:
        assert mock.stdout is not None
        url = mock.stdout.readline().split()[-1]
        for program in ("submit.py", "provider.py", "fetch.py"):
            text = (folder / program).read_text(encoding="utf-8")
            assert LOCAL in text
            (folder / program).write_text(text.replace(LOCAL, url), encoding="utf-8")
        (folder / "address").write_text(url, encoding="utf-8")
        yield folder
    finally:
        mock.terminate()
        mock.communicate(timeout=DEADLINE)


@pytest.mark.usefixtures("tutorial")
def test_tutorial_works_from_the_first_step_to_the_last() -> None:
    submitted = run_python("submit.py")
    provided = run_python("provider.py")
    fetched = run_python("fetch.py")

    assert submitted == "Submitted ticket 1\n"
    assert provided == "Ticket 1 is done.\n"
    assert fetched.startswith("success\n")
    suffixes = {path.suffix for path in Path("results").iterdir()}
    assert suffixes == {".itksnap", ".gz", ".png"}


def test_readme_provider_works_on_the_ticket_of_the_tutorial(tutorial: Path) -> None:
    provider, _ = (b for b in blocks(ROOT / "README.md") if b.language == "python")
    (tutorial / "my_provider.py").write_text(provider.code, encoding="utf-8")

    run_python("submit.py")
    printed = run_python("my_provider.py", (tutorial / "address").read_text(encoding="utf-8"))

    assert printed == "Ticket 1 is done.\n"


@pytest.mark.parametrize(
    "page", [name(page) for page in site_pages() if any(b.language == "yaml" for b in blocks(page))]
)
def test_seed_file_of_page_can_be_served(page: str, folder: Path) -> None:
    noauth = 'users: [{email: "test@example.com"}]\n' if "tutorial" in page else ""
    for block in blocks(ROOT / page):
        if block.language == "yaml":
            (folder / "seed.yaml").write_text(noauth + block.code, encoding="utf-8")
            assert load_seed(folder / "seed.yaml").services


def test_demo_prints_the_output_that_the_first_page_shows(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    page = (ROOT / "docs/index.md").read_text(encoding="utf-8")
    shown = re.search(r"```text\n(Ticket 1.*?)```", page, re.DOTALL)

    printed = run_python("-m", "examples.demo", cwd=tmp_path)

    assert shown is not None
    assert mask_output(printed).endswith(mask_output(shown[1]))


def mask_output(text: str) -> str:
    """Replace times, folders, host names and hashes in the output of the demo."""
    text = re.sub(r"\d\d:\d\d:\d\d", "TIME", text)
    text = re.sub(r"[^\s']*demo-output/", "", text)
    text = re.sub(r"(instance) \S+", r"\1 HOST", text)
    text = re.sub(r"_[0-9a-f]{32}\b", "_HASH", text)
    return "\n".join(" ".join(line.split()) for line in text.splitlines() if line.strip())


def test_client_writes_the_error_message_that_the_retries_page_shows(world: World) -> None:
    page = (ROOT / "docs/explanation/retries.md").read_text(encoding="utf-8")
    shown = re.search(r"```text\n(TicketNotClaimed: .*?)```", page, re.DOTALL)

    with pytest.raises(TicketNotClaimed) as caught:
        world.client.dssp_log(7, "info", "hello")

    assert shown is not None
    message = f"TicketNotClaimed: {caught.value}".replace(world.server.url, ADDRESS)
    assert " ".join(shown[1].split()) == re.sub(r"user \d+", "user 2", message)


CURL = re.compile(r"^curl -\S+ '?(http://127\.0\.0\.1:8080[^\s']+)'?(?: -d '(.*)')?", re.MULTILINE)


@pytest.mark.parametrize("page", ["docs/reference/mock-http.md", "docs/how-to/run-the-mock.md"])
def test_curl_commands_of_page_are_answered(page: str, world: World) -> None:
    ticket = world.submit()
    world.client.dssp_claim_ticket(world.client.dssp_list_services()["hash"], "mylab", "test")
    Path("brain.nii.gz").write_bytes(b"...")
    world.client.dssp_upload_files(ticket, "brain.nii.gz", progress=False)
    commands = CURL.findall((ROOT / page).read_text(encoding="utf-8"))

    assert commands
    for url, body in commands:
        request = Request(url.replace(LOCAL, world.server.url), body.encode() or None)
        with urlopen(request, timeout=DEADLINE) as response:
            assert response.status in (200, 201)
