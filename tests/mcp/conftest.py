"""What every test of the MCP server is given: the programs to try, and a server over some recorded incidents."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

import evidence  # noqa: E402
from server import Program  # noqa: E402

# One of each kind: a task and a service, one with log lines, one that hangs, one to check, a sound one.
INCIDENTS = ["image-tag-missing", "application-error", "no-way-out", "secret-missing", "healthy-behind-nat"]


def pytest_addoption(parser):
    parser.addoption("--binary", type=Path, help="the ecs-why-mcp to try")
    parser.addoption("--cli", type=Path, help="the ecs-why that it must agree with")
    parser.addoption("--node", type=Path, help="the folder in which `npm ci` has installed package-lock.json, with the drivers beside it")
    parser.addoption("--calls", type=int, default=1000, help="calls over which memory must stay flat (default: 1000)")


def _path(config, name: str) -> Path:
    given = config.getoption(name)
    if given is None:
        raise pytest.UsageError(f"{name} is missing: see tests/mcp/README.md")
    return given.resolve()


@pytest.fixture(scope="session")
def binary(pytestconfig) -> Path:
    return _path(pytestconfig, "--binary")


@pytest.fixture(scope="session")
def cli(pytestconfig) -> Path:
    return _path(pytestconfig, "--cli")


@pytest.fixture(scope="session")
def node(pytestconfig) -> Path:
    return _path(pytestconfig, "--node")


@pytest.fixture(scope="session")
def incidents() -> list[evidence.Incident]:
    return [evidence.named(name) for name in INCIDENTS]


@pytest.fixture(scope="session")
def program(binary, incidents) -> Program:
    """The server over a few recorded incidents."""
    return Program(binary, evidence.options(*incidents))
