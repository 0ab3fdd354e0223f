import hashlib
from pathlib import Path
from xml.etree import ElementTree

import pytest

from dss_client.export import MeshUnreadable
from dss_client.export.mesh import MeshFile, export_mesh
from tests.dss_client.export.meshes import VTK, VTP


def export_content(content: bytes, folder: Path, name: str) -> tuple[MeshFile, bytes]:
    source = folder / f"private{Path(name).suffix}"
    source.write_bytes(content)
    (folder / "out").mkdir(exist_ok=True)
    mesh = export_mesh(source, folder / "out", number=7)
    return mesh, mesh.path.read_bytes()


@pytest.mark.parametrize("name", ["mesh.vtk", "mesh.vtp", "mesh.VTK"])
def test_mesh_is_named_by_hash_of_exported_content(name: str, tmp_path: Path) -> None:
    mesh, content = export_content(VTK % b"t" if name[-1] in "kK" else VTP % b"1", tmp_path, name)

    assert mesh.md5 == hashlib.md5(content).hexdigest()
    assert mesh.path.name == f"mesh_007_{mesh.md5}{name[-4:].lower()}"
    assert list(mesh.path.parent.iterdir()) == [mesh.path]


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_legacy_vtk_file_loses_only_its_title(end: bytes, tmp_path: Path) -> None:
    mesh, content = export_content((VTK % b"Mueller").replace(b"\n", end), tmp_path, "mesh.vtk")

    version, title, rest = content.split(b"\n", 2)
    assert version.strip() == b"# vtk DataFile Version 4.2"
    assert title == b"mesh"
    assert rest == (VTK % b"").replace(b"\n", end).split(b"\n", 2)[2]
    assert mesh.removed == ("title",)


def test_legacy_vtk_file_with_title_mesh_is_exported_unchanged(tmp_path: Path) -> None:
    mesh, content = export_content(VTK % b"mesh", tmp_path, "mesh.vtk")

    assert content == VTK % b"mesh"
    assert mesh.removed == ()


def list_elements(content: bytes) -> list[tuple[str, dict[str, str], list[str]]]:
    """List the elements of an XML file with attributes and numbers, except appended data."""
    start = content[: content.index(b"<AppendedData")] + b"</VTKFile>"
    return [
        (found.tag, found.attrib, (found.text or "").split())
        for found in ElementTree.fromstring(start).iter()
    ]


def get_appended_data(content: bytes) -> bytes:
    raw = content[content.index(b"_", content.index(b"<AppendedData")) :]
    return raw[: raw.rindex(b"</AppendedData>")]


def test_xml_file_keeps_all_parts_of_mesh(tmp_path: Path) -> None:
    mesh, content = export_content(VTP % b"77 117", tmp_path, "mesh.vtp")

    assert set(mesh.removed) == {"field data", "information"}
    gone = {"FieldData", "InformationKey", "Value"}
    assert list_elements(content) == [
        found
        for found in list_elements(VTP % b"1")
        if found[0] not in gone and found[1].get("Name") != "Note"
    ]
    assert get_appended_data(content) == get_appended_data(VTP % b"1")


def test_meshes_of_itksnap_test_data_keep_all_numbers(itksnap_data: Path, tmp_path: Path) -> None:
    xml, legacy = (
        (itksnap_data / "external_mesh_f1.vtp"),
        (itksnap_data / "MRIcrop-ventricle-mesh.vtk"),
    )

    was, now = xml.read_bytes(), export_mesh(xml, tmp_path, number=0).path.read_bytes()
    assert get_appended_data(now) == get_appended_data(was)
    assert list_elements(now) == [e for e in list_elements(was) if e in list_elements(now)]
    assert len(list_elements(was)) - len(list_elements(now)) == 5  # field data and its content

    was, now = legacy.read_bytes(), export_mesh(legacy, tmp_path, number=0).path.read_bytes()
    assert now.split(b"\n")[2:] == was.split(b"\n")[2:]


