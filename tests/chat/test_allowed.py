"""Who may ask, where, and about what; how often; and what the audit says of it. What a place may not see is not even told from what is not there."""

import json
import re

import incidents
import pytest
from conftest import PLENTY, channel, chat_of
from program import Bot

SEEN = incidents.named("execution-role-trust")  # prod-eu/invoices
ROLE = incidents.named("execution-role-renamed")  # prod/identity, which only the open room may see
IMAGE = incidents.named("image-tag-missing")  # a task in prod
GROUP = incidents.named("log-group-missing")  # in the cluster `vault`


def names_of(incident) -> list[str]:
    """What of an incident nobody outside may read: account, service, families, resources."""
    text = incident.file.read_text()
    found = set(re.findall(r"\b\d{12}\b", text)) | set(re.findall(r"(?:sg|vpc|subnet|rtb)-[0-9a-f]{8,17}", text))
    service = {"execution-role-renamed": "identity", "image-tag-missing": "catalog", "log-group-missing": "scheduler"}[incident.name]
    return sorted(found | {service})


class Place:
    """A bot with rooms of different rights."""

    def __init__(self, bot, chat, rooms):
        self.bot, self.chat, self.rooms = bot, chat, rooms

    def __getattr__(self, name):
        return self.rooms[name]


@pytest.fixture(scope="module", params=["slack", "slack-http", "discord"])
def place(request, bot, messages, tmp_path_factory):
    chat = chat_of(request.param, messages / f"allowed-{request.param}.jsonl")
    folder = tmp_path_factory.mktemp(f"allowed-{request.param}")
    chat.person("rita", ("77001",))
    rooms = {name: chat.room() for name in ("open", "narrow", "people", "roles", "unknown", "bystander")}
    rooms |= {"ann_direct": chat.direct("ann"), "dora_direct": chat.direct("dora")}
    table = chat.table
    channels = [
        channel(rooms["open"], clusters=["prod"]),
        channel(rooms["narrow"], clusters=["prod-eu"]),
        channel(rooms["bystander"], clusters=["prod-eu"]),
        channel(rooms["people"], clusters=["prod-eu"], people=[chat.person("ann")]),
        channel(rooms["roles"], clusters=["prod-eu"], roles=["77001"]),
    ]
    (folder / "evidence").mkdir()
    known = [ROLE, incidents.in_cluster(SEEN, folder / "evidence", "prod-eu"), IMAGE, incidents.in_cluster(GROUP, folder / "evidence", "vault")]
    tables = {chat.name: table, "channel": channels, "limits": PLENTY, "recorded": {"evidence": [str(one.file) for one in known]}}
    tables |= {"direct": {"clusters": ["prod-eu"], "people": [chat.person("dora")]}}
    one = Bot(bot, folder, tables, chat.environment).start()
    chat.connected()
    yield Place(one, chat, rooms)
    assert one.stop() == 0 and not one.faults()
    chat.stop()


def payloads(place, room) -> str:
    """Everything that was sent for a room, as one text: by the room's id, or by what stands there."""
    bodies = [line["body"] for line in place.chat.sent() if room.id in json.dumps(line)]
    return json.dumps([bodies, [card.raw if isinstance(card.raw, dict) else card.raw.versions for card in room.all() + room.whispers()]])


def told(asked) -> str:
    """What came of it, said or whispered."""
    fits = lambda: next((c for c in [*asked.new(), *asked.room.whispers()] if c.id not in asked.before and not c.waits), None)  # noqa: E731
    return asked.room.until(fits, what="any answer").text


# Who, and where


def test_who_is_allowed_is_answered(place):
    assert place.narrow.slash("invoices").answer().outcome == "failed"
    assert place.people.slash("prod-eu/invoices").answer().outcome == "failed"
    assert place.roles.slash("prod-eu/invoices", user="rita").answer().outcome == "failed"
    assert place.dora_direct.words("why is invoices failing").answer().outcome == "failed"


@pytest.mark.parametrize(
    ("where", "who", "why"),
    [("unknown", "ann", "channel"), ("people", "bob", "person"), ("roles", "ann", "person"), ("ann_direct", "ann", "person")],
)
def test_who_is_not_allowed_is_told_so_alone_and_noted(place, where, who, why):
    room = place.rooms[where]
    before = len(room.all())
    direct = where.endswith("direct")
    questions = [room.words] if direct else [lambda text: room.slash(text, user=who), lambda text: room.mention(text, user=who)]
    for ask in questions:
        asked = ask("why is prod-eu/invoices failing")
        text = told(asked)
        assert "invoices" not in text and "prod" not in text, text
        person = place.chat.person(who)
        line = place.bot.wait_audit(lambda line: (line["person"], line["channel"]) == (person, room.id) and line.get("refused") == why)
        assert line["allowed"] is False
    if not direct and place.chat.name == "slack":
        assert len(room.all()) == before, "a refusal is for who asked alone"


