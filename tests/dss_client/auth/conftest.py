from __future__ import annotations

from collections.abc import Callable, Iterator

import keyring
import pytest

from tests.dss_client.auth.keyrings import MemoryKeyring


@pytest.fixture
def use_keyring() -> Iterator[Callable[[MemoryKeyring], None]]:
    """A function that sets the system keyring until the end of the test."""
    before = keyring.get_keyring()
    yield keyring.set_keyring
    keyring.set_keyring(before)


@pytest.fixture
def ring(use_keyring: Callable[[MemoryKeyring], None]) -> MemoryKeyring:
    """A system keyring that works."""
    memory_keyring = MemoryKeyring()
    use_keyring(memory_keyring)
    return memory_keyring
