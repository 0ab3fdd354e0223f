from __future__ import annotations

from collections.abc import Callable, Iterator

import keyring
import pytest

from tests.dss_client.auth.keyrings import MemoryKeyring


@pytest.fixture
def use_keyring() -> Iterator[Callable[[MemoryKeyring], None]]:
    """Makes a keyring that of the system, until the end of the test."""
    before = keyring.get_keyring()
    yield keyring.set_keyring
    keyring.set_keyring(before)


@pytest.fixture
def ring(use_keyring: Callable[[MemoryKeyring], None]) -> MemoryKeyring:
    """The keyring of a system that has one."""
    found = MemoryKeyring()
    use_keyring(found)
    return found
