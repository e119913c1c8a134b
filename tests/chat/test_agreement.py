"""In every recorded incident the card in Slack and on Discord says what the command line says (and so does the MCP server: tests/mcp)."""

import incidents
import pytest
from agreement import first_cause, of_cli  # tests/mcp
from conftest import PLENTY, channel, chat_of
from program import Bot

# The bot answers why something failed; what is only checked is not asked there.
AT_ONCE = 6
ALL = [one for one in incidents.recorded() if not one.is_check]


def groups() -> list[list]:
    """Each with no target twice; services first, since a task's report names its service too, and the first that fits is asked."""
    made: list[list] = []
    for one in sorted(ALL, key=lambda one: "task/" in one.target):
        free = next((group for group in made if one.target not in [other.target for other in group]), None)
        if free is None:
            made.append([one])
        else:
            free.append(one)
    return made


@pytest.fixture(scope="module")
def asked(bot, messages, tmp_path_factory):
    """Every incident's cards: asked in both platforms of one bot, in a room each."""
    cards = {}
    for number, group in enumerate(groups()):
        chats = [chat_of(kind, messages / f"agreement-{number}-{kind}.jsonl") for kind in ("slack", "discord")]
        rooms = {(one.name, chat.name): chat.room() for one in group for chat in chats}
        tables = {chat.name: chat.table for chat in chats}
        tables |= {"channel": [channel(room, clusters=["*"]) for room in rooms.values()], "limits": PLENTY}
        tables |= {"recorded": {"evidence": [str(one.file) for one in group]}}
        environment = {name: value for chat in chats for name, value in chat.environment.items()}
        program = Bot(bot, tmp_path_factory.mktemp(f"agreement{number}"), tables, environment).start()
        try:
            for chat in chats:
                chat.connected()
            for begin in range(0, len(group), AT_ONCE):
                keys = [(one, chat.name) for one in group[begin : begin + AT_ONCE] for chat in chats]
                waiting = {(one.name, name): rooms[one.name, name].slash(one.target) for one, name in keys}
                cards |= {key: question.answer(seconds=90) for key, question in waiting.items()}
            assert program.stop() == 0 and not program.faults()
        finally:
            program.kill()
            for chat in chats:
                assert not chat.refusals(), chat.refusals()[:5]
                chat.stop()
    return cards


@pytest.mark.parametrize("incident", ALL, ids=lambda one: one.name)
def test_it_has_the_outcome_and_the_first_cause_of_the_command_line(asked, cli, incident):
    report = of_cli(cli, ["--evidence", str(incident.file)], {})
    first = first_cause(report)
    for platform in ("slack", "discord"):
        card = asked[incident.name, platform]
        assert card.outcome == report["outcome"] == incident.expected["outcome"], card.text
        if first:
            assert card.cause and card.cause[0] == first, f"{platform}: {card.text}"
            assert card.cause[2] == report["causes"][0]["status"], f"{platform}: {card.text}"
        else:
            assert card.cause is None, f"{platform}: {card.text}"
        # What is read first is the same sentence; where a title knows no code, names stand in quotes.
        assert bare(report["headline"])[:60] in bare(card.text), f"{platform}: {card.text}"


def bare(text: str) -> str:
    return text.replace("`", "").replace("'", "")
