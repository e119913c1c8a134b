"""Slack over HTTP: only what Slack signed, in the last five minutes, is read; and what is signed and makes no sense harms nobody."""

import json
import socket
import time
import urllib.parse

import incidents
import pytest
from conftest import channel
from fake_slack import Delivery
from fake_slack.deliveries import http_body, signature

ROLE = incidents.named("execution-role-renamed")


@pytest.fixture(scope="module")
def door(tmp_path_factory, bot, messages):
    """A bot that hears over HTTP, and one room."""
    from conftest import PLENTY, chat_of
    from program import Bot

    chat = chat_of("slack-http", messages / "signatures.jsonl")
    room = chat.room()
    tables = {"slack": chat.table, "limits": PLENTY, "channel": [channel(room, clusters=["prod"])], "recorded": {"evidence": [str(ROLE.file)]}}
    one = Bot(bot, tmp_path_factory.mktemp("signatures"), tables, chat.environment).start()
    yield one, chat, room
    assert one.stop() == 0 and not one.faults()
    assert chat.fake.signing_secret.encode() not in one.kept()
    chat.stop()


def command(chat, room, **more) -> Delivery:
    """A command that nobody sends yet."""
    payload = {"team_id": chat.fake.team, "channel_id": room.id, "user_id": "U0ANN", "command": "/why", "text": "prod/identity"}
    payload |= {"response_url": chat.fake.web.response_url(room.channel, "U0ANN"), "trigger_id": chat.fake._trigger(), **more}
    return Delivery("slash_commands", payload)


def forged(chat, body: str) -> dict[str, dict]:
    """Headers that are not Slack's."""
    now, secret = int(time.time()), chat.fake.signing_secret
    good = chat.fake.deliveries.signed(body)
    stamp = "X-Slack-Request-Timestamp"
    sign = "X-Slack-Signature"
    return {
        "none": {},
        "no signature": {stamp: good[stamp]},
        "no time": {sign: good[sign]},
        "an empty signature": {**good, sign: ""},
        "another secret": chat.fake.deliveries.signed(body, secret="0" * 32),
        "no secret": chat.fake.deliveries.signed(body, secret=" "),
        "of another body": chat.fake.deliveries.signed(body + " "),
        "of another time": {**good, stamp: str(now - 1)},
        "old": chat.fake.deliveries.signed(body, at=now - 301),
        "a day old": chat.fake.deliveries.signed(body, at=now - 86_400),
        "of the future": chat.fake.deliveries.signed(body, at=now + 400),
        "another version": {**good, sign: good[sign].replace("v0=", "v1=")},
        "cut": {**good, sign: good[sign][:-2]},
        "longer": {**good, sign: good[sign] + "00"},
        "in capitals": {**good, sign: good[sign].upper()},
        "no number": {**good, stamp: "now"},
        "a negative time": {stamp: "-1", sign: signature(secret, -1, body)},
        "a huge time": {stamp: "9" * 40, sign: good[sign]},
    }


@pytest.mark.parametrize("how", forged(type("C", (), {"fake": __import__("fake_slack").FakeSlack()})(), "x"))
def test_what_slack_did_not_sign_now_is_refused(door, how):
    bot, chat, room = door
    delivery = command(chat, room)
    _, body = http_body(delivery)
    before, lines = len(room.all() + room.whispers()), len(bot.audits())
    status, text = chat.fake.post_raw(chat.address, delivery, headers=forged(chat, body)[how])
    assert status in (400, 401, 403), f"{status}: {text}"
    assert chat.fake.signing_secret not in text and len(text) < 200
    time.sleep(0.1)
    assert (len(room.all() + room.whispers()), len(bot.audits())) == (before, lines)


def test_a_request_that_is_replayed_is_one_question(door):
    bot, chat, room = door
    delivery = command(chat, room)
    _, body = http_body(delivery)
    headers = chat.fake.deliveries.signed(body)
    before = len(room.all())
    statuses = [chat.fake.post_raw(chat.address, delivery, headers=headers)[0] for _ in range(5)]
    assert statuses == [200] * 5
    room.until(lambda: len(room.cards()) == before + 1, what="one answer")
    time.sleep(0.5)
    assert len(room.all()) == before + 1


