"""Files with registries: what is read is written again, and what would do harm is refused."""

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


def registry(content: str) -> bytes:
    return f"<registry>{content}</registry>".encode()


@few_examples
@given(st.dictionaries(KEYS, st.text(WRITABLE)))
def test_whatever_is_put_in_comes_out_again(entries: dict[str, str]) -> None:
    tree = Registry()
    for key, value in entries.items():
        tree[key] = value

    read = Registry.parse(tree.to_bytes())

    assert dict(read.walk()) == entries
    assert list(read.walk()) == list(tree.walk())
    assert read.to_bytes() == tree.to_bytes()


@few_examples
@given(st.dictionaries(KEYS, st.just("")))
def test_new_keys_are_sorted_entries_before_folders(entries: dict[str, str]) -> None:
    tree = Registry()
    for key in entries:
        tree[key] = ""

    folders = [tree]
    for folder in folders:
        assert folder.entry_keys() == sorted(folder.entry_keys())
        assert folder.folder_keys() == sorted(folder.folder_keys())
        folders.extend(map(folder.folder, folder.folder_keys()))


def test_a_new_file_is_as_itk_snap_writes_it() -> None:
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


def test_names_of_elements_are_read_without_regard_to_case() -> None:
    tree = Registry.parse(
        b'<Registry><FOLDER key="a"><Entry key="b" value="1"/></FOLDER></Registry>'
    )

    assert tree["a.b"] == "1"


def test_of_two_entries_with_one_key_the_last_counts_and_folders_are_one() -> None:
    tree = Registry.parse(
        registry(
            '<entry key="a" value="1"/><entry key="a" value="2"/>'
            '<folder key="f"><entry key="x" value="1"/></folder>'
            '<folder key="f"><entry key="y" value="2"/></folder>'
        )
    )

    assert list(tree.walk()) == [("a", "2"), ("f.x", "1"), ("f.y", "2")]


def test_other_encodings_are_read_that_say_so() -> None:
    text = '<?xml version="1.0" encoding="{}"?><registry><entry key="a" value="ü"/></registry>'

    assert Registry.parse(text.format("ISO-8859-1").encode("latin-1"))["a"] == "ü"
    assert Registry.parse(text.format("UTF-16").encode("utf-16"))["a"] == "ü"


LAUGHS = "".join(f'<!ENTITY lol{n} "{"".join([f"&lol{n - 1};"] * 10)}">' for n in range(1, 12))
HARM = f'<!DOCTYPE registry [<!ENTITY lol0 "lol">{LAUGHS}]>'
BILLION = f"{HARM}<registry>&lol11;</registry>"
IN_VALUE = f'{HARM}<registry><entry key="a" value="&lol11;"/></registry>'


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (BILLION.encode(), "entities"),
        (IN_VALUE.encode(), "entities"),
        (b'<!DOCTYPE registry [<!ENTITY a "b">]><registry/>', "entities"),
        (b'<!DOCTYPE registry [<!ENTITY % a "b">]><registry/>', "entities"),
        (b'<!DOCTYPE registry [<!ENTITY a SYSTEM "file:///etc/passwd">]><registry/>', "entities"),
        (b'<!DOCTYPE registry SYSTEM "file:///etc/passwd"><registry/>', "another file"),
        (b'<!DOCTYPE registry PUBLIC "x" "http://127.0.0.1:9/x"><registry/>', "another file"),
        (registry('<folder key="a">' * 100_000), "more than 20 parts"),
        (registry("<folder key='" + "a." * 1000 + "a'/>"), "more than 20 parts"),
        (b"", "no element"),
        (b"neither here nor there", "syntax error"),
        (b"\x1f\x8b\x08 a compressed one", "not well-formed"),
        (b"<registry>", "no element"),
        (b"<registry></registry><registry/>", "junk"),
        (b"<html><registry/></html>", "it is <html>, not <registry>"),
        (registry("<layer/>"), "<layer> is not allowed here"),
        (registry('<entry key="a" value=""><entry key="b" value=""/></entry>'), "not allowed here"),
        (registry("<registry/>"), "<registry> is not allowed here"),
        (registry('<entry value=""/>'), "<entry> has no key"),
        (registry('<entry key="a"/>'), "<entry> has no value"),
        (registry("<folder/>"), "<folder> has no key"),
        (registry('<folder key=""/>'), "not a key"),
        (registry('<entry key="a" value="&#0;"/>'), "invalid character"),
        (b'<registry><entry key="a" value="\xff"/></registry>', "invalid token"),
        (b'<?xml version="1.0" encoding="klingon"?><registry/>', "encoding"),
        (b'<?xml version="1.0" encoding="gb18030"?><registry/>', "encoding"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_workspace_or_would_do_harm_is_refused_at_once(
    content: bytes, told: str, tmp_path: Path
) -> None:
    path = tmp_path / "case.itksnap"
    path.write_bytes(content)
    begin = time.monotonic()

    with pytest.raises(WorkspaceUnreadable) as caught:
        Registry.read(path)

    assert time.monotonic() - begin < 1
    message = str(caught.value)
    assert str(path) in message
    assert told in message
    assert "root:" not in message  # nothing of another file
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value, DssError)


