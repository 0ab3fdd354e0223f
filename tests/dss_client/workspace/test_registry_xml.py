"""Registry files: reading, writing and refusal of harmful content."""

from __future__ import annotations

import os
import time
import tracemalloc
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dss_client import (
    DssError,
    FileNotWritten,
    Label,
    Labels,
    Registry,
    WorkspaceMissing,
    WorkspaceUnreadable,
)
from dss_client.workspace import registry_xml
from tests.dss_wire.strategies import few_examples

WRITABLE = st.characters(
    exclude_categories=["Cs"],
    exclude_characters=[*map(chr, {*range(32)} - {9, 10, 13}), "\ufffe", "\uffff"],
)
NAMES = st.text(WRITABLE.filter(lambda character: character != "."), min_size=1, max_size=6)
KEYS = st.lists(NAMES, min_size=1, max_size=4).map(".".join)


def format_registry(content: str) -> bytes:
    return f"<registry>{content}</registry>".encode()


@few_examples
@given(st.dictionaries(KEYS, st.text(WRITABLE)))
def test_entries_survive_a_file(entries: dict[str, str]) -> None:
    tree = Registry()
    for key, value in entries.items():
        tree[key] = value

    read = Registry.parse(tree.to_bytes())

    assert dict(read.walk()) == entries
    assert list(read.walk()) == list(tree.walk())
    assert read.to_bytes() == tree.to_bytes()


@few_examples
@given(st.dictionaries(KEYS, st.just("")))
def test_new_keys_are_sorted_in_every_folder(entries: dict[str, str]) -> None:
    tree = Registry()
    for key in entries:
        tree[key] = ""

    folders = [tree]
    for folder in folders:
        assert folder.entry_keys() == sorted(folder.entry_keys())
        assert folder.folder_keys() == sorted(folder.folder_keys())
        folders.extend(map(folder.folder, folder.folder_keys()))


def test_new_file_has_the_format_of_itk_snap() -> None:
    tree = Registry()
    tree["Version"] = "20250815"
    tree["Layers.Layer[000].CustomNickName"] = "\"T1\" & 'T2' <a>\n\tb\r"

    body = tree.to_bytes().decode().partition("]>\n")[2]

    assert body == (
        "<registry>\n"
        '  <entry key="Version" value="20250815" />\n'
        '  <folder key="Layers" >\n'
        '    <folder key="Layer[000]" >\n'
        '      <entry key="CustomNickName" value="&quot;T1&quot; &amp; &apos;T2&apos; &lt;a&gt;'
        '&#10;&#9;b&#13;" />\n'
        "    </folder>\n"
        "  </folder>\n"
        "</registry>\n"
    )


def test_names_of_elements_are_case_insensitive() -> None:
    tree = Registry.parse(
        b'<Registry><FOLDER key="a"><Entry key="b" value="1"/></FOLDER></Registry>'
    )

    assert tree["a.b"] == "1"


def test_last_duplicate_entry_wins_and_duplicate_folders_are_merged() -> None:
    tree = Registry.parse(
        format_registry(
            '<entry key="a" value="1"/><entry key="a" value="2"/>'
            '<folder key="f"><entry key="x" value="1"/></folder>'
            '<folder key="f"><entry key="y" value="2"/></folder>'
        )
    )

    assert list(tree.walk()) == [("a", "2"), ("f.x", "1"), ("f.y", "2")]


def test_declared_encodings_are_read() -> None:
    text = '<?xml version="1.0" encoding="{}"?><registry><entry key="a" value="ü"/></registry>'

    assert Registry.parse(text.format("ISO-8859-1").encode("latin-1"))["a"] == "ü"
    assert Registry.parse(text.format("UTF-16").encode("utf-16"))["a"] == "ü"


