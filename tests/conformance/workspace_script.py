"""Does with workspaces what a provider's script may do, and prints what came of each step.

Run by a Python that has an `itksnap_dss`, the original or this repository's:
`workspace_script.py DATA SCRATCH`, with the folder of real workspaces and an empty one. It prints
JSON: for each workspace, the outcome of each step by its name. What a step raises is told as the
names of the error's classes.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

# Which one it is, is for who runs this to say.
PACKAGE: Any = importlib.import_module("itksnap_dss")
REGISTRY: Any = importlib.import_module("itksnap_dss.registry")
Wrapper: Any = PACKAGE.WorkspaceWrapper
Registry: Any = REGISTRY.Registry
RegistryValue: Any = REGISTRY.RegistryValue

ROLES = ["MainRole", "OverlayRole", "AnatomicalRole", "SegmentationRole", "NoRole", ""]
SPECS = [
    *("M", "m", "S", "s", "S:0", "S:1", "S:-1", "A", "A:0", "A:1", "A:-1", "O", "O:0", "O:-1"),
    *("000", "001", "0", "2", "99", "-1", "X", "", "A:x", "A:99", "MainRole", "main", "anat:0"),
]
KEYS = ["Layers.Layer[000]", "Layers.Layer[099]", "MeshLayers.Layer[000]", "Layers", "x.y"]
TEXTS = ["", "abc", "12", " 7 ", "1.5", "1", "0", "true", "True", "on", "1 2 3", "1e3", "1_0"]
DEFAULTS: list[Any] = ["x", 5, 1.5, True, False, [0, 0], (0.0, 0.0), ["x"], [], None]

LAYER = """<folder key="Layer[{number:03d}]"><entry key="AbsolutePath" value="{path}" />
<entry key="Role" value="{role}" /><entry key="Tags" value="{tags}" /></folder>"""
TAGGED = [
    ("/gone/work/t1_chunk.nii.gz", "MainRole", " T1-MRI , brain"),
    ("/gone/work/../up.nii.gz", "OverlayRole", "T2,brain"),
    ("/elsewhere/seg.nii.gz", "SegmentationRole", ""),
]
FIRST_IS_NO_MAIN = [("/gone/work/t1_chunk.nii.gz", "OverlayRole", "")]


class Steps:
    """The outcome of each step, by its name."""

    def __init__(self, *folders: Path) -> None:
        self.outcomes: dict[str, Any] = {}
        self._folders = folders

    def __call__(self, name: str, step: Callable[..., Any], *arguments: Any) -> None:
        try:
            outcome = step(*arguments)
        except Exception as error:  # noqa: BLE001  # noted, whatever it is
            self.outcomes[name] = {"raises": [kind.__name__ for kind in type(error).__mro__]}
        else:
            self.outcomes[name] = self._plain(outcome)

    def entries(self, name: str, registry: Any) -> None:
        """Note every entry as a step of its own."""
        for key in registry.collect_keys():
            text = registry[key].get_string()
            # How tags are set apart is a step of its own.
            told = [tag.strip() for tag in text.split(",")] if key.endswith(".Tags") else text
            self.outcomes[f"{name}: {key}"] = self._plain(told) if any(told) else ""

    def _plain(self, found: Any) -> Any:
        if isinstance(found, set):
            return sorted(found)
        if isinstance(found, list | tuple):
            return [type(found).__name__, *map(self._plain, found)]
        if isinstance(found, str):
            for number, folder in enumerate(self._folders):
                found = found.replace(str(folder), f"FOLDER{number}")
            return found
        if found is None or isinstance(found, bool | int | float):
            return found
        return type(found).__name__


def main(data: Path, scratch: Path) -> dict[str, dict[str, Any]]:
    told: dict[str, dict[str, Any]] = {}
    work = scratch / "work"
    shutil.copytree(data, work)
    work.chmod(0o755)
    write(work / "tagged.itksnap", TAGGED)
    write(work / "first_is_no_main.itksnap", FIRST_IS_NO_MAIN)
    write(work / "empty.itksnap", [])
    for path in sorted(work.glob("*.itksnap")):
        steps = Steps(work, scratch)
        ask(steps, path)
        if steps.outcomes["role MainRole 0"]:
            change(steps, path)
        told[path.name] = steps.outcomes
    steps = Steps(work, scratch)
    begin(steps, work)
    refuse(steps, work)
    told["a new workspace"] = steps.outcomes
    steps = Steps(work, scratch)
    read_values(steps)
    use_registry(steps, work)
    told["a registry"] = steps.outcomes
    return told


def write(path: Path, layers: list[tuple[str, str, str]]) -> None:
    """A small workspace: path, role and tags of each layer."""
    folders = "".join(
        LAYER.format(number=number, path=layer, role=role, tags=tags)
        for number, (layer, role, tags) in enumerate(layers)
    )
    path.write_text(
        '<?xml version="1.0" encoding="UTF-8" ?>\n<registry>'
        '<entry key="SaveLocation" value="/gone/work" />'
        f'<folder key="Layers">{folders}</folder></registry>\n',
        encoding="utf-8",
    )
    (path.parent.parent / "up.nii.gz").touch()


def ask(steps: Steps, path: Path) -> None:
    """Ask for all that there is to know."""
    work = Wrapper(str(path))
    steps("layers", work.get_number_of_layers)
    steps("meshes", work.get_number_of_mesh_layers)
    steps("main", work.get_main_layer_key)
    steps("folder", work.get_workspace_directory)
    for role in ROLES:
        for place in (0, 1, 2, -1, -2):
            steps(f"role {role} {place}", work.find_layer_by_role, role, place)
    for spec in SPECS:
        steps(f"spec {spec}", work.layer_spec_to_key, spec)
    for key in KEYS:
        steps(f"valid {key}", work.is_key_valid_layer, key)
        steps(f"valid mesh {key}", work.is_key_valid_mesh_layer, key)
        steps(f"has folder {key}", work.registry.has_folder, key)
        steps(f"has entry {key}", work.registry.has_entry, key)
    steps("by key 99", work.get_layer_folder_by_key, "Layers.Layer[099]")
    steps("by key x.y", work.get_layer_folder_by_key, "x.y")
    steps("by no key", work.get_layer_folder_by_key, "")
    steps("mesh 99", work.get_mesh_layer_folder, 99)
    for number in range(work.get_number_of_layers()):
        folder = work.get_layer_folder(number)
        key = Registry.key("Layers.Layer[%03d]", number)
        steps(f"same folder {number}", folder.__eq__, work.get_layer_folder_by_key(key))
        steps(f"path {number}", work.get_layer_actual_path, folder)
        steps(f"path of {key}", work.get_layer_actual_path, key)
        steps(f"tags {number}", work.get_tags, folder)
        steps(f"entries {number}", folder.get_entry_keys)
        steps(f"folders {number}", folder.get_folder_keys)
    for tag in ("T1-MRI", "t1-mri", "brain", " brain ", "T2", "no", ""):
        steps(f"by tag {tag}", work.find_layers_by_tag, tag)
    steps("keys", work.registry.collect_keys)
    steps("keys with prefix", work.registry.collect_keys, "P.")
    steps("printed", printed, work.registry)
    steps.entries("read", work.registry)
    steps("layer that is not there", lambda: work.get_layer_folder(99).get_entry_keys())
    steps("path that is not there", work.get_layer_actual_path, "Layers.Layer[098]")


def change(steps: Steps, path: Path) -> None:
    """What providers do to a workspace, and what is then in its file."""
    work = Wrapper(str(path))
    data = path.parent
    layer = work.get_layer_folder(0)
    steps("nickname", work.set_layer_nickname, "Layers.Layer[000]", "Nick & <Name>")
    steps("add a tag", work.add_tag, layer, "Zeta")
    steps("add a second", work.add_tag, layer, "Alpha")
    steps("add it again", work.add_tag, layer, "Alpha")
    steps("tags", work.get_tags, layer)
    steps("remove one", work.remove_tag, layer, "Zeta")
    steps("remove what is not there", work.remove_tag, layer, "Omega")
    steps("found by it", work.find_layers_by_tag, "alpha")
    steps("overlay", work.add_layer, "OverlayRole", str(data / "t2_chunk.nii.gz"))
    steps("anatomical", work.add_layer, "AnatomicalRole", str(data / "t1_chunk.nii.gz"))
    steps("a second main", work.add_layer, "MainRole", str(data / "t1_chunk.nii.gz"))
    steps("segmentation", work.set_layer, "SegmentationRole", str(data / "made.nii.gz"))
    steps("one more", work.add_layer, "SegmentationRole", str(data / "more.nii.gz"))
    steps("overlay again", work.set_layer, "OverlayRole", str(data / "over.nii.gz"))
    steps("mesh", work.add_mesh_layer, str(data / "MRIcrop-ventricle-mesh.vtk"))
    steps("mesh at 3", work.add_mesh_layer, str(data / "external_mesh_f1.vtp"), 3)
    steps("mesh at 0", work.add_mesh_layer, str(data / "external_mesh_f1.vtp"), 0)
    steps("meshes", work.get_number_of_mesh_layers)
    steps("tag of mesh", work.add_tag, work.get_mesh_layer_folder(0), "Surface")
    steps("meshes by tag", work.find_layers_by_tag, "Surface")
    steps("labels", work.set_labels, str(data / "MRIcrop-seg.label"))
    steps("missing labels", work.set_labels, str(data / "none.label"))
    steps("malformed labels", work.set_labels, str(path))
    last = work.find_layer_by_role("SegmentationRole", -1)
    steps("last", lambda: last)
    steps("tags put", work.put_tags, work.get_layer_folder_by_key(last), {"b", "a", "c"})
    steps("tags that were put", work.get_tags, work.get_layer_folder_by_key(last))
    steps("paths", work.set_all_layer_paths_to_actual_paths)
    saved = path.parent.parent / f"saved_{path.name}"
    steps("save", work.save_workspace, str(saved))
    steps("folder after saving", work.get_workspace_directory)
    steps.entries("saved", Registry(str(saved)))
    again = Wrapper(str(saved))
    for number in range(again.get_number_of_layers()):
        folder = again.get_layer_folder(number)
        steps(f"path when saved {number}", again.get_layer_actual_path, folder)
    steps("clear labels", work.clear_labels)
    table = work.registry.folder("Layers.Layer[000].ProjectMetaData.IRIS.LabelTable")
    steps("labels when cleared", lambda: table["NumberOfElements"].get(0))


def begin(steps: Steps, data: Path) -> None:
    """Make a workspace from nothing."""
    work = Wrapper()
    steps("layers of none", work.get_number_of_layers)
    steps("main of none", work.get_main_layer_key)
    steps("folder of none", work.get_workspace_directory)
    steps("spec in none", work.layer_spec_to_key, "M")
    steps("tag in none", work.find_layers_by_tag, "x")
    steps("overlay first", work.add_layer, "OverlayRole", str(data / "t1_chunk.nii.gz"))
    steps("seg first", work.set_layer, "SegmentationRole", str(data / "t1_chunk.nii.gz"))
    steps("mesh first", work.add_mesh_layer, str(data / "external_mesh_f1.vtp"))
    steps("labels first", work.set_labels, str(data / "MRIcrop-seg.label"))
    steps("clear labels first", work.clear_labels)
    steps("main", work.set_layer, "MainRole", str(data / "t1_chunk.nii.gz"))
    work.set_layer_nickname("Layers.Layer[000]", "old")
    steps("other main", work.set_layer, "MainRole", str(data / "t2_chunk.nii.gz"))
    late = Wrapper(str(data / "first_is_no_main.itksnap"))
    steps("main after overlay", late.add_layer, "MainRole", str(data / "t1_chunk.nii.gz"))
    for name, folder in {
        "any folder": Registry(),
        "another workspace's": Wrapper(str(data / "tagged.itksnap")).get_layer_folder(0),
    }.items():
        steps(f"put tags of {name}", late.put_tags, folder, {"b", "a"})
        steps(f"add a tag of {name}", late.add_tag, folder, "c")
        steps(f"remove a tag of {name}", late.remove_tag, folder, "a")
        steps(f"tags of {name}", late.get_tags, folder)
    steps("no such role", late.add_layer, "NoRole", str(data / "t2_chunk.nii.gz"))
    over = late.add_layer("OverlayRole", str(data / "a" / ".." / "b.nii.gz"))
    steps("over a link", late.get_layer_actual_path, over)
    late.put_tags(late.get_layer_folder(0), {"b", "a"})
    steps("tags as written", late.get_layer_folder(0)["Tags"].get_string)
    steps("main in place", late.set_layer, "AnatomicalRole", str(data / "x.nii.gz"))
    steps("its role", late.registry["Layers.Layer[000].Role"].get_string)
    steps("save", work.save_workspace, str(data.parent / "new.itksnap"))
    steps.entries("saved", Registry(str(data.parent / "new.itksnap")))


def refuse(steps: Steps, data: Path) -> None:
    """Files that are not there, or are something else."""
    broken = data / "broken.xml"
    broken.write_text("<registry><entry", encoding="utf-8")
    steps("missing workspace", Wrapper, str(data / "none.itksnap"))
    steps("folder as workspace", Wrapper, str(data))
    steps("broken workspace", Wrapper, str(broken))
    steps("missing registry", Registry, str(data / "none.xml"))
    steps("missing main", Wrapper().add_layer, "MainRole", str(data / "none.nii.gz"))
    steps("save into no folder", lambda: Wrapper().save_workspace(str(data / "no" / "w.itksnap")))
    used = Wrapper(str(data / "tensor.itksnap"))
    used.registry["Own"].set("x")
    used.load_workspace(str(data / "warpfield.itksnap"))
    steps("layers of another", used.get_number_of_layers)
    steps("left of the one before", lambda: used.registry.has_entry("Own"))


def read_values(steps: Steps) -> None:
    """Texts as values of the kind of a default."""
    for text in TEXTS:
        value = RegistryValue(text)
        for default in DEFAULTS:
            steps(f"{text!r} as {default!r}", value.get, default)
        steps(f"{text!r} in brackets", value.__getitem__, 5)
        steps(f"{text!r} is", told, value)
    steps("no text", told, RegistryValue())
    for default in DEFAULTS:
        steps(f"nothing as {default!r}", RegistryValue().get, default)
    for given in ("s", 5, 1.5, 0.1, 1e-20, True, False, None, [1, 2], (1.5, 2), [], Path("/a/b")):
        steps(f"set to {given!r}", set_to, given)
    steps("same", lambda: RegistryValue("a") == RegistryValue("a"))
    steps("not same", lambda: RegistryValue("a") == RegistryValue("b"))
    steps("both nothing", lambda: RegistryValue() == RegistryValue())
    steps("nothing and empty", lambda: RegistryValue() == RegistryValue(""))


def set_to(given: Any) -> list[Any]:
    value = RegistryValue()
    value.set(given)
    return told(value)


def told(value: Any) -> list[Any]:
    return [value.is_null(), value.get_string()]


def use_registry(steps: Steps, data: Path) -> None:
    """Folders and entries."""
    made = Registry()
    steps("empty", made.is_empty)
    steps("unknown", lambda: [made.has_entry("A.B"), made.has_folder("A"), made["A.B"].is_null()])
    steps("seen", lambda: [made.has_entry("A.B"), made.has_folder("A")])
    for key, text in [("b", "1"), ("a", "2"), ("z.y.x", "é < & > ' \""), ("c.d", "3")]:
        made[key].set(text)
    made.folder("none.at.all")
    steps("entries", made.get_entry_keys)
    steps("folders", made.get_folder_keys)
    steps("keys", made.collect_keys)
    steps("full", lambda: [made.is_empty(), made.has_folder("z.y"), made.has_entry("z.y.x")])
    steps("not entry", lambda: [made.has_entry("z.y"), made.has_folder("z.y.x")])
    steps("live", lambda: [made.folder("z.y")["x"].get_string(), made.entry("c.d").get(0)])
    for pattern in (r"^z$", "z|c", "nothing", r"\w", "("):
        steps(f"pattern {pattern}", made.find_folders_from_pattern, pattern)
    other = Registry()
    other["a"].set("new")
    other["c.e"].set("4")
    steps("update", made.update, other)
    steps.entries("updated", made)
    other["a"].set("changed")
    steps("of its own", made["a"].get_string)
    path = data.parent / "made.xml"
    steps("write", made.write_to_xml_file, str(path))
    steps("read again", lambda: Registry(str(path)) == made)
    steps("write with header", made.write_to_file, str(path), "Made by a test")
    steps("header", lambda: "<!-- Made by a test -->" in path.read_text(encoding="utf-8"))
    over = Registry()
    over["own"].set(1)
    over["a"].set("old")
    steps("read over", over.read_from_xml_file, str(path))
    steps("read over what was there", lambda: [over["own"].get(0), over["a"].get_string()])
    plain = path.with_suffix(".txt")
    plain.write_bytes(path.read_bytes())
    steps("any name", lambda: value_in(plain))
    made.write_to_xml_file(str(path), "a --> b")
    steps("header that ends the comment", lambda: value_in(path))
    for given in ([1, 2, 3], ["a", "b"], [1.5], [], [True]):
        steps(f"array of {given!r}", array, given)
    made["Array.ArraySize"].set(3)
    made["Array.Element[0]"].set("5")
    made["Array.Element[2]"].set("x")
    steps("array with a gap", lambda: made.folder("Array").get_array(7))
    made["Array.ArraySize"].set(10**6)
    steps("array that claims a million", lambda: len(made.folder("Array").get_array(7)) == 10**6)
    made["Array.ArraySize"].set("many")
    steps("array of many", lambda: made.folder("Array").get_array(7))
    steps("array of nothing", lambda: Registry().get_array(7))
    steps("key", lambda: Registry.key("Layers.Layer[%03d].%s", 7, "Role"))
    steps("clear", made.clear)
    steps("cleared", lambda: [made.is_empty(), made == Registry(), made == "x"])


def value_in(path: Path) -> str:
    text: str = Registry(str(path))["a"].get_string()
    return text


def array(given: list[Any]) -> list[Any]:
    registry = Registry()
    registry["Element[9]"].set("before")
    registry.put_array(given)
    default = given[0] if given else 0
    return [registry["ArraySize"].get_string(), registry.get_array(default)]


def printed(registry: Any) -> str:
    """What it prints."""
    with contextlib.redirect_stdout(io.StringIO()) as out:
        registry.print("  ", "> ")
    return out.getvalue()


if __name__ == "__main__":
    json.dump(main(Path(sys.argv[1]), Path(sys.argv[2])), sys.stdout)