def test_the_line_is_named_in_which_something_is_wrong() -> None:
    with pytest.raises(WorkspaceUnreadable, match=r"a\.itksnap .*line 3: <entry> has no value"):
        Registry.parse(
            b'<registry>\n<folder key="f">\n<entry key="a"/></folder></registry>', "a.itksnap"
        )


def test_declared_defaults_do_not_stand_in_for_what_is_missing() -> None:
    """A long one, declared once, could be repeated by each of a million short elements."""
    content = (
        b'<!DOCTYPE registry [<!ATTLIST entry value CDATA "long">]>'
        b'<registry><entry key="a"/></registry>'
    )

    with pytest.raises(WorkspaceUnreadable, match="no value"):
        Registry.parse(content)


def test_a_large_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "case.itksnap"
    with path.open("wb") as stream:
        stream.truncate(registry_xml.MAX_BYTES + 1)  # a hole, which takes no room

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
def test_a_long_value_is_gone_through_once(begin: str) -> None:
    """It would be a minute, were it begun anew with each piece that is read."""
    size = registry_xml.MAX_BYTES // 2
    started = time.process_time()

    with pytest.raises(WorkspaceUnreadable):
        Registry.parse(registry(begin + "x" * size))

    assert time.process_time() - started < 3


def many(element: str, keys: Iterable[str]) -> bytes:
    return registry("".join(f'<{element} key="{key}" value=""></{element}>' for key in keys))


@pytest.mark.parametrize(
    "keys",
    [
        pytest.param([".".join(["a"] * 20)] * 100_000, id="the same"),
        pytest.param([f"{n:06x}" + ".a" * 19 for n in range(100_000)], id="deep"),
    ],
)
@pytest.mark.no_cover
def test_a_small_file_cannot_ask_for_much(keys: list[str]) -> None:
    """Each dot in a key is a folder, which takes room, and a place among its siblings."""
    started = time.process_time()

    with pytest.raises(WorkspaceUnreadable, match="it names more than 100000 folders"):
        Registry.parse(many("entry", keys))

    assert time.process_time() - started < 5


@pytest.mark.no_cover
@pytest.mark.parametrize("element", ["folder", "entry"])
def test_folders_on_the_way_take_no_longer_in_falling_order(element: str) -> None:
    started = time.process_time()

    tree = Registry.parse(many(element, (f"{n:06x}.a" for n in range(30_000, 0, -1))))

    assert time.process_time() - started < 3
    assert tree.folder_keys()[:2] == ["007530", "00752f"]


def test_a_long_key_cannot_be_repeated_by_all_that_is_in_it() -> None:
    for key in ("a" * 501, ".".join(["a" * 100] * 5)):
        with pytest.raises(WorkspaceUnreadable, match="more than 500 characters"):
            Registry.parse(registry(f'<folder key="{key}"><entry key="b" value=""/></folder>'))


@pytest.mark.parametrize(("most", "what"), [("MAX_ENTRIES", "entry"), ("MAX_FOLDERS", "folder")])
def test_too_many_elements_are_refused(
    most: str, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry_xml, most, 3)

    Registry.parse(many(what, "aaa"))
    with pytest.raises(WorkspaceUnreadable, match="more than 3"):
        Registry.parse(many(what, "aaaa"))


def test_all_labels_that_there_can_be_have_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tried with a hundredth of all."""
    for limit in ("MAX_BYTES", "MAX_ENTRIES", "MAX_FOLDERS"):
        monkeypatch.setattr(registry_xml, limit, getattr(registry_xml, limit) // 100)
    tree = Registry()
    Labels(Label(id_, f"Label {id_}", 200, 200, 200) for id_ in range(64_880, 65_536)).to_registry(
        tree.folder("Layers.Layer[000].ProjectMetaData.IRIS.LabelTable")
    )

    assert Registry.parse(tree.to_bytes()) == tree


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(
        WorkspaceMissing, match=r"workspace .*none\.itksnap does not exist"
    ) as caught:
        Registry.read(tmp_path / "none.itksnap")

    assert isinstance(caught.value, FileNotFoundError)


def test_what_is_no_file_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.itksnap"
    os.mkfifo(pipe)

    for path in (tmp_path, pipe):
        with pytest.raises(WorkspaceUnreadable, match="is not a file"):
            Registry.read(path)


def test_a_file_that_nobody_may_read_is_told(tmp_path: Path) -> None:
    path = tmp_path / ("x" * 300)

    with pytest.raises(WorkspaceUnreadable, match="cannot be read: File name too long"):
        Registry.read(path)


def test_a_file_that_cannot_be_written_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(FileNotWritten, match=r"none/a\.itksnap cannot be written"):
        Registry().write(tmp_path / "none" / "a.itksnap")

    assert list(tmp_path.iterdir()) == []
