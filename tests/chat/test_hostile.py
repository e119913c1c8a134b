"""Whatever an account, a person or a platform says: nobody is called, nothing becomes a link, nothing secret comes out, and the bot goes on.

The texts of the MCP server's suite (tests/mcp/test_text.py), and what would be markup in a chat.
"""

import json

import foreign
import incidents
import pytest
from conftest import PLENTY, channel, chat_of
from program import Bot
from test_text import HOSTILE, MARK  # tests/mcp

MARKUP = {
    "slack mentions": f"<!channel> <!here> <!everyone> <@U0ANN> <!subteam^S1|{MARK}> <#C0ROOM001|{MARK}> @here @channel @everyone",
    "slack links": f"<https://evil.example/{MARK}|the console> <mailto:a@b.c|{MARK}> https://evil.example/{MARK} evil.example www.evil.example",
    "slack dates": f"<!date^1392734382^{MARK} {{date}}^https://evil.example|x> &lt;!channel&gt; &amp;lt;!here&amp;gt; &#60;!here&#62;",
    "discord mentions": f"@everyone @here <@3001> <@!3001> <@&77001> <#2001> <id:guide> </why:5001> {MARK}",
    "discord markup": f"[{MARK}](https://evil.example) [{MARK}](<https://evil.example>) <t:0:R> <a:x:1> ||{MARK}|| ~~x~~ **x** __x__\n# {MARK}\n> x\n>>> x\n-# x",
    "fence breakers": f"``` {MARK}\n@everyone\n```\n````\n`{MARK}` ``x`` ~~~\n```sh\nrm -rf /\n```",
    "half of a fence": f"``{MARK}`",
    "backslashes": f"\\\\<@3001\\> \\`{MARK}\\` \\\\\\[x](https://evil.example)\\",
    "turned and hidden": f"\u202e{MARK}\u202c \u2066<!channel>\u2069 @\u200beveryone @\u2060here \ufeff\u00ad\u180e\u2028\u2029\U000e0020",
    "emoji": f":{MARK}: :rotating_light: <:x:1> \U0001f469\u200d\U0001f469\u200d\U0001f467 e\u0301\u0302\u0303\u0304 \u4e16\u754c",
    "very wide": "\U0001d54f" * 5000 + MARK,
}
# What must never come out: it looks like a secret, so whoever wrote it into a log or reason did not mean to show it.
CANARY = "zqCANARY5HjP2vT8wX4nKs"
SECRETS = {
    "secrets": f"password={CANARY} AWS_SECRET_ACCESS_KEY={CANARY}wJalrXUtnFEMIK7MDENGbPxRfi https://u:{CANARY}@db.example/x?X-Amz-Signature={CANARY}&X-Amz-Credential={CANARY} "
    f"Authorization: Bearer {CANARY}.{CANARY}.{CANARY}",
}
TEXTS = HOSTILE | MARKUP | SECRETS
# Texts of others stand in each place of a report: the reason of a stop, of a container, events, log lines.
PLACES = ["application-error", "image-tag-missing", "execution-role-renamed"]
LARGE = {"a megabyte", "a megabyte without a gap", "many lines"}


class Scene:
    def __init__(self, bot, chat, rooms, planted):
        self.bot, self.chat, self.rooms, self.planted = bot, chat, rooms, planted


@pytest.fixture(scope="module")
def scenes(bot, messages, tmp_path_factory):
    """One bot over the same incidents once for each hostile text, each in a cluster of its own; log lines may be shown."""
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "evidence").mkdir()
    planted = {}
    for number, (name, text) in enumerate(TEXTS.items()):
        made = [incidents.named(one).planted(folder / "evidence", text) for one in (PLACES[:1] if name in LARGE else PLACES)]
        planted[name] = [incidents.in_cluster(one, folder / "evidence", f"h{number}") for one in made]
    chats = {kind: chat_of(kind, messages / f"hostile-{kind}.jsonl") for kind in ("slack", "discord")}
    rooms = {kind: {name: chat.room() for name in TEXTS} for kind, chat in chats.items()}
    tables = {kind: chat.table for kind, chat in chats.items()} | {"limits": PLENTY, "owners": {"folder": str(folder / "cases")}}
    tables["channel"] = [channel(room, clusters=["h*"], logs=True) for some in rooms.values() for room in some.values()]
    tables["recorded"] = {"evidence": [str(one.file) for some in planted.values() for one in some]}
    environment = {name: value for chat in chats.values() for name, value in chat.environment.items()}
    one = Bot(bot, folder, tables, environment).start()
    for chat in chats.values():
        chat.connected()
    yield {kind: Scene(one, chat, rooms[kind], planted) for kind, chat in chats.items()}
    try:
        assert one.stop() == 0 and not one.faults()
        log = one.log() + (folder / "audit.jsonl").read_text()
        assert MARK not in one.log() and CANARY not in log
        # Log lines are kept nowhere, and what looks like a secret neither.
        assert CANARY.encode() not in one.kept(), "a secret of the account stands in what the bot keeps"
        assert not [secret for chat in chats.values() for secret in chat.secrets() if secret.encode() in one.kept()]
    finally:
        one.kill()
        for chat in chats.values():
            chat.stop()


@pytest.fixture(params=["slack", "discord"])
def scene(scenes, request) -> Scene:
    return scenes[request.param]


def judged(scene, before: int, secret: str = CANARY):
    """All that was sent since."""
    for line in scene.chat.sent()[before:]:
        foreign.harmless(scene.chat.name, line["body"])
        assert secret not in json.dumps(line), "a secret came out"
    assert not scene.chat.pinged(), scene.chat.pinged()
    assert scene.bot.process.poll() is None and not scene.bot.faults(), scene.bot.log()[-500:]


