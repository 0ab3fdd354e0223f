"""The two middlewares, each fresh for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from . import real
from .middleware import Middleware, MockMiddleware
from .real import Zygote
from .repositories import Repository
from .site import Lab, Site


@pytest.fixture(scope="session")
def zygote() -> Iterator[Zygote]:
    """Starts real middlewares."""
    if not real.is_installed():
        pytest.skip(f"the real middleware is not installed at {real.PYTHON}; make conformance does")
    with Zygote() as zygote:
        yield zygote


@pytest.fixture(params=["mock", "real"])
def middleware(request: pytest.FixtureRequest) -> Iterator[Middleware]:
    """A fresh middleware: what a test says holds for the mock and for the real one."""
    found: Middleware
    if request.param == "mock":
        found = MockMiddleware()
    else:
        zygote = request.getfixturevalue("zygote")
        assert isinstance(zygote, Zygote)
        found = zygote.fresh()
    yield found
    found.close()


@pytest.fixture
def site(middleware: Middleware) -> Site:
    """A fresh middleware with its four users."""
    return Site(middleware)


@pytest.fixture(scope="session")
def example(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """A repository with a service; not to be changed."""
    repository = Repository.create(tmp_path_factory.mktemp("repositories") / "example")
    repository.commit()
    return repository


@pytest.fixture
def lab(middleware: Middleware, example: Repository) -> Lab:
    """A fresh middleware with its four users, a provider and its service."""
    return Lab(middleware, example)


@pytest.fixture
def repository(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """An empty repository."""
    return Repository.create(tmp_path_factory.mktemp("repository") / "own")