def test_the_challenge_is_answered_only_if_it_is_signed(door):
    _, chat, room = door
    body = json.dumps({"type": "url_verification", "challenge": "c4a11e", "token": "legacy"})
    delivery = Delivery("events_api", json.loads(body))
    status, text = chat.fake.post_raw(chat.address, delivery, body=body)
    assert status == 200 and "c4a11e" in text
    status, text = chat.fake.post_raw(chat.address, delivery, headers={}, body=body)
    assert status == 401 and "c4a11e" not in text


JSON, FORM = "events_api", "slash_commands"
SENSELESS = {
    "nothing": (JSON, ""),
    "no JSON": (JSON, "{"),
    "a number": (JSON, "1"),
    "null": (JSON, "null"),
    "a list": (JSON, "[]"),
    "no event": (JSON, '{"type":"event_callback"}'),
    "an event of text": (JSON, '{"type":"event_callback","event":"app_mention"}'),
    "numbers for texts": (JSON, '{"type":"event_callback","team_id":1,"event":{"type":"app_mention","user":2,"text":3,"ts":4,"channel":5}}'),
    "deep": (JSON, "[" * 50_000),
    "deep objects": (JSON, '{"event":' * 20_000),
    "a megabyte": (JSON, json.dumps({"type": "event_callback", "event": {"type": "app_mention", "text": "x" * 900_000}})),
    "a form of rubbish": (FORM, "%%%&&&===%00%ff"),
    "a form with half of it": (FORM, "command=%2Fwhy&text=x"),
    "another command": (FORM, "command=%2Fother&channel_id=C1&user_id=U1&response_url=http%3A%2F%2F127.0.0.1&trigger_id=t&text=x"),
    "a payload that is none": (FORM, urllib.parse.urlencode({"payload": "{"})),
    "a payload of another kind": (FORM, urllib.parse.urlencode({"payload": '{"type":"view_submission","user":{"id":"U1"}}'})),
    "a press of nothing": (FORM, urllib.parse.urlencode({"payload": '{"type":"block_actions","user":{"id":"U1"},"actions":[]}'})),
    "many fields": (FORM, "&".join(f"f{n}=1" for n in range(50_000))),
}


@pytest.mark.parametrize("what", SENSELESS)
def test_what_is_signed_and_makes_no_sense_harms_nobody(door, what):
    bot, chat, room = door
    kind, body = SENSELESS[what]
    before = len(room.all() + room.whispers())
    status, text = chat.fake.post_raw(chat.address, Delivery(kind, {}), body=body)
    assert status in (200, 400, 413), f"{status}: {text[:200]}"
    assert bot.process.poll() is None and not bot.faults() and bot.is_ready()
    assert len(room.all() + room.whispers()) == before


def test_too_much_is_not_read(door):
    bot, chat, _ = door
    status, _ = chat.fake.post_raw(chat.address, Delivery("events_api", {}), body='"' + "x" * (3 << 20) + '"')
    assert status == 413
    assert bot.is_ready()


def test_bytes_that_are_no_text_are_refused(door):
    bot, chat, _ = door
    body = b"payload=\xff\xfe"
    headers = chat.fake.deliveries.signed("x")
    lines = [f"POST /slack/events HTTP/1.1", "Host: x", f"Content-Length: {len(body)}", "Connection: close", *[f"{n}: {v}" for n, v in headers.items()]]
    with socket.create_connection(("127.0.0.1", chat.http), 5) as raw:
        raw.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        assert raw.recv(1000).split()[1] in (b"400", b"401")
    assert bot.is_ready()


@pytest.mark.parametrize(("request_line", "statuses"), [("GET /slack/events HTTP/1.1", "405"), ("POST / HTTP/1.1", "404"), ("POST /slack/events/.. HTTP/1.1", "404"), ("BREW /slack/events HTTP/9.9", "400 405 505")])
def test_other_requests_are_for_nobody(door, request_line, statuses):
    bot, chat, _ = door
    with socket.create_connection(("127.0.0.1", chat.http), 5) as raw:
        raw.sendall(f"{request_line}\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        assert raw.recv(1000).split()[1].decode() in statuses
    assert bot.is_ready()


def test_who_sends_slowly_holds_nobody_up(door):
    bot, chat, room = door
    slow = []
    try:
        for _ in range(100):
            one = socket.create_connection(("127.0.0.1", chat.http), 5)
            one.sendall(b"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\nx")
            slow.append(one)
        asked = room.slash("prod/identity")
        assert asked.acknowledged() < 3
        asked.answer()
    finally:
        for one in slow:
            one.close()