@pytest.mark.parametrize("name", TEXTS)
def test_what_an_account_says_is_shown_and_does_nothing(scene, name):
    room, before = scene.rooms[name], len(scene.chat.sent())
    for incident in scene.planted[name]:
        card = room.slash(incident.target).answer(seconds=60)
        assert card.outcome == incident.expected["outcome"], card.text
        assert card.cause and card.cause[0] in incident.expected["root"], card.text
        if "Fix" in card.buttons:
            room.press(card, "Fix").answer()
        room.press(card, "Evidence").answer()
        room.press(card, "Wrong?").refused("thank")
    for file in room.files().values():
        assert CANARY not in file and len(file) < 600_000
        assert not [letter for letter in file if ord(letter) < 32 and letter not in "\n\t"]
    judged(scene, before)


@pytest.mark.parametrize("name", TEXTS)
def test_what_a_person_says_is_shown_and_does_nothing(scene, name):
    # His own words may be repeated to him.
    room, text = scene.rooms[name], TEXTS[name].replace(CANARY, CANARY[::-1])
    before = len(scene.chat.sent())
    # Neither platform lets a person write more.
    text = text[: 39_000 if scene.chat.name == "slack" else 3_900]
    for ask in (room.slash, room.mention):
        asked = ask(text)
        room.until(lambda asked=asked: [one for one in [*asked.new(), *room.whispers()] if one.id not in asked.before and not one.waits], what="any answer")
    asked = room.slash(f"h0/{text[:300]}")
    room.until(lambda: [one for one in asked.new() if not one.waits], what="any answer")
    judged(scene, before)


@pytest.mark.parametrize("name", [name for name in TEXTS if name not in LARGE])
def test_what_is_pasted_is_shown_and_does_nothing(scene, name):
    pasted_secret = CANARY.replace("CANARY", "PASTED")
    room, text = scene.rooms[name], TEXTS[name].replace(CANARY, pasted_secret)
    before = len(scene.chat.sent())
    task = {"taskArn": text, "stoppedReason": f"Essential container in task exited {text}", "group": text, "stopCode": text}
    task["containers"] = [{"name": f"no name {text}", "image": text, "exitCode": 1, "reason": text}]
    pasted = [f"CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref web:v1: {text}"[:3900], json.dumps({"tasks": [task]})]
    for one in pasted:
        asked = room.mention(one)
        card = asked.answer()
        for label in card.buttons:
            asked = room.press(card, label)
            room.until(lambda asked=asked: [one for one in [*asked.new(), *room.whispers()] if one.id not in asked.before], what="any answer")
    judged(scene, before, pasted_secret)


def test_what_is_typed_into_a_list_does_nothing(scene):
    room = next(iter(scene.rooms.values()))
    card = room.slash("help").answer("0123abcd") if scene.chat.name == "slack" else None
    if card is not None and not scene.chat.can_suggest(card):
        pytest.skip("there is no list in this card")
    for text in TEXTS.values():
        assert len(room.suggest(text[:100], card=card)) <= 25


# What a platform says


SENSELESS = ["", "{", "null", "[]", "1", '"x"', "{}", '{"type":"events_api"}', '{"type":"hello"}', '{"type":"no such thing","envelope_id":"e1","payload":{}}',
             '{"type":"events_api","envelope_id":"e2","payload":null}', '{"type":"events_api","envelope_id":"e3","payload":{"event":{"type":1}}}',
             '{"type":"interactive","envelope_id":"e4","payload":{"type":"block_actions"}}', '{"type":"slash_commands","envelope_id":"e5","payload":{"text":[]}}',
             '{"type":"slash_commands","envelope_id":7,"payload":{}}', '{"op":0}', '{"op":"x","d":1}', '{"op":0,"t":"MESSAGE_CREATE","s":null,"d":null}',
             '{"op":0,"t":"INTERACTION_CREATE","s":1,"d":{"id":"x"}}', '{"op":0,"t":"NO_SUCH","s":2,"d":{}}', '{"op":99,"d":{}}', '{"op":10,"d":{}}',
             "[" * 20_000, '{"d":' * 5_000, '{"type":"events_api","envelope_id":"' + "x" * 500_000 + '"}', "\u202e\u0000", '{"op":11}']  # fmt: skip


def test_frames_that_make_no_sense_harm_nobody(scene):
    room = scene.rooms["html"]
    for frame in SENSELESS:
        scene.chat.frame(frame)
    scene.chat.frame(b"\x00\xff\xfe binary")
    scene.chat.frame(b"x" * 300_000)
    scene.bot.wait_ready()
    scene.chat.connected()
    assert room.slash("help").acknowledged() < 3
    room.until(lambda: room.cards(), what="help")
    assert scene.bot.process.poll() is None and not scene.bot.faults()


@pytest.mark.parametrize("body", ["<html>oops</html>", "", "null", "[]", "{}", '{"ok":true}', '{"ok":"yes","ts":7}', "x" * 3_000_000, '{"id":"not a number","channel_id":{}}'])
def test_answers_that_make_no_sense_harm_nobody(scene, body):
    room = scene.rooms["html"]
    incident = scene.planted["html"][0]
    scene.chat.disturb("post", "body", times=1, body=body)
    asked = room.slash(incident.target)
    assert asked.acknowledged() < 3
    room.until(lambda: [one for one in asked.new() if one.outcome], 60, "the answer")
    assert len([one for one in asked.new() if one.outcome]) == 1
    assert scene.bot.process.poll() is None and not scene.bot.faults()