def test_another_workspace_or_guild_is_not_answered(place):
    asked = place.chat.from_elsewhere(place.narrow, "prod-eu/invoices")
    text = told(asked)
    assert "invoices" not in text
    place.bot.wait_audit(lambda line: line.get("refused") == "space")


def test_a_press_is_asked_for_who_presses(place):
    card = place.people.slash("prod-eu/invoices", user="ann").answer()
    asked = place.people.press(card, "Evidence", user="bob")
    assert asked.acknowledged() < 3
    asked.refused()
    place.bot.wait_audit(lambda line: line["asked"] == "press" and line.get("refused") == "person")
    assert not [one for one in asked.new() if one.outcome]


# About what


def attempts(chat) -> dict[str, str]:
    """Ways to ask about a cluster that the narrow room may not see."""
    task = IMAGE.target.rsplit("/", 1)[-1]
    region = IMAGE.target.split(":")[3]
    other = GROUP.target.rsplit("/", 1)[-1]
    link = f"https://{region}.console.aws.amazon.com/ecs/v2/clusters/prod/tasks/{task}/configuration?region={region}"
    return {
        "by its name": "prod/identity",
        "a service alone": "identity",
        "in words": "what happened to identity in prod",
        "the cluster": "anything failing in prod?",
        "the other cluster": "what fails in vault",
        "a task's ARN": IMAGE.target,
        "the old form of an ARN": IMAGE.target.replace("task/prod/", "task/"),
        "a task's id": task,
        "the beginning of an id": task[:8],
        "an id in a cluster": f"prod/{task}",
        "a console link": link,
        "a service's ARN": f"arn:aws:ecs:{region}:111122223333:service/prod/identity",
        "a task in the vault": other,
        "with case and spaces": " PROD / identity ",
        "two clusters": "prod-eu/invoices prod/identity",
        "as a path": "prod-eu/../prod/identity",
        "with what is hidden": "prod\u200b/identity",
        "with a star": "*/identity",
        "another account": "identity in account 111122223333",
    }


@pytest.mark.parametrize("way", attempts(None))
def test_a_cluster_that_the_room_may_not_see_is_not_told_of(place, way):
    text = attempts(place.chat)[way]
    for ask in (place.narrow.slash, place.narrow.mention):
        asked = ask(text)
        reply = told(asked)
        card = next(iter(asked.new()), None)
        assert card is None or card.outcome is None or "prod-eu/invoices" in card.text, reply
    typed = "\n".join(attempts(place.chat).values())
    seen = payloads(place, place.narrow)
    for incident in (ROLE, IMAGE, GROUP):
        for name in names_of(incident):
            # What somebody typed may be repeated to him; nothing else may.
            assert name in typed or name not in seen, f"{name} of {incident.name}"


@pytest.mark.parametrize(("real", "unreal"), [("prod/identity", "nosuch/identity"), ("identity", "idantity9"), ("prod", "nosuch")])
def test_what_may_not_be_seen_is_not_told_from_what_is_not_there(place, real, unreal):
    one, other = (bare(told(place.bystander.slash(f"why is {text} failing")), text) for text in (real, unreal))
    assert one == other


def bare(text: str, typed: str) -> str:
    """Without what was typed, and without the key that Discord's cards end with."""
    for part in (typed, *typed.split("/")):
        text = text.replace(part, "X")
    return re.sub(r"\n[a-z0-9]{20,}$", "", text)


def test_what_fails_now_is_only_of_what_the_room_may_see(place):
    card = place.narrow.slash("").answer("invoices")
    assert not [name for incident in (ROLE, IMAGE, GROUP) for name in names_of(incident) if name in json.dumps(card.lines)]
    assert [label for label in card.buttons if "prod/" in label] == []


def test_nothing_of_others_is_completed(place):
    card = place.narrow.slash("help").answer("0123abcd") if place.chat.name == "slack" else None
    if card is not None and not place.chat.can_suggest(card):
        pytest.skip("there is no list in this card")
    for typed in ("", "p", "prod/", "ident", "vault", "sched", "*", "%"):
        assert not [name for name in place.narrow.suggest(typed, card=card) if not name.startswith("prod-eu")], typed
    assert place.rooms["unknown"].suggest("p", card=card) == [] if place.chat.name == "discord" else True


