"""What ITK-SNAP itself wrote is read, and written again as it was."""

from pathlib import Path

from dss_client import Registry


def test_unmodified_workspaces_are_written_as_they_were_to_the_byte(real: Path) -> None:
    workspaces = sorted(real.glob("*.itksnap"))
    assert len(workspaces) == 9

    for path in workspaces:
        assert Registry.read(path).to_bytes() == path.read_bytes(), path
