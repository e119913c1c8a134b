"""What plays Discord speaks as Discord's documentation says, and refuses what Discord refuses."""

import asyncio
import functools

import pytest
from aiohttp import ClientSession
from fake_discord import FakeDiscord

AGENT = {"User-Agent": "DiscordBot (https://example.com, 1)"}


class Client:
    """The least that is a bot."""

    def __init__(self, fake, web):
        self.fake, self.web = fake, web
        self.headers = {"Authorization": f"Bot {fake.token}", **AGENT}

    async def __call__(self, method, path, body=None):
        """The status, and the answer."""
        async with self.web.request(method, f"{self.fake.url}/api/v10{path}", json=body, headers=self.headers) as answer:
            return answer.status, (await answer.json() if answer.content_type == "application/json" and await answer.read() else None)

    async def acknowledge(self, asked, answer):
        return await self("POST", f"/interactions/{asked.id}/{asked.token}/callback", answer)

    async def hook(self, asked, method, which, body=None):
        return await self(method, f"/webhooks/{self.fake.application}/{asked.token}{which}", body)

    async def connect(self, resume=None, token=None):
        socket = await self.web.ws_connect(self.fake.gateway_url + "?v=10")
        assert (await next_of(socket))["op"] == 10
        token = token or self.fake.token
        if resume:
            await socket.send_json({"op": 6, "d": {"token": token, "session_id": resume[0], "seq": resume[1]}})
        else:
            await socket.send_json({"op": 2, "d": {"token": token, "intents": 1 << 9 | 1 << 12, "properties": {}}})
        return socket


async def next_of(socket):
    return await asyncio.wait_for(socket.receive_json(), 5)


def played(test=None, **how):
    """Runs the test with a Discord of its own."""
    if test is None:
        return functools.partial(played, **how)

    def run(**given):
        async def play():
            fake = await FakeDiscord(**{"rate_limits": False, **how}).start()
            try:
                async with ClientSession() as web:
                    await test(fake, Client(fake, web), **given)
            finally:
                await fake.stop()

        asyncio.run(play())

    run.__name__, run.__doc__ = test.__name__, test.__doc__
    return run


@played
async def test_a_nonce_makes_one_message_and_is_not_in_the_history(fake, client):
    channel = fake.channel()
    path = f"/channels/{channel.id}/messages"
    said = {"content": "one @everyone", "nonce": "k1", "enforce_nonce": True}
    first, second = (await client("POST", path, said))[1], (await client("POST", path, said))[1]
    assert first["id"] == second["id"] and first["nonce"] == "k1" and len(channel.cards) == 1
    assert "nonce" not in (await client("GET", path))[1][0]
    assert channel.messages[0]["_pings"] == ["@everyone"]


@played
async def test_pages_go_from_an_id_on_and_begin_with_the_newest(fake, client):
    channel = fake.channel()
    for number in range(5):
        await fake.say(channel, str(number))
    first = channel.messages[0]["id"]
    page = (await client("GET", f"/channels/{channel.id}/messages?after={first}&limit=3"))[1]
    assert [message["content"] for message in page] == ["3", "2", "1"]
    assert (await client("GET", f"/channels/{channel.id}/messages?limit=101"))[0] == 400


def button(**change):
    return {"type": 2, "style": 1, "label": "a", "custom_id": "q", **change}


