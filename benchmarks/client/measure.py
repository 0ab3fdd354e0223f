"""What is measured, of all contestants by turns so that all meet the same noise."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from shutil import rmtree
from statistics import median
from tempfile import TemporaryDirectory

import attrs

from dss_api import ProvidedService
from dss_client import tables

from ..contenders import Contender
from ..measure import Results
from ..transfers import MB, make_file
from ..world import SERVICES as SERVICE_COUNT
from ..world import make_repository
from .contestants import Contestant
from .drive import Found
from .layers import make_layers
from .site import Site, site

IMPORT = "import"
PROGRESS, SERVICES, CLAIM = "set progress", "list services", "claim"
DOWN, UP = "download", "upload"
SMALL = "small files"
LOG = "log"
EXPORT = "export"
TABLE = "table"


@attrs.frozen
class Scale:
    """How much is measured.

    Attributes:
        repetitions: how often each transfer is.
        seconds: how long requests of one kind go on.
        claims: how many make one measurement, of which the median counts.
        size: of the large file, in bytes.
        small_size: of the small ones.
        small_files: how many there are.
        rows: of the log.
        layers: of the workspace that is exported.
        side: of each of its images, which are cubes, in voxels.
    """

    repetitions: int = 3
    seconds: float = 0.4
    claims: int = 20
    size: int = 200 * MB
    small_size: int = 20_000
    small_files: int = 200
    rows: int = 10_000
    layers: int = 3
    side: int = 256

    @property
    def quick(self) -> int:
        """How often the rest is, which takes less time."""
        return 2 * self.repetitions


@attrs.frozen
class Contest:
    """Those who are compared."""

    this: Contestant
    public: Contestant
    floor: Contestant

    def by_turns(self, repetition: int) -> Sequence[Contestant]:
        """All, with another one first each time."""
        everybody = (self.this, self.public, self.floor)
        first = repetition % len(everybody)
        return everybody[first:] + everybody[:first]


def growth(what: str) -> str:
    """The row of the memory that a transfer takes."""
    return f"{what}, growth"


def at(what: str, middleware: str) -> str:
    """The row of what is measured at one of the middlewares."""
    return f"{what} ({middleware})"


def measure(
    contest: Contest, middlewares: Sequence[Contender], scale: Scale, say: Callable[[str], None]
) -> Results:
    """Measure everything.

    Args:
        say: is told what is going on.
    """
    results = Results()
    with TemporaryDirectory(prefix="bench_client_") as name:
        folder = Path(name)
        say("import")
        # The first import of each reads from the disk what the others find in memory.
        for repetition in range(-1, scale.quick):
            for contestant in (contest.this, contest.public):
                took = contestant.import_time()
                if repetition >= 0:
                    results.add(IMPORT, contestant.name, took)
        for _ in range(scale.quick):
            results.add(TABLE, contest.this.name, 1000 * _table_time())
        say("export")
        _exports(contest, folder, scale, results)
        repository = folder / "services"
        make_repository(repository)
        files = _Files.made(folder, scale)
        persons = 30 * scale.repetitions
        for middleware in middlewares:
            with site(middleware, folder, repository, persons) as here:
                for stage in (_requests, _transfers, _small_files, _log):
                    say(f"{here.name}: {stage.__name__.strip('_').replace('_', ' ')}")
                    stage(contest, here, scale, files, results)
    return results


def _exports(contest: Contest, folder: Path, scale: Scale, results: Results) -> None:
    workspace = make_layers(folder / "layers", scale.layers, scale.side)
    made = folder / "exported"
    for repetition in range(scale.repetitions):
        for contestant in contest.by_turns(repetition):
            if contestant is contest.floor:
                continue
            found = contestant.export(workspace, made, scale.layers + 1)
            rmtree(made)
            results.add(EXPORT, contestant.name, found["seconds"][0])
            results.add(growth(EXPORT), contestant.name, found["growth"][0] / MB)


def _table_time() -> float:
    """The seconds that the table of the services takes, when they are there."""
    service = ProvidedService(name="Service", version="1.0.0", githash="f" * 40, provider="testlab")
    times: list[float] = []
    for _ in range(200):
        began = time.perf_counter()
        tables.services([service] * SERVICE_COUNT)
        times.append(time.perf_counter() - began)
    return median(times)


@attrs.frozen
class _Files:
    """What is moved.

    Attributes:
        workspace: one that has the large file, as an image.
        folder: where to put what is downloaded.
    """

    large: Path
    small: Sequence[Path]
    workspace: Path
    folder: Path

    @classmethod
    def made(cls, folder: Path, scale: Scale) -> _Files:
        large = folder / "large.bin"
        make_file(large, scale.size)
        small = [folder / f"small_{number:03d}.bin" for number in range(scale.small_files)]
        for path in small:
            make_file(path, scale.small_size)
        return cls(large, small, make_workspace(folder, large), folder / "downloaded")


def make_workspace(folder: Path, voxels: Path) -> Path:
    """A workspace with one image of these voxels, as the public client needs to send anything."""
    image = folder / "image.mha"
    size = voxels.stat().st_size
    header = (
        "ObjectType = Image\nNDims = 3\nBinaryData = True\nCompressedData = False\n"
        f"DimSize = 1000 100 {size // 100_000}\nElementType = MET_UCHAR\nElementDataFile = LOCAL\n"
    )
    with image.open("wb") as stream, voxels.open("rb") as source:
        stream.write(header.encode("ascii"))
        while piece := source.read(MB):
            stream.write(piece)
    path = folder / "work.itksnap"
    path.write_text(
        f"""<?xml version="1.0" encoding="UTF-8" ?>
