"""Seed files: the users, providers and services that a mock starts with."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Self, TypeVar

import attrs
import yaml

from dss_api import TIERS

from .errors import SeedError
from .state import State
from .state.catalogue import REQUIRED_KEYS, make_githash

T = TypeVar("T")

GITHASH = re.compile(r"[0-9a-f]{40}")


@attrs.frozen
class SeedUser:
    """A user to add. Without a token, a random one is made."""

    email: str
    token: str | None = attrs.field(default=None, repr=False)
    name: str = ""
    sysadmin: bool = False
    tier: str = "guest"


@attrs.frozen
class SeedProvider:
    """A provider to create, and the e-mail addresses of its users."""

    name: str
    users: tuple[str, ...] = ()


@attrs.frozen
class SeedService:
    """A service to register for a provider."""

    provider: str
    githash: str
    descriptor: Mapping[str, object]


@attrs.frozen
class Seed:
    """The initial content of a mock."""

    users: tuple[SeedUser, ...] = ()
    providers: tuple[SeedProvider, ...] = ()
    services: tuple[SeedService, ...] = ()


EMPTY_SEED = Seed()
"""The seed of an empty mock."""


@attrs.frozen
class KnownNames:
    """The e-mail addresses and providers that exist already. A seed can refer to them."""

    users: Collection[str] = ()
    providers: Collection[str] = ()

    @classmethod
    def from_state(cls, state: State) -> Self:
        """Return the names in a state."""
        users = [user.email for user in list(state.accounts.users.values())]
        return cls(users, [provider.name for provider in state.catalogue.list_providers()])


def load_seed(path: Path, known: KnownNames | None = None) -> Seed:
    """Read a seed file.

    Args:
        known: the names that exist already.

    Raises:
        SeedError: the file cannot be read, or its content is invalid.
    """
    try:
        return parse_seed(path.read_bytes(), f"{path}", known)
    except OSError as error:
        raise SeedError(f"{path}: {error.strerror}") from error


def parse_seed(text: bytes, name: str, known: KnownNames | None = None) -> Seed:
    """Read the text of a seed file.

    Args:
        name: the name of the file in error messages.
        known: the names that exist already.

    Raises:
        SeedError: the content is invalid.
    """
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{name}:{mark.line + 1}" if mark else name
        raise SeedError(f"{where}: this is not valid YAML: {error.problem}") from error
    except yaml.YAMLError as error:
        raise SeedError(f"{name}: this is not valid YAML: {error}") from error
    except RecursionError as error:
        raise SeedError(f"{name}: this is nested too deeply") from error
    reader = _Reader(known or KnownNames())
    seed = reader.read_seed(root)
    if reader.mistakes:
        mistakes = sorted(set(reader.mistakes))
        raise SeedError("\n".join(f"{name}:{line}: {reason}" for line, reason in mistakes))
    return seed


def plant(state: State, seed: Seed) -> None:
    """Add the content of a seed. A provider that exists gets the users and services of the seed.

    Raises:
        ValueError: a user or a service exists already, or a name that the seed refers to no longer
            exists. Nothing was added.
    """
    # Another thread must not add the same in between.
    with state.lock:
        _check_seed(state, seed)
        for user in seed.users:
            state.accounts.add(
                user.email, token=user.token, name=user.name, sysadmin=user.sysadmin, tier=user.tier
            )
        for provider in seed.providers:
            state.catalogue.create_provider(provider.name)
            for email in provider.users:
                member = state.accounts.find(email)
                assert member is not None
                state.catalogue.add_member(provider.name, member)
        for service in seed.services:
            state.catalogue.register_service(service.provider, service.githash, service.descriptor)


def _check_seed(state: State, seed: Seed) -> None:
    known = KnownNames.from_state(state)
    users = {*known.users, *(user.email for user in seed.users)}
    for provider in seed.providers:
        for email in provider.users:
            if email not in users:
                raise ValueError(f"{email!r} is not one of the users")
    providers = {*known.providers, *(provider.name for provider in seed.providers)}
    for service in seed.services:
        if service.provider not in providers:
            raise ValueError(f"{service.provider!r} is not one of the providers")
    for user in seed.users:
        if state.accounts.find(user.email):
            raise ValueError(f"the user {user.email!r} exists already")
        if user.token and state.accounts.has_token(user.token):
            raise ValueError(
                f"{user.email!r} and another user have the same token. "
                "Give each user a different token"
            )
    for service in seed.services:
        there = state.catalogue.services.get(service.githash)
        descriptor = service.descriptor if there is None else there.descriptor
        name, version = (str(descriptor[key]) for key in ("name", "version"))
        if state.catalogue.has_other_githash(name, version, service.githash):
            raise ValueError(
                f"the service {name} {version} exists already with a different githash. "
                "Choose a different version"
            )


class _Reader:
    """A reader of YAML nodes. It collects all mistakes with their lines."""

    def __init__(self, known: KnownNames) -> None:
        self.known = known
        self.mistakes: list[tuple[int, str]] = []

    def read_seed(self, root: yaml.Node | None) -> Seed:
        if root is None:
            return Seed()
        parts = self._read_mapping(root, ("users", "providers", "services"))
        users = self._read_users(parts.get("users"))
        providers = self._read_providers(
            parts.get("providers"), {*self.known.users, *(user.email for user in users)}
        )
        names = {*self.known.providers, *(provider.name for provider in providers)}
        return Seed(tuple(users), tuple(providers), tuple(self._read_services(parts, names)))

    def _read_users(self, node: yaml.Node | None) -> list[SeedUser]:
        users: list[SeedUser] = []
        emails: set[str] = set()
        tokens: set[str] = set()
        for item in self._read_sequence(node):
            parts = self._read_mapping(
                item, ("email", "token", "name", "sysadmin", "tier"), needed=("email",)
            )
            email = self._read_text(parts.get("email"))
            token = self._read_text(parts.get("token"))
            tier = self._read_text(parts.get("tier"))
            if tier is not None and tier not in TIERS:
                self._add_mistake(
                    parts["tier"], f"{tier!r} is not a tier. The tiers are {', '.join(TIERS)}."
                )
            if token is not None:
                self._check_unique(
                    parts["token"],
                    token,
                    tokens,
                    "another user has the same token; give each user a different token",
                )
            if email is not None:
                self._check_unique(parts["email"], email, emails, f"there are two users {email!r}")
                users.append(
                    SeedUser(
                        email,
                        token,
                        self._read_text(parts.get("name"), empty=True) or "",
                        self._read_bool(parts.get("sysadmin")),
                        tier or "guest",
                    )
                )
        return users

    def _read_providers(self, node: yaml.Node | None, emails: set[str]) -> list[SeedProvider]:
        providers: list[SeedProvider] = []
        names: set[str] = set()
        for item in self._read_sequence(node):
            parts = self._read_mapping(item, ("name", "users"), needed=("name",))
            name = self._read_text(parts.get("name"))
            users: list[str] = []
            for user in self._read_sequence(parts.get("users")):
                email = self._read_text(user)
                if email is not None and email not in emails:
                    self._add_mistake(user, f"{email!r} is not one of the users")
                users += [email] if email else []
            if name is not None:
                self._check_unique(parts["name"], name, names, f"there are two providers {name!r}")
                providers.append(SeedProvider(name, tuple(users)))
        return providers

    def _read_services(
        self, parts: Mapping[str, yaml.Node], providers: set[str]
    ) -> Iterator[SeedService]:
        registered: dict[str, Mapping[str, object]] = {}
        versions: dict[tuple[str, str], str] = {}
        for item in self._read_sequence(parts.get("services")):
            keys = ("provider", "githash", "descriptor")
            entry = self._read_mapping(item, keys, needed=("provider", "descriptor"))
            provider = self._read_text(entry.get("provider"))
            if provider is not None and provider not in providers:
                self._add_mistake(entry["provider"], f"{provider!r} is not one of the providers")
            githash = self._read_text(entry.get("githash"))
            if githash is not None and not GITHASH.fullmatch(githash):
                self._add_mistake(entry["githash"], f"{githash!r} is not 40 hexadecimal digits")
            descriptor = self._read_descriptor(entry.get("descriptor"))
            if provider is None or descriptor is None:
                continue
            githash = githash or make_githash(descriptor)
            if registered.setdefault(githash, descriptor) != descriptor:
                self._add_mistake(item, f"there are two descriptors for {githash}")
            version = (str(descriptor["name"]), str(descriptor["version"]))
            if versions.setdefault(version, githash) != githash:
                self._add_mistake(item, f"there are two services {' '.join(version)}")
            yield SeedService(provider, githash, descriptor)

    def _read_descriptor(self, node: yaml.Node | None) -> Mapping[str, object] | None:
        if node is None:
            return None
        before = len(self.mistakes)
        parts = self._read_mapping(node, needed=REQUIRED_KEYS)
        for key in REQUIRED_KEYS:
            # In service.json, the version can be a number too.
            if key in parts and (key != "version" or _get_kind(parts[key]) not in ("int", "float")):
                self._read_text(parts[key])
        descriptor = self._read_json(node, ())
        if len(self.mistakes) > before or not isinstance(descriptor, dict):
            return None
        return descriptor

    def _read_json(self, node: yaml.Node, above: tuple[yaml.Node, ...]) -> object:
        """Return the JSON value of a node."""
        if node in above:
            self._add_mistake(node, "this value contains itself")
            return None
        if isinstance(node, yaml.SequenceNode):
            return [self._read_json(item, (*above, node)) for item in node.value]
        if isinstance(node, yaml.MappingNode):
            return {
                key: self._read_json(value, (*above, node))
                for key, value in self._read_mapping(node).items()
            }
        if _get_kind(node) not in ("str", "int", "float", "bool", "null"):
            self._add_mistake(
                node, f"JSON does not support {_get_kind(node)}. Put the value in quotes."
            )
            return None
        value: object = yaml.SafeLoader("").construct_object(node)
        return value

    def _read_mapping(
        self, node: yaml.Node, known: Sequence[str] = (), *, needed: Sequence[str] = ()
    ) -> dict[str, yaml.Node]:
        """Return the values of a mapping by key. If `known` is given, other keys are mistakes."""
        if not isinstance(node, yaml.MappingNode):
            self._add_mistake(node, f"this must be a mapping, not {_get_kind(node)}")
            return {}
        parts: dict[str, yaml.Node] = {}
        for key, value in node.value:
            name = self._read_text(key)
            if name is None:
                continue
            if known and name not in known:
                self._add_mistake(
                    key, f"{name!r} is not a known key. The keys are {', '.join(known)}."
                )
            elif name in parts:
                self._add_mistake(key, f"{name!r} appears twice")
            else:
                parts[name] = value
        for name in needed:
            if name not in parts:
                self._add_mistake(node, f"{name!r} is missing")
        return parts

    def _read_sequence(self, node: yaml.Node | None) -> list[yaml.Node]:
        if node is None or _get_kind(node) == "null":
            return []
        if not isinstance(node, yaml.SequenceNode):
            self._add_mistake(node, f"this must be a list, not {_get_kind(node)}")
            return []
        return list(node.value)

    def _read_text(self, node: yaml.Node | None, *, empty: bool = False) -> str | None:
        if node is None:
            return None
        if _get_kind(node) != "str":
            self._add_mistake(
                node, f"this must be a string, not {_get_kind(node)}. Put it in quotes."
            )
            return None
        text = str(node.value)
        if not text and not empty:
            self._add_mistake(node, "this must not be empty")
            return None
        return text

    def _read_bool(self, node: yaml.Node | None) -> bool:
        if node is None:
            return False
        if _get_kind(node) != "bool":
            self._add_mistake(node, f"this must be true or false, not {_get_kind(node)}")
            return False
        return bool(yaml.SafeLoader("").construct_object(node))

    def _check_unique(self, node: yaml.Node, value: str, seen: set[str], reason: str) -> None:
        if value in seen:
            self._add_mistake(node, reason)
        seen.add(value)

    def _add_mistake(self, node: yaml.Node, reason: str) -> None:
        self.mistakes.append((node.start_mark.line + 1, reason))


def _get_kind(node: yaml.Node) -> str:
    """Return the YAML type of a node: `str`, `int`, `map`, ..."""
    return str(node.tag).rpartition(":")[2]
