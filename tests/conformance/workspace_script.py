"""Script that runs the workspace operations of provider scripts and prints their outcomes.

Run it with a Python that has the original `itksnap_dss` or this one: `workspace_script.py DATA
SCRATCH`. DATA is the folder of real workspaces, and SCRATCH is an empty folder. The output is JSON:
for each workspace, the outcome of each step by its name. The outcome of an error is the list of the
names of its classes.
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

# The Python that runs this script decides which package is imported.
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
    """Steps with their outcomes by name."""

    def __init__(self, *folders: Path) -> None:
        self.outcomes: dict[str, Any] = {}
        self._folders = folders

    def __call__(self, name: str, step: Callable[..., Any], *arguments: Any) -> None:
        try:
            outcome = step(*arguments)
        except Exception as error:  # noqa: BLE001  # every error is an outcome
            self.outcomes[name] = {"raises": [kind.__name__ for kind in type(error).__mro__]}
        else:
            self.outcomes[name] = self._make_plain(outcome)

    def add_entries(self, name: str, registry: Any) -> None:
        """Store each entry of a registry as the outcome of a separate step."""
        for key in registry.collect_keys():
            text = registry[key].get_string()
            # The separator of tags has a separate step.
            stored = [tag.strip() for tag in text.split(",")] if key.endswith(".Tags") else text
            self.outcomes[f"{name}: {key}"] = self._make_plain(stored) if any(stored) else ""

    def _make_plain(self, value: Any) -> Any:
        if isinstance(value, set):
            return sorted(value)
        if isinstance(value, list | tuple):
            return [type(value).__name__, *map(self._make_plain, value)]
        if isinstance(value, str):
            for number, folder in enumerate(self._folders):
                value = value.replace(str(folder), f"FOLDER{number}")
            return value
        if value is None or isinstance(value, bool | int | float):
            return value
        return type(value).__name__


def main(data: Path, scratch: Path) -> dict[str, dict[str, Any]]:
    outcomes: dict[str, dict[str, Any]] = {}
    work = scratch / "work"
    shutil.copytree(data, work)
    work.chmod(0o755)
    write_workspace(work / "tagged.itksnap", TAGGED)
    write_workspace(work / "first_is_no_main.itksnap", FIRST_IS_NO_MAIN)
    write_workspace(work / "empty.itksnap", [])
    for path in sorted(work.glob("*.itksnap")):
        steps = Steps(work, scratch)
        inspect_workspace(steps, path)
        if steps.outcomes["role MainRole 0"]:
            change_workspace(steps, path)
        outcomes[path.name] = steps.outcomes
    steps = Steps(work, scratch)
    build_workspace(steps, work)
    open_invalid_files(steps, work)
    outcomes["a new workspace"] = steps.outcomes
    steps = Steps(work, scratch)
    read_values(steps)
    use_registry(steps, work)
    outcomes["a registry"] = steps.outcomes
    return outcomes


def write_workspace(path: Path, layers: list[tuple[str, str, str]]) -> None:
    """Write a small workspace from the path, role and tags of each layer."""
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


def inspect_workspace(steps: Steps, path: Path) -> None:
    """Call all methods that read a workspace."""
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
    steps("printed", capture_print, work.registry)
    steps.add_entries("read", work.registry)
    steps("missing layer", lambda: work.get_layer_folder(99).get_entry_keys())
    steps("path of missing layer", work.get_layer_actual_path, "Layers.Layer[098]")


def change_workspace(steps: Steps, path: Path) -> None:
    """Change a workspace as providers do, and read its file."""
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
    steps.add_entries("saved", Registry(str(saved)))
    again = Wrapper(str(saved))
    for number in range(again.get_number_of_layers()):
        folder = again.get_layer_folder(number)
        steps(f"path after save {number}", again.get_layer_actual_path, folder)
    steps("clear labels", work.clear_labels)
    table = work.registry.folder("Layers.Layer[000].ProjectMetaData.IRIS.LabelTable")
    steps("labels after clear", lambda: table["NumberOfElements"].get(0))


def build_workspace(steps: Steps, data: Path) -> None:
    """Build a new workspace."""
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
    steps(
        "main image added after overlay", late.add_layer, "MainRole", str(data / "t1_chunk.nii.gz")
    )
    for name, folder in {
        "any folder": Registry(),
        "another workspace's": Wrapper(str(data / "tagged.itksnap")).get_layer_folder(0),
    }.items():
        steps(f"put tags of {name}", late.put_tags, folder, {"b", "a"})
        steps(f"add a tag of {name}", late.add_tag, folder, "c")
        steps(f"remove a tag of {name}", late.remove_tag, folder, "a")
        steps(f"tags of {name}", late.get_tags, folder)
    steps("unknown role", late.add_layer, "NoRole", str(data / "t2_chunk.nii.gz"))
    over = late.add_layer("OverlayRole", str(data / "a" / ".." / "b.nii.gz"))
    steps("path through a link", late.get_layer_actual_path, over)
    late.put_tags(late.get_layer_folder(0), {"b", "a"})
    steps("stored tags", late.get_layer_folder(0)["Tags"].get_string)
    steps("main in place", late.set_layer, "AnatomicalRole", str(data / "x.nii.gz"))
    steps("stored role of main image", late.registry["Layers.Layer[000].Role"].get_string)
    steps("save", work.save_workspace, str(data.parent / "new.itksnap"))
    steps.add_entries("saved", Registry(str(data.parent / "new.itksnap")))


def open_invalid_files(steps: Steps, data: Path) -> None:
    """Open files that are missing or malformed."""
    broken = data / "broken.xml"
    broken.write_text("<registry><entry", encoding="utf-8")
    steps("missing workspace", Wrapper, str(data / "none.itksnap"))
    steps("folder as workspace", Wrapper, str(data))
    steps("broken workspace", Wrapper, str(broken))
    steps("missing registry", Registry, str(data / "none.xml"))
    steps("missing file of main image", Wrapper().add_layer, "MainRole", str(data / "none.nii.gz"))
    steps(
        "save into missing folder", lambda: Wrapper().save_workspace(str(data / "no" / "w.itksnap"))
    )
    used = Wrapper(str(data / "tensor.itksnap"))
    used.registry["Own"].set("x")
    used.load_workspace(str(data / "warpfield.itksnap"))
    steps("layers of next workspace", used.get_number_of_layers)
    steps("entry of previous workspace", lambda: used.registry.has_entry("Own"))


def read_values(steps: Steps) -> None:
    """Read texts as values of the type of a default."""
    for text in TEXTS:
        value = RegistryValue(text)
        for default in DEFAULTS:
            steps(f"{text!r} as {default!r}", value.get, default)
        steps(f"{text!r} in brackets", value.__getitem__, 5)
        steps(f"{text!r} is", get_state, value)
    steps("no text", get_state, RegistryValue())
    for default in DEFAULTS:
        steps(f"nothing as {default!r}", RegistryValue().get, default)
    for given in ("s", 5, 1.5, 0.1, 1e-20, True, False, None, [1, 2], (1.5, 2), [], Path("/a/b")):
        steps(f"set to {given!r}", set_value, given)
    steps("same", lambda: RegistryValue("a") == RegistryValue("a"))
    steps("not same", lambda: RegistryValue("a") == RegistryValue("b"))
    steps("both nothing", lambda: RegistryValue() == RegistryValue())
    steps("nothing and empty", lambda: RegistryValue() == RegistryValue(""))


def set_value(given: Any) -> list[Any]:
    value = RegistryValue()
    value.set(given)
    return get_state(value)


def get_state(value: Any) -> list[Any]:
    return [value.is_null(), value.get_string()]


def use_registry(steps: Steps, data: Path) -> None:
    """Call all methods of a registry."""
    made = Registry()
    steps("empty", made.is_empty)
    steps(
        "missing entry",
        lambda: [made.has_entry("A.B"), made.has_folder("A"), made["A.B"].is_null()],
    )
    steps("missing entry after lookup", lambda: [made.has_entry("A.B"), made.has_folder("A")])
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
    steps.add_entries("after update", made)
    other["a"].set("changed")
    steps("of its own", made["a"].get_string)
    path = data.parent / "made.xml"
    steps("write", made.write_to_xml_file, str(path))
    steps("registry read back", lambda: Registry(str(path)) == made)
    steps("write with header", made.write_to_file, str(path), "Made by a test")
    steps("header", lambda: "<!-- Made by a test -->" in path.read_text(encoding="utf-8"))
    over = Registry()
    over["own"].set(1)
    over["a"].set("old")
    steps("read over", over.read_from_xml_file, str(path))
    steps("read over what was there", lambda: [over["own"].get(0), over["a"].get_string()])
    plain = path.with_suffix(".txt")
    plain.write_bytes(path.read_bytes())
    steps("registry file with another ending", lambda: read_value(plain))
    made.write_to_xml_file(str(path), "a --> b")
    steps("header with end of comment", lambda: read_value(path))
    for given in ([1, 2, 3], ["a", "b"], [1.5], [], [True]):
        steps(f"array of {given!r}", store_array, given)
    made["Array.ArraySize"].set(3)
    made["Array.Element[0]"].set("5")
    made["Array.Element[2]"].set("x")
    steps("array with a gap", lambda: made.folder("Array").get_array(7))
    made["Array.ArraySize"].set(10**6)
    steps("array with a size of a million", lambda: len(made.folder("Array").get_array(7)) == 10**6)
    made["Array.ArraySize"].set("many")
    steps("array of many", lambda: made.folder("Array").get_array(7))
    steps("array of nothing", lambda: Registry().get_array(7))
    steps("key", lambda: Registry.key("Layers.Layer[%03d].%s", 7, "Role"))
    steps("clear", made.clear)
    steps("cleared", lambda: [made.is_empty(), made == Registry(), made == "x"])


def read_value(path: Path) -> str:
    text: str = Registry(str(path))["a"].get_string()
    return text


def store_array(given: list[Any]) -> list[Any]:
    registry = Registry()
    registry["Element[9]"].set("before")
    registry.put_array(given)
    default = given[0] if given else 0
    return [registry["ArraySize"].get_string(), registry.get_array(default)]


def capture_print(registry: Any) -> str:
    """Return the text that a registry prints."""
    with contextlib.redirect_stdout(io.StringIO()) as out:
        registry.print("  ", "> ")
    return out.getvalue()


if __name__ == "__main__":
    json.dump(main(Path(sys.argv[1]), Path(sys.argv[2])), sys.stdout)
