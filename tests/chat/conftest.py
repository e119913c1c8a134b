"""What every test of the bot is given: the program to try, what plays Slack and Discord on this machine, and one bot that many tests share."""

import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "mcp")]

import incidents  # noqa: E402
from program import Bot  # noqa: E402
from server import free_port  # noqa: E402
from validating import validate  # noqa: E402

KINDS = ["slack", "slack-http", "discord"]
# Rooms of the shared bot: each test takes new ones.
ROOMS = 60
# So that no test waits for another's share.
PLENTY = {"per-person": 100_000, "per-channel": 100_000, "diagnoses": 8, "seconds": 20}


def pytest_addoption(parser):
    parser.addoption("--binary", "--bot", dest="bot", type=Path, help="the ecs-why-bot to try")
    parser.addoption("--cli", type=Path, help="the ecs-why that it must agree with")
    parser.addoption("--sent", type=Path, help="a folder that keeps every message that was sent, as JSON lines")
    parser.addoption("--slack-types", type=Path, help="the folder of validate/slack-types in which `npm ci` has run")
    parser.addoption("--validate-discord", type=Path, help="the example validate_discord, built")


def _path(config, name: str) -> Path:
    given = config.getoption(name)
    if given is None:
        raise pytest.UsageError(f"--{name} is missing: see tests/chat/README.md")
    return given.resolve()


@pytest.fixture(scope="session")
def bot(pytestconfig) -> Path:
    return _path(pytestconfig, "bot")


@pytest.fixture(scope="session")
def cli(pytestconfig) -> Path:
    return _path(pytestconfig, "cli")


@pytest.fixture(scope="session")
def messages(pytestconfig, tmp_path_factory):
    """The folder of all that bots send in this run. At its end every message is validated: one that a platform would refuse fails the run."""
    folder = pytestconfig.getoption("sent") or tmp_path_factory.mktemp("sent")
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.jsonl"):
        old.unlink()
    yield folder
    validate(folder, pytestconfig.getoption("slack_types"), pytestconfig.getoption("validate_discord"))


@pytest.fixture
def sent(messages, request, tmp_path) -> Path:
    """Where this test's messages are kept; those that only try what plays a platform are for no validator."""
    folder = tmp_path if request.module.__name__.startswith("test_fake") else messages
    return folder / f"{request.module.__name__}-{request.node.name.replace('/', '-')}.jsonl"


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


def chat_of(kind: str, record: Path | None, **more):
    from discord_chat import DiscordChat
    from slack_chat import SlackChat

    if kind == "discord":
        return DiscordChat(record, **more).start()
    return SlackChat(record, http=free_port() if kind == "slack-http" else None, **more).start()


@pytest.fixture
def make_chat(messages, request):
    """A platform of the test's own."""
    made = []

    def make(kind: str, **more):
        name = f"{request.module.__name__}-{request.node.name}-{kind}-{len(made)}".replace("/", "-")
        made.append(chat_of(kind, messages / f"{name}.jsonl", **more))
        return made[-1]

    yield make
    for chat in made:
        chat.stop()


@pytest.fixture
def make_bot(bot, tmp_path):
    """A bot of the test's own; ended by force after the test, if it still runs."""
    made = []

    def make(chats, tables: dict, start: bool = True) -> Bot:
        own = {chat.name: chat.table for chat in chats}
        environment = {name: value for chat in chats for name, value in chat.environment.items()}
        one = Bot(bot, tmp_path / f"bot{len(made)}", {"limits": PLENTY} | own | tables, environment)
        made.append(one)
        return one.start() if start else one

    yield make
    for one in made:
        one.kill()
        assert not one.faults(), one.faults()


# The shared ones


@pytest.fixture(scope="session", params=KINDS)
def chat(request, messages):
    """One platform, by one way, for all tests that need nothing of their own."""
    one = chat_of(request.param, messages / f"shared-{request.param}.jsonl")
    yield one
    one.stop()


class Served:
    """The shared bot, its rooms, and what is recorded in it."""

    def __init__(self, bot: Bot, chat, rooms: list):
        self.bot, self.chat, self.rooms = bot, chat, rooms


@pytest.fixture(scope="session")
def served(bot, chat, tmp_path_factory):
    folder = tmp_path_factory.mktemp(f"bot-{chat.name}")
    rooms = [chat.room() for _ in range(ROOMS)]
    channels = [channel(room, clusters=["prod", "prod-eu"]) for room in rooms]
    direct = {"clusters": ["prod", "prod-eu"], "people": [chat.person("dora")]}
    tables = {"channel": channels, "direct": direct, "limits": PLENTY, "owners": {"folder": str(folder / "cases")}}
    tables["recorded"] = {"evidence": [str(one.file) for one in incidents.usual(folder / "evidence")]}
    one = Bot(bot, folder, {chat.name: chat.table} | tables, chat.environment).start()
    chat.connected()
    yield Served(one, chat, rooms)
    status = one.stop()
    assert status == 0, f"it ended with {status}: {one.log()[-800:]}"
    assert not one.faults(), one.faults()
    kept = one.kept()
    for secret in chat.secrets():
        assert secret.encode() not in kept, "a token stands in the bot's folder"


@pytest.fixture
def room(served):
    """A channel in which nobody has asked yet; the bot must not have been refused anything there."""
    before = len(served.chat.refusals())
    yield served.rooms.pop()
    assert served.bot.process.poll() is None, f"the bot has ended: {served.bot.log()[-800:]}"
    assert not served.bot.faults(), served.bot.faults()
    refused = [str(one) for one in served.chat.refusals()[before:]]
    assert not [one for one in refused if "invalid" in one.lower()], f"the platform refused: {refused}"


def channel(room, name: str | None = None, **more) -> dict:
    """A room in the configuration."""
    return {"platform": room.chat.name, "id": room.id, "name": name or f"room-{room.id}", **more}