<registry>
  <entry key="SaveLocation" value="{folder}" />
  <folder key="Layers">
    <folder key="Layer[000]">
      <entry key="AbsolutePath" value="{image}" />
      <entry key="Role" value="MainRole" />
      <entry key="Tags" value="" />
    </folder>
  </folder>
</registry>
""",
        encoding="utf-8",
    )
    return path


def _requests(contest: Contest, here: Site, scale: Scale, files: _Files, results: Results) -> None:
    for repetition in range(scale.quick):
        for contestant in contest.by_turns(repetition):
            with ExitStack() as tickets:
                for _ in range(scale.claims + 1):
                    tickets.enter_context(here.ticket())
                ask = here.ask(claims=scale.claims + 1, seconds=scale.seconds)
                found = contestant.run("requests", here.url, here.token(), ask)
            for row in (PROGRESS, SERVICES):
                results.add(at(row, here.name), contestant.name, found[row][0])
            results.add(at(CLAIM, here.name), contestant.name, 1000 * median(found[CLAIM]))


def _transfers(contest: Contest, here: Site, scale: Scale, files: _Files, results: Results) -> None:
    def speed(found: Found) -> float:
        return scale.size / MB / found["seconds"][0]

    for repetition in range(scale.repetitions):
        for contestant in contest.by_turns(repetition):
            with here.ticket(files.large):
                ask = here.ask(folder=f"{files.folder}", files=1, size=scale.size)
                found = contestant.run("download", here.url, here.token(), ask)
            rmtree(files.folder)
            results.add(at(DOWN, here.name), contestant.name, speed(found))
            results.add(at(growth(DOWN), here.name), contestant.name, found["growth"][0] / MB)
        for contestant in contest.by_turns(repetition):
            # It compresses the image before it sends it, which takes its time.
            if contestant is contest.public and repetition:
                continue
            path = files.workspace if contestant is contest.public else files.large
            with here.ticket():
                ask = here.ask(path=f"{path}")
                found = contestant.run("upload", here.url, here.token(), ask)
            results.add(at(UP, here.name), contestant.name, speed(found))
            results.add(at(growth(UP), here.name), contestant.name, found["growth"][0] / MB)


def _small_files(
    contest: Contest, here: Site, scale: Scale, files: _Files, results: Results
) -> None:
    for repetition in range(scale.repetitions):
        for contestant in contest.by_turns(repetition):
            with here.ticket(*files.small):
                ask = here.ask(
                    folder=f"{files.folder}", files=scale.small_files, size=scale.small_size
                )
                found = contestant.run("download", here.far_url, here.token(), ask)
            rmtree(files.folder)
            results.add(at(SMALL, here.name), contestant.name, found["seconds"][0])


def _log(contest: Contest, here: Site, scale: Scale, files: _Files, results: Results) -> None:
    ticket = here.logged_ticket(scale.rows)
    for _ in range(scale.quick):
        for contestant in (contest.this, contest.floor):
            ask = here.ask(ticket=ticket, rows=scale.rows)
            found = contestant.run("log", here.url, here.token(), ask)
            results.add(at(LOG, here.name), contestant.name, found["seconds"][0])
