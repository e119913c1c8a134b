"""What every test of the bot is given: the program to try, and what plays Slack and Discord on this machine."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))


def pytest_addoption(parser):
    parser.addoption("--bot", type=Path, help="the ecs-why-bot to try")
    parser.addoption("--sent", type=Path, help="a folder that takes every message that was sent, as JSON lines")


@pytest.fixture(scope="session")
def bot(pytestconfig) -> Path:
    given = pytestconfig.getoption("--bot")
    if given is None:
        raise pytest.UsageError("--bot is missing: see tests/chat/README.md")
    return given.resolve()


@pytest.fixture
def sent(pytestconfig, request, tmp_path) -> Path:
    """Where this test's messages are kept: for the validators."""
    folder = pytestconfig.getoption("--sent") or tmp_path
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{request.node.name}.jsonl"


@pytest.fixture
def slack(sent):
    from fake_slack import FakeSlack

    with FakeSlack(sent) as played:
        yield played


@pytest.fixture
def discord(sent):
    from fake_discord import FakeDiscord

    with FakeDiscord(sent) as played:
        yield played