def test_buttons_of_another_channel_are_good_for_nothing(place):
    card = place.open.slash("prod/identity").answer()
    assert card.outcome == "failed"
    many = place.open.slash("idendity").answer()
    values = [*card.buttons.values(), *many.buttons.values()]
    own = place.narrow.slash("prod-eu/invoices").answer()
    for value in values:
        asked = place.narrow.forge(own, value)
        assert asked.acknowledged() < 3
        reply = told(asked)
        assert "identity" not in reply, reply
        # The message of the other channel, in the press of this one.
        reply = told(place.narrow.forge(card, value))
        assert "identity" not in reply, reply
    lines = [line for line in place.bot.audits() if line["channel"] == place.narrow.id and line["asked"].startswith("press")]
    assert lines and all(line["allowed"] is False or line["outcome"] == "gone" for line in lines), lines[-3:]
    # Even where the same cluster may be asked about: another room's card stays that room's.
    mine = place.bystander.slash("help").answer("0123abcd")
    for value in own.buttons.values():
        told(place.bystander.forge(mine, value))


@pytest.mark.parametrize(
    "value",
    ["", ":", "evidence:", "evidence:r00000000000000000000", "fix:../../../etc/passwd", "pick:r00000000000000000000:0", "wrong:' or 1=1 --",
     "again:" + "r" * 80, "evidence:r0000000000000000000\u0000", "no:such:verb", "EVIDENCE:x", "pick:r00000000000000000000:99999999999999999999"],
)  # fmt: skip
def test_buttons_that_were_never_there_do_nothing(place, value):
    card = place.narrow.slash("prod-eu/invoices").answer()
    asked = place.narrow.forge(card, value)
    assert asked.acknowledged() < 3
    told(asked)
    assert next(one for one in place.narrow.all() if one.id == card.id).edits == card.edits
    assert place.bot.is_ready() and not place.bot.faults()


def test_a_pasted_event_names_nothing_of_the_account(place):
    event = {"detail-type": "ECS Task State Change", "source": "aws.ecs", "detail": {
        "taskArn": IMAGE.target, "clusterArn": IMAGE.target.split("task/")[0] + "cluster/prod", "lastStatus": "STOPPED",
        "stopCode": "EssentialContainerExited", "stoppedReason": "Essential container in task exited", "group": "service:web",
        "containers": [{"name": "web", "exitCode": 1}]}}  # fmt: skip
    card = place.narrow.mention(json.dumps(event)).answer()
    assert "catalog" not in card.text and "Check again" not in card.buttons, card.text
    for name in card.buttons:
        assert "catalog" not in told(place.narrow.press(card, name))


# How often, and what is noted


@pytest.mark.parametrize("kind", ["slack", "discord"])
def test_who_asks_too_often_is_told_when_to_come_back_and_the_channel_has_its_limit_too(make_chat, make_bot, kind):
    chat = make_chat(kind)
    first, second = chat.room(), chat.room()
    tables = {"channel": [channel(first, clusters=["prod"]), channel(second, clusters=["prod"])], "recorded": {"evidence": [str(ROLE.file)]}}
    bot = make_bot([chat], tables | {"limits": {"per-person": 3, "per-channel": 5}})
    chat.connected()
    for _ in range(3):
        first.slash("prod/identity").answer()
    asked = first.slash("prod/identity")
    assert asked.acknowledged() < 3
    assert "again in" in asked.refused("too many").text
    second.slash("prod/identity", user="bob").answer()
    # The room's: two more of others, and then nobody.
    first.slash("prod/identity", user="cleo").answer()
    first.slash("prod/identity", user="dan").answer()
    first.slash("prod/identity", user="eve").refused("too many")
    bot.wait_audit(lambda line: line.get("refused") == "limit" and line["person"] == chat.person("eve"))
    assert len([line for line in bot.audits() if line.get("refused") == "limit"]) == 2
    assert 'refused_total{name="limit"} 2' in bot.get("/metrics")[1]


def test_each_question_leaves_one_line(place):
    asked = place.narrow.slash("prod-eu/invoices", user="audrey")
    asked.answer()
    who = place.chat.person("audrey")
    line = place.bot.wait_audit(lambda line: line["person"] == who)
    assert line["platform"] == place.chat.name and line["asked"] == "why" and line["allowed"] is True
    assert line["outcome"] == "failed" and "prod-eu/invoices" in line["about"] and line["channel"] == place.narrow.id
    assert len([line for line in place.bot.audits() if line["person"] == who]) == 1
    assert "not assume" not in json.dumps(line) and "trust" not in json.dumps(line), "never what was answered"