REFUSED = {
    "nothing": ({}, 50006),
    "a long text": ({"content": "x" * 2001}, 50035),
    "a long title": ({"embeds": [{"title": "x" * 257}]}, 50035),
    "a long description": ({"embeds": [{"description": "x" * 4097}]}, 50035),
    "too much together": ({"embeds": [{"description": "x" * 3500}, {"description": "x" * 2501}]}, 50035),
    "an empty field": ({"embeds": [{"fields": [{"name": "a", "value": " "}]}]}, 50035),
    "too many fields": ({"embeds": [{"fields": [{"name": "a", "value": "b"}] * 26}]}, 50035),
    "no address": ({"embeds": [{"title": "x", "url": "javascript:1"}]}, 50035),
    "an empty embed": ({"embeds": [{}]}, 50035),
    "a long nonce": ({"content": "x", "nonce": "x" * 26}, 50035),
    "an empty row": ({"content": "x", "components": [{"type": 1, "components": []}]}, 50035),
    "six buttons": ({"content": "x", "components": [{"type": 1, "components": [button(custom_id=str(n)) for n in range(6)]}]}, 50035),
    "a button twice": ({"content": "x", "components": [{"type": 1, "components": [button(), button()]}]}, 50035),
    "a long custom_id": ({"content": "x", "components": [{"type": 1, "components": [button(custom_id="q" * 101)]}]}, 50035),
    "a long label": ({"content": "x", "components": [{"type": 1, "components": [button(label="q" * 81)]}]}, 50035),
    "a file that is not there": ({"content": "x", "attachments": [{"id": 0, "filename": "a"}]}, 50035),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_discord_refuses_is_refused(what):
    said, code = REFUSED[what]

    @played
    async def play(fake, client):
        channel = fake.channel()
        status, answer = await client("POST", f"/channels/{channel.id}/messages", said)
        assert (status, answer["code"]) == (400, code) and not channel.messages and fake.errors
        assert fake.sent[0]["ok"] is False

    play()


@played
async def test_strangers_are_refused(fake, client):
    channel, ours = fake.channel(), client.headers
    for headers, status in [({**AGENT, "Authorization": "Bot other"}, 401), ({**ours, "User-Agent": "curl"}, 403)]:
        client.headers = headers
        assert (await client("GET", f"/channels/{channel.id}"))[0] == status


@played
async def test_an_interaction_is_answered_once_in_three_seconds_and_by_its_token_afterwards(fake, client):
    channel = fake.channel()
    asked = await fake.slash(channel, "prod")
    assert (await client.hook(asked, "PATCH", "/messages/@original", {"content": "x"}))[1]["code"] == 10015
    assert (await client.acknowledge(asked, {"type": 6}))[0] == 400
    assert (await client.acknowledge(asked, {"type": 5}))[0] == 204
    assert (await client.acknowledge(asked, {"type": 5}))[1]["code"] == 40060
    assert channel.thinking and not channel.cards
    await client.hook(asked, "PATCH", "/messages/@original", {"content": "because"})
    assert await asked.answer() is channel.cards[0] and not channel.thinking
    late = await fake.slash(channel)
    late.began -= 3.1
    assert (await client.acknowledge(late, {"type": 5}))[1]["code"] == 10062
    asked.began -= 901
    assert (await client.hook(asked, "PATCH", "/messages/@original", {"content": "x"}))[1]["code"] == 50027


@played
async def test_the_first_follow_up_takes_what_was_deferred_and_stays_public(fake, client):
    channel = fake.channel()
    asked, other = await fake.slash(channel), await fake.slash(channel)
    for one in (asked, other):
        await client.acknowledge(one, {"type": 5})
    await client.hook(asked, "POST", "?wait=true", {"content": "to all", "flags": 64})
    assert channel.cards[0]["content"] == "to all" and not channel.whispers
    await client.hook(other, "DELETE", "/messages/@original")
    await client.hook(other, "POST", "?wait=true", {"content": "to one", "flags": 64})
    assert [one["content"] for one in channel.whispers] == ["to one"] and len(channel.cards) == 1


@played
async def test_a_thread_is_made_once_and_has_its_messages_id(fake, client):
    channel = fake.channel()
    message = await fake.say(channel, "why?")
    path = f"/channels/{channel.id}/messages/{message['id']}/threads"
    assert (await client("POST", path, {"name": "why"}))[1]["id"] == message["id"]
    assert (await client("POST", path, {"name": "why"}))[1]["code"] == 160004
    assert fake.channels[message["id"]].parent == channel.id


@played
async def test_troubles_come_as_often_as_wanted(fake, client):
    channel = fake.channel()
    path = f"/channels/{channel.id}/messages"
    fake.fail("POST /channels", "429", retry_after=7, after=1)
    fake.fail("GET /channels", "lost", times=2)
    assert (await client("POST", path, {"content": "a"}))[0] == 200
    status, answer = await client("POST", path, {"content": "b"})
    assert (status, answer["retry_after"], len(channel.cards)) == (429, 7, 1)
    assert (await client("POST", path, {"content": "c"}))[0] == 200
    assert [(await client("GET", path))[0] for _ in range(3)] == [500, 500, 200]


@played(rate_limits=True)
async def test_rates_are_told_and_held(fake, client):
    path = f"/channels/{fake.channel().id}/messages"
    answers = [(await client("POST", path, {"content": "x"}))[0] for _ in range(6)]
    assert answers == [200] * 5 + [429]


@played
async def test_a_gateway_repeats_what_was_missed_to_who_resumes(fake, client):
    socket = await client.connect()
    ready = await next_of(socket)
    channel = fake.channel()
    await socket.send_json({"op": 1, "d": 1})
    assert (await next_of(socket))["op"] == 11
    await fake.drop()
    await fake.mention(channel, "why?")
    socket = await client.connect((ready["d"]["session_id"], ready["s"]))
    missed = await next_of(socket)
    assert missed["t"] == "MESSAGE_CREATE" and "why?" in missed["d"]["content"]
    assert (await next_of(socket))["t"] == "RESUMED"
    await fake.drop("invalid")
    assert (await next_of(socket))["op"] == 9
    socket = await client.connect((ready["d"]["session_id"], 1))
    assert await next_of(socket) == {"op": 9, "d": False, "s": None, "t": None}


@played
async def test_words_that_are_not_for_the_bot_are_not_told_to_it(fake, client):
    socket = await client.connect()
    await next_of(socket)
    await fake.say(fake.channel(), "secret")
    assert (await next_of(socket))["d"]["content"] == ""
    await fake.dm("hello")
    assert (await next_of(socket))["d"]["content"] == "hello"


@played
async def test_a_wrong_token_is_shown_the_door(fake, client):
    socket = await client.connect(token="other")
    await socket.receive()
    assert socket.close_code == 4004
