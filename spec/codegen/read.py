"""Reader of a spec: from YAML to nodes with line numbers, which follow references."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from spec.codegen.mistakes import Mistake, SpecError

DEEPEST = 40
"""The maximum number of nested mappings and lists in a spec."""


@dataclass
class Document:
    """A YAML file as plain data, with the line of every part.

    Attributes:
        data: mappings, lists and scalars.
        lines: the line of each part, by its path of keys and indices from the top.
    """

    file: Path
    data: object
    lines: dict[tuple[object, ...], int] = field(default_factory=dict)

    @property
    def root(self) -> Node:
        """The top of the document."""
        return Node(self, (), self.data)

    def mistake(self, path: tuple[object, ...], sentence: str) -> Mistake:
        """Return a mistake at the line of a path, or at the line of its nearest existing parent."""
        while path and path not in self.lines:
            path = path[:-1]
        return Mistake(self.file, self.lines.get(path, 1), " ".join(sentence.split()))


@dataclass(frozen=True)
class Node:
    """A part of a document.

    A part that does not exist is an empty node, so that a check can walk through a spec of any
    shape. Read the value of a node with `text`, `flag`, `entries` and `items`.
    """

    document: Document
    path: tuple[object, ...]
    value: object

    def __bool__(self) -> bool:
        return self.value is not None

    def __getitem__(self, key: str) -> Node:
        value = self.value.get(key) if isinstance(self.value, dict) else None
        return Node(self.document, (*self.path, key), value)

    def __contains__(self, key: str) -> bool:
        return isinstance(self.value, dict) and key in self.value

    @property
    def name(self) -> str:
        """The last key of the path."""
        return str(self.path[-1])

    @property
    def text(self) -> str:
        """The string in this node; empty if the node is not a string."""
        return self.value if isinstance(self.value, str) else ""

    @property
    def flag(self) -> bool:
        """Check whether this is `true`."""
        return self.value is True

    @property
    def texts(self) -> tuple[str, ...]:
        """The strings in this list; empty if the node is not a list."""
        return tuple(item.text for item in self.items())

    def entries(self) -> Iterator[tuple[str, Node]]:
        """Yield the keys of this mapping with their nodes, in the order of the file."""
        if isinstance(self.value, dict):
            for key in self.value:
                yield str(key), self[key]

    def items(self) -> Iterator[Node]:
        """Yield the nodes of this list."""
        if isinstance(self.value, list):
            for index, value in enumerate(self.value):
                yield Node(self.document, (*self.path, index), value)

    def walk(self) -> Iterator[Node]:
        """Yield this node and all nodes below this node."""
        yield self
        for _, child in self.entries():
            yield from child.walk()
        for child in self.items():
            yield from child.walk()

    def find_target(self) -> Node:
        """Return the target of a reference in this document; empty if the target does not exist."""
        node = self.document.root
        reference = self["$ref"].text
        if not reference.startswith("#/"):
            return Node(self.document, self.path, None)
        for part in reference.removeprefix("#/").split("/"):
            node = node[part.replace("~1", "/").replace("~0", "~")]
        return node

    def resolve(self) -> Node:
        """Return the node itself, or the target of its reference."""
        seen = {self.path}
        node = self
        while "$ref" in node:
            node = node.find_target()
            if node.path in seen:
                return Node(self.document, self.path, None)
            seen.add(node.path)
        return node

    def mistake(self, sentence: str) -> Mistake:
        """Return a mistake at the line of this node."""
        return self.document.mistake(self.path, sentence)


def read(file: Path) -> Document:
    """Read a spec.

    Raises:
        SpecError: the file cannot be read, is not UTF-8 or not YAML, names a key twice in one
            mapping, or uses aliases.
    """
    try:
        top = yaml.compose(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except FileNotFoundError as error:
        raise SpecError([Mistake(file, 1, "the file does not exist.")]) from error
    except OSError as error:
        raise SpecError([Mistake(file, 1, f"this cannot be read: {error.strerror}.")]) from error
    except UnicodeDecodeError as error:
        raise SpecError([Mistake(file, 1, f"this is not UTF-8 text: {error}.")]) from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise SpecError([Mistake(file, line, f"this is not YAML: {error.problem}.")]) from error
    except yaml.YAMLError as error:
        said = " ".join(str(error).split())
        raise SpecError([Mistake(file, 1, f"this is not YAML: {said}.")]) from error
    document = Document(file, None)
    mistakes: list[Mistake] = []
    if top is not None:
        document.data = _YamlConverter(document, mistakes).convert(top, ())
    if not isinstance(document.data, dict):
        mistakes.append(Mistake(file, 1, "the top of a spec must be a mapping."))
    if mistakes:
        raise SpecError(mistakes)
    return document


class _YamlConverter:
    """A converter of YAML nodes to plain data. It collects the mistakes."""

    def __init__(self, document: Document, mistakes: list[Mistake]) -> None:
        self._document = document
        self._mistakes = mistakes
        self._constructor = yaml.constructor.SafeConstructor()
        self._seen: set[yaml.Node] = set()

    def convert(self, node: yaml.Node, path: tuple[object, ...]) -> object:
        """Return a node as mappings, lists and scalars; None if it cannot be read."""
        if node in self._seen:
            # With aliases a small file can contain itself, or exceed the memory. The node has the
            # line of its anchor.
            self._mistakes.append(
                self._document.mistake(
                    path, f"an alias is not supported ({path[-1]!r}); use a $ref."
                )
            )
            return None
        self._document.lines.setdefault(path, node.start_mark.line + 1)
        if len(path) > DEEPEST:
            self._add_mistake(node, f"this is nested more than {DEEPEST} levels deep.")
            return None
        self._seen.add(node)
        if isinstance(node, yaml.SequenceNode):
            return [self.convert(item, (*path, index)) for index, item in enumerate(node.value)]
        if isinstance(node, yaml.MappingNode):
            return self._convert_mapping(node, path)
        try:
            value: object = self._constructor.construct_object(node)
        except (yaml.YAMLError, ValueError):
            self._add_mistake(node, f"this is not a value of YAML: {node.value!r}.")
            return None
        return value

    def _convert_mapping(
        self, node: yaml.MappingNode, path: tuple[object, ...]
    ) -> dict[str, object]:
        mapping: dict[str, object] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self._add_mistake(key_node, "a key must be a string.")
                continue
            key = key_node.value
            if key in mapping:
                self._add_mistake(key_node, f"the key {key!r} appears twice in one mapping.")
                continue
            self._document.lines[(*path, key)] = key_node.start_mark.line + 1
            mapping[key] = self.convert(value_node, (*path, key))
        return mapping

    def _add_mistake(self, node: yaml.Node, sentence: str) -> None:
        self._mistakes.append(Mistake(self._document.file, node.start_mark.line + 1, sentence))
