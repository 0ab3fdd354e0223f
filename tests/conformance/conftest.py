"""Fixtures that start a new mock or real middleware for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from . import real_middleware
from .middleware import Middleware, MockMiddleware
from .real_middleware import MiddlewareLauncher
from .repositories import Repository
from .sites import Lab, Site


@pytest.fixture(scope="session")
def launcher() -> Iterator[MiddlewareLauncher]:
    """Start real middlewares for the whole session."""
    if not real_middleware.is_installed():
        pytest.skip(real_middleware.NOT_INSTALLED)
    with MiddlewareLauncher() as launcher:
        yield launcher


@pytest.fixture(params=["mock", "real"])
def middleware(request: pytest.FixtureRequest) -> Iterator[Middleware]:
    """Start a new middleware; each test runs on the mock and on the real middleware."""
    middleware: Middleware
    if request.param == "mock":
        middleware = MockMiddleware()
    else:
        launcher = request.getfixturevalue("launcher")
        assert isinstance(launcher, MiddlewareLauncher)
        middleware = launcher.start()
    yield middleware
    middleware.close()


@pytest.fixture
def site(middleware: Middleware) -> Site:
    """Return a new middleware with four users."""
    return Site(middleware)


@pytest.fixture(scope="session")
def example(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """Create a repository with a service; tests must not change it."""
    repository = Repository.create(tmp_path_factory.mktemp("repositories") / "example")
    repository.commit()
    return repository


@pytest.fixture
def lab(middleware: Middleware, example: Repository) -> Lab:
    """Return a new middleware with four users, a provider and its service."""
    return Lab(middleware, example)


@pytest.fixture
def repository(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """Create an empty repository."""
    return Repository.create(tmp_path_factory.mktemp("repository") / "own")