LAUGHS = "".join(f'<!ENTITY lol{n} "{"".join([f"&lol{n - 1};"] * 10)}">' for n in range(1, 12))
HARM = f'<!DOCTYPE registry [<!ENTITY lol0 "lol">{LAUGHS}]>'
BILLION = f"{HARM}<registry>&lol11;</registry>"
IN_VALUE = f'{HARM}<registry><entry key="a" value="&lol11;"/></registry>'


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (BILLION.encode(), "entities"),
        (IN_VALUE.encode(), "entities"),
        (b'<!DOCTYPE registry [<!ENTITY a "b">]><registry/>', "entities"),
        (b'<!DOCTYPE registry [<!ENTITY % a "b">]><registry/>', "entities"),
        (b'<!DOCTYPE registry [<!ENTITY a SYSTEM "file:///etc/passwd">]><registry/>', "entities"),
        (b'<!DOCTYPE registry SYSTEM "file:///etc/passwd"><registry/>', "another file"),
        (b'<!DOCTYPE registry PUBLIC "x" "http://127.0.0.1:9/x"><registry/>', "another file"),
        (format_registry('<folder key="a">' * 100_000), "more than 20 parts"),
        (format_registry("<folder key='" + "a." * 1000 + "a'/>"), "more than 20 parts"),
        (b"", "no element"),
        (b"neither here nor there", "syntax error"),
        (b"\x1f\x8b\x08 a compressed one", "not well-formed"),
        (b"<registry>", "no element"),
        (b"<registry></registry><registry/>", "junk"),
        (b"<html><registry/></html>", "it is <html>, not <registry>"),
        (format_registry("<layer/>"), "<layer> is not allowed here"),
        (
            format_registry('<entry key="a" value=""><entry key="b" value=""/></entry>'),
            "not allowed here",
        ),
        (format_registry("<registry/>"), "<registry> is not allowed here"),
        (format_registry('<entry value=""/>'), "<entry> does not have the attribute key"),
        (format_registry('<entry key="a"/>'), "<entry> does not have the attribute value"),
        (format_registry("<folder/>"), "<folder> does not have the attribute key"),
        (format_registry('<folder key=""/>'), "not a key"),
        (format_registry('<entry key="a" value="&#0;"/>'), "invalid character"),
        (b'<registry><entry key="a" value="\xff"/></registry>', "invalid token"),
        (b'<?xml version="1.0" encoding="klingon"?><registry/>', "encoding"),
        (b'<?xml version="1.0" encoding="gb18030"?><registry/>', "encoding"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_invalid_or_harmful_file_raises_workspace_unreadable_quickly(
    content: bytes, expected: str, tmp_path: Path
) -> None:
    path = tmp_path / "case.itksnap"
    path.write_bytes(content)
    begin = time.monotonic()

    with pytest.raises(WorkspaceUnreadable) as caught:
        Registry.read(path)

    assert time.monotonic() - begin < 1
    message = str(caught.value)
    assert str(path) in message
    assert expected in message
    assert "root:" not in message  # no content of another file
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value, DssError)


def test_unreadable_workspace_error_names_the_line() -> None:
    with pytest.raises(
        WorkspaceUnreadable, match=r"a\.itksnap .*line 3: <entry> does not have the attribute value"
    ):
        Registry.parse(
            b'<registry>\n<folder key="f">\n<entry key="a"/></folder></registry>', "a.itksnap"
        )


def test_declared_default_does_not_replace_a_missing_attribute() -> None:
    """Otherwise a million short elements could each repeat one long default value."""
    content = (
        b'<!DOCTYPE registry [<!ATTLIST entry value CDATA "long">]>'
        b'<registry><entry key="a"/></registry>'
    )

    with pytest.raises(WorkspaceUnreadable, match="the attribute value"):
        Registry.parse(content)


def test_too_large_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "case.itksnap"
    with path.open("wb") as stream:
        stream.truncate(
            registry_xml.MAX_BYTES + 1
        )  # a sparse file, so the test needs little disk space

    tracemalloc.start()
    try:
        with pytest.raises(WorkspaceUnreadable, match="more than 32 MiB"):
            Registry.read(path)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()
    with pytest.raises(WorkspaceUnreadable, match="more than 32 MiB"):
        Registry.parse(path.read_bytes())


@pytest.mark.no_cover
@pytest.mark.parametrize("begin", ['<entry key="a" value="', "<!--"])
def test_long_value_is_parsed_in_linear_time(begin: str) -> None:
    """It takes a minute if the parser starts again with each block."""
    size = registry_xml.MAX_BYTES // 2
    started = time.process_time()

    with pytest.raises(WorkspaceUnreadable):
        Registry.parse(format_registry(begin + "x" * size))

    assert time.process_time() - started < 3