MARKER = b"PLANTED"
IN_XML = {
    "a comment": (b"<PolyData>", b"<PolyData><!-- PLANTED -->"),
    "a comment at the end": (b"</VTKFile>", b"</VTKFile><!-- PLANTED -->"),
    "a text at the end": (b"</VTKFile>", b"</VTKFile>PLANTED"),
    "a text before what is appended": (b"   _\x18", b"PLANTED _\x18"),
    "an instruction": (b"<VTKFile", b"<?xml-PLANTED PLANTED?><VTKFile"),
    "a document type": (b"<VTKFile", b"<!DOCTYPE PLANTED><VTKFile"),
    "an attribute": (b"<PolyData>", b'<PolyData author="PLANTED">'),
    "a component's name": (b' NumberOfComponents="3"', b" ComponentName0='PLANTED'"),
    "an element": (b"<PolyData>", b"<PolyData><PLANTED/>"),
    "a text": (b"<PolyData>", b"<PolyData>PLANTED, Hans"),
    "information": (b'<Value index="0">1<', b'<Value index="0">PLANTED<'),
    "field data": (b'Name="Note"', b'Name="PLANTED"'),
    "field data with attributes": (b"<FieldData>", b'<FieldData Name="PLANTED">'),
    "empty field data": (b"<FieldData>", b'<FieldData Name="PLANTED"/><FieldData>'),
}


@pytest.mark.parametrize("place", IN_XML)
def test_xml_file_loses_its_private_text_or_is_refused(place: str, tmp_path: Path) -> None:
    was, now = IN_XML[place]
    content = (VTP % b"1").replace(was, now, 1)
    assert MARKER in content
    try:
        _, exported = export_content(content, tmp_path, "mesh.vtp")
    except MeshUnreadable as refused:
        assert "cannot be cleaned" in str(refused)
        assert list((tmp_path / "out").iterdir()) == []
    else:
        assert MARKER not in exported
        assert b'Name="Thickness"' in exported


@pytest.mark.parametrize("form", ["ascii", "appended"])
@pytest.mark.parametrize("place", [b"<FieldData>", b'<PointData Scalars="Thickness">'])
def test_xml_file_with_string_array_is_refused(place: bytes, form: str, tmp_path: Path) -> None:
    array = b'<DataArray type="String" Name="a" format="%s" offset="0">77</DataArray>'
    content = (VTP % b"1").replace(place, place + array % form.encode())
    if place == b"<FieldData>" and form == "ascii":
        assert b"77" not in export_content(content, tmp_path, "mesh.vtp")[1]
        return
    with pytest.raises(MeshUnreadable, match="text among its numbers"):
        export_content(content, tmp_path, "mesh.vtp")


@pytest.mark.parametrize(
    ("was", "now"),
    [
        (b"Version 4.2", b"Version 4.2 PLANTED"),
        (b"# vtk DataFile", b"PLANTED"),
        (b"SCALARS", b"FIELD FieldData 1\nname 1 1 string\nPLANTED\nSCALARS"),
        (b"DATA 2 0 1.5", b"DATA PLANTED"),
        (b"INFORMATION 1", b"COMPONENT_NAMES\nPLANTED\nINFORMATION 1"),
    ],
)
def test_legacy_vtk_file_with_text_besides_its_title_is_refused(
    was: bytes, now: bytes, tmp_path: Path
) -> None:
    content = (VTK % b"mesh").replace(was, now, 1)
    assert MARKER in content
    with pytest.raises(MeshUnreadable, match=r"private\.vtk"):
        export_content(content, tmp_path, "mesh.vtk")


@pytest.mark.parametrize("name", ["mesh.vtk", "mesh.vtp", "mesh.stl", "mesh"])
@pytest.mark.parametrize("content", [b"", b"no mesh", b"# vtk DataFile Version 4.2\n"])
def test_invalid_mesh_is_refused(content: bytes, name: str, tmp_path: Path) -> None:
    with pytest.raises(MeshUnreadable, match="meshes=False"):
        export_content(content, tmp_path, name)
    assert list((tmp_path / "out").iterdir()) == []


def test_truncated_xml_file_is_refused(tmp_path: Path) -> None:
    content = VTP % b"1"
    with pytest.raises(MeshUnreadable, match="ends within"):
        export_content(content[: content.index(b"</Appended")], tmp_path, "mesh.vtp")


def test_missing_mesh_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MeshUnreadable, match=r"nowhere\.vtk"):
        export_mesh(tmp_path / "nowhere.vtk", tmp_path, number=0)