def format_elements(element: str, keys: Iterable[str]) -> bytes:
    return format_registry("".join(f'<{element} key="{key}" value=""></{element}>' for key in keys))


@pytest.mark.parametrize(
    "keys",
    [
        pytest.param([".".join(["a"] * 20)] * 100_000, id="the same"),
        pytest.param([f"{n:06x}" + ".a" * 19 for n in range(100_000)], id="deep"),
    ],
)
@pytest.mark.no_cover
def test_small_file_that_names_too_many_folders_is_refused(keys: list[str]) -> None:
    """Each dot in a key creates a folder, which takes memory and time."""
    started = time.process_time()

    with pytest.raises(WorkspaceUnreadable, match="the keys in it name more than 100000 folders"):
        Registry.parse(format_elements("entry", keys))

    assert time.process_time() - started < 5


@pytest.mark.no_cover
@pytest.mark.parametrize("element", ["folder", "entry"])
def test_folders_in_descending_order_are_parsed_fast(element: str) -> None:
    started = time.process_time()

    tree = Registry.parse(format_elements(element, (f"{n:06x}.a" for n in range(30_000, 0, -1))))

    assert time.process_time() - started < 3
    assert tree.folder_keys()[:2] == ["007530", "00752f"]


def test_too_long_key_is_refused() -> None:
    for key in ("a" * 501, ".".join(["a" * 100] * 5)):
        with pytest.raises(WorkspaceUnreadable, match="more than 500 characters"):
            Registry.parse(
                format_registry(f'<folder key="{key}"><entry key="b" value=""/></folder>')
            )


@pytest.mark.parametrize(("most", "what"), [("MAX_ENTRIES", "entry"), ("MAX_FOLDERS", "folder")])
def test_too_many_elements_are_refused(
    most: str, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry_xml, most, 3)

    Registry.parse(format_elements(what, "aaa"))
    with pytest.raises(WorkspaceUnreadable, match="more than 3"):
        Registry.parse(format_elements(what, "aaaa"))


def test_workspace_with_all_possible_labels_is_within_the_limits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Check it with a hundredth of the labels and of the limits."""
    for limit in ("MAX_BYTES", "MAX_ENTRIES", "MAX_FOLDERS"):
        monkeypatch.setattr(registry_xml, limit, getattr(registry_xml, limit) // 100)
    tree = Registry()
    Labels(Label(id_, f"Label {id_}", 200, 200, 200) for id_ in range(64_880, 65_536)).to_registry(
        tree.folder("Layers.Layer[000].ProjectMetaData.IRIS.LabelTable")
    )

    assert Registry.parse(tree.to_bytes()) == tree


def test_missing_workspace_error_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(
        WorkspaceMissing, match=r"workspace .*none\.itksnap does not exist"
    ) as caught:
        Registry.read(tmp_path / "none.itksnap")

    assert isinstance(caught.value, FileNotFoundError)


def test_folder_or_pipe_is_refused_without_waiting(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.itksnap"
    os.mkfifo(pipe)

    for path in (tmp_path, pipe):
        with pytest.raises(WorkspaceUnreadable, match="is not a file"):
            Registry.read(path)


def test_operating_system_error_raises_workspace_unreadable_with_its_reason(tmp_path: Path) -> None:
    path = tmp_path / ("x" * 300)

    with pytest.raises(WorkspaceUnreadable, match="cannot be read: File name too long"):
        Registry.read(path)


def test_unwritable_file_raises_file_not_written_and_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotWritten, match=r"none/a\.itksnap cannot be written"):
        Registry().write(tmp_path / "none" / "a.itksnap")

    assert list(tmp_path.iterdir()) == []


def test_unmodified_itksnap_test_workspaces_are_written_byte_for_byte(itksnap_data: Path) -> None:
    workspaces = sorted(itksnap_data.glob("*.itksnap"))
    assert len(workspaces) == 9

    for path in workspaces:
        assert Registry.read(path).to_bytes() == path.read_bytes(), path
