"""A Discord for tests: REST v10, gateway and interactions on 127.0.0.1, as strict as Discord's documentation is.

    fake = FakeDiscord()
    await fake.start()                      # fake.url goes into the bot's `api-url`, fake.token into its environment
    await fake.connected()
    channel = fake.channel("incidents")
    asked = await fake.slash(channel, "prod/payments")
    card = await asked.answer()             # the message, once it says something
    await fake.press(channel, card, "Fix")
    assert len(channel.cards) == 2

It remembers everything: `fake.sent` (every request with a body; also as JSON lines in `record`), `fake.acks` (how long each interaction
waited), `channel.messages` (as they stand now), `fake.errors` (what was refused). `fake.fail(...)` makes it fail.
Run alone it serves until it is killed: `fake_discord.py --port 8765 --record sent.jsonl`.
"""

import argparse
import asyncio
import json
import re
import time
import uuid

import discord_limits as limits
from aiohttp import web
from discord_gateway import DIRECT_MESSAGES, GUILD_MESSAGES, MESSAGE_CONTENT, Gateway
from discord_rest import API, Refused, Rest

EPOCH = 1_420_070_400_000


class Channel:
    """A channel or thread, and what stands in it."""

    def __init__(self, fake, id, name, guild, kind=0, parent=None):
        self.fake, self.id, self.name, self.guild, self.kind, self.parent = fake, str(id), name, guild, kind, parent
        self.messages = []
        self.forbidden = False

    def json(self):
        return {"id": self.id, "type": self.kind, "name": self.name, "guild_id": self.guild, "parent_id": self.parent,
                "permissions": "2147483647"}

    def message(self, id):
        found = [message for message in self.messages if message["id"] == str(id)]
        if not found:
            raise Refused(404, 10008, "Unknown Message")
        return found[0]

    @property
    def cards(self):
        """What the bot said here for all to read, and that says something."""
        return [m for m in self.messages
                if m["author"]["id"] == self.fake.user and not m["flags"] & (limits.EPHEMERAL | limits.LOADING)]

    @property
    def whispers(self):
        return [m for m in self.messages if m["flags"] & limits.EPHEMERAL]

    @property
    def thinking(self):
        """What was deferred and never answered."""
        return [m for m in self.messages if m["flags"] & limits.LOADING]


class Interaction:
    """A command, a press, or a name being typed."""

    def __init__(self, fake, kind, channel, user, source=None):
        self.fake, self.kind, self.channel, self.user, self.source = fake, kind, channel, user, source
        self.id, self.token = fake.snowflake(), "aW50ZXJhY3Rpb24." + uuid.uuid4().hex
        self.began = None
        self.response = None
        self.waited = None
        self.original = None
        self.choices = None
        self.changed = asyncio.Event()

    async def acknowledged(self, timeout=5.0):
        """How long it took until the bot answered at all."""
        await self.fake.until(lambda: self.response is not None, timeout, "no acknowledgement")
        return self.waited

    async def answer(self, timeout=20.0, says=None):
        """The message that answers, once it is more than "thinking" (and, if wanted, holds these words)."""
        def there():
            message = self.original
            return message and not message["flags"] & limits.LOADING and (not says or says in json.dumps(message))
        await self.fake.until(there, timeout, f"no answer{' with ' + says if says else ''}")
        return self.original


class FakeDiscord(Rest):
    """See the module."""

    def __init__(self, record=None, rate_limits=True, heartbeat=1000, token_lives=900.0, nonce_lives=300.0):
        self.token = "MTA.test." + uuid.uuid4().hex
        self.application, self.user = 1001, "1002"
        self.guilds = {"2001"}
        self.members = {}
        self.channels = {}
        self.interactions = {}
        self.commands = {}
        self.record, self.rate_limits = record, rate_limits
        self.token_lives, self.nonce_lives = token_lives, nonce_lives
        self.forbidden_intents = 0
        self.gateway = Gateway(self, heartbeat)
        self.dropping = False
        self.sent, self.errors, self.acks, self.requests = [], [], [], []
        self.faults, self.spent = [], {}
        self.last_id = 0
        self.gateway_address = None
        self.nonces = {}
        self.runner = None

    # Starting and ending

    async def start(self, port=0):
        app = web.Application(client_max_size=32 << 20, middlewares=[self.middleware])
        app.router.add_get("/gw", self.gateway.serve)
        app.router.add_get("/gw/", self.gateway.serve)
        app.router.add_route("*", API + "/{path:.*}", self.rest)
        self.runner = web.AppRunner(app, shutdown_timeout=0.2)
        await self.runner.setup()
        site = web.TCPSite(self.runner, "127.0.0.1", port)
        await site.start()
        port = site._server.sockets[0].getsockname()[1]
        self.url, self.gateway_url = f"http://127.0.0.1:{port}", f"ws://127.0.0.1:{port}/gw"
        return self

    async def stop(self):
        await self.runner.cleanup()

    async def connected(self, timeout=15.0):
        await asyncio.wait_for(self.gateway.up.wait(), timeout)

    async def drop(self, how="abort"):
        await self.gateway.drop(how)

    async def until(self, holds, timeout, what):
        end = time.monotonic() + timeout
        while not holds():
            if time.monotonic() > end:
                raise TimeoutError(f"{what}; refused so far: {self.errors[-3:]}")
            await asyncio.sleep(0.01)

    def fail(self, match, how, times=1, after=0, **more):
        """The next requests whose "METHOD /path" matches: `429` (retry_after=, everywhere=), `500`, `lost` (it is done, and answered 500),
        `cut` (it is done, and the connection is cut), `drop` (it is not done, and the connection is cut), `slow` (seconds=),
        `held` (it is done, and the answer comes after seconds=), `body` (it is done, and answered with body=).
        The first `after` of them pass."""
        self.faults.append({"match": re.compile(match), "how": str(how), "times": times, "after": after, **more})

    # What people do

    def snowflake(self):
        self.last_id = max(self.last_id + 1, (int(time.time() * 1000) - EPOCH) << 22)
        return str(self.last_id)

    def channel(self, name="incidents", guild="2001", kind=0, parent=None, id=None):
        channel = Channel(self, id or self.snowflake(), name, guild, kind, parent)
        self.guilds |= {guild} if guild else set()
        self.channels[channel.id] = channel
        return channel

    def thread(self, parent, name="a thread"):
        return self.channel(name, parent.guild, 11, parent.id)

    def person(self, id="3001", roles=()):
        self.members[id] = list(roles)
        return id

    async def slash(self, channel, target=None, user="3001"):
        options = [] if target is None else [{"name": "target", "type": 3, "value": target}]
        data = {"id": "5001", "name": "why", "type": 1, "options": options}
        return await self.interact("command", 2, channel, user, data)

    async def autocomplete(self, channel, typed, user="3001", timeout=3.0):
        option = {"name": "target", "type": 3, "value": typed, "focused": True}
        data = {"id": "5001", "name": "why", "type": 1, "options": [option]}
        asked = await self.interact("autocomplete", 4, channel, user, data)
        await asked.acknowledged(timeout)
        return [choice["value"] for choice in asked.choices]

    async def press(self, channel, message, button, user="3001"):
        """Presses the button with this label or custom_id."""
        buttons = [part for row in message["components"] for part in row["components"]]
        found = [part for part in buttons if button in (part.get("label"), part.get("custom_id"))]
        if not found:
            raise AssertionError(f"no button {button!r} among {[part.get('label') for part in buttons]}")
        return await self.forge_press(channel, message, found[0]["custom_id"], user)

    async def forge_press(self, channel, message, custom_id, user="3001"):
        """A press of any custom_id, there or not, as a hostile client sends it."""
        data = {"custom_id": custom_id, "component_type": 2}
        return await self.interact("component", 3, channel, user, data, message)

    async def interact(self, kind, number, channel, user, data, source=None):
        asked = Interaction(self, kind, channel, user, source)
        self.interactions[asked.token] = asked
        event = {
            "id": asked.id, "application_id": str(self.application), "type": number, "data": data, "token": asked.token,
            "version": 1, "channel_id": channel.id, "channel": channel.json(), "app_permissions": "2147483647",
            "locale": "en-US", "entitlements": [], "authorizing_integration_owners": {"0": channel.guild or "0"},
            "context": 0 if channel.guild else 1, "attachment_size_limit": 10485760,
        }
        if channel.guild:
            event |= {"guild_id": channel.guild, "guild_locale": "en-US", "member": self.member(user, channel.guild)}
        else:
            event["user"] = self.user_json(user)
        if source:
            event["message"] = self.public(source)
        asked.began = time.monotonic()
        asked.delivered = await self.gateway.dispatch("INTERACTION_CREATE", event)
        return asked

    async def say(self, channel, content, user="3001", bot=False, mentions=(), kind=0):
        """A message of somebody, as it is."""
        message = self.new_message(channel, {"content": content}, user, bot)
        message["type"] = kind
        message["mentions"] = [self.user_json(one, one == self.user) for one in mentions]
        await self.announce(channel, message)
        return message

    async def mention(self, channel, words, user="3001", bot=False):
        return await self.say(channel, f"<@{self.user}> {words}", user, bot, [self.user])

    async def dm(self, words, user="3001"):
        """A direct message; the channel that it stands in, and the message."""
        found = [c for c in self.channels.values() if c.kind == 1 and c.name == user]
        channel = found[0] if found else self.channel(user, None, 1)
        return channel, await self.say(channel, words, user)

    # What things look like

    def user_json(self, id, bot=False):
        return {"id": id, "username": f"user{id}", "discriminator": "0", "global_name": None, "avatar": None, "bot": bot}

    def bot_user(self):
        return self.user_json(self.user, True) | {"verified": True, "mfa_enabled": False, "email": None, "flags": 0}

    def member(self, user, guild):
        return {"user": self.user_json(user), "roles": self.members.get(user, []), "nick": None, "avatar": None, "deaf": False,
                "mute": False, "joined_at": "2026-01-01T00:00:00.000000+00:00", "premium_since": None, "pending": False,
                "flags": 0, "permissions": "2147483647", "guild_id": guild}

    def new_message(self, channel, body, user, bot=True, files=()):
        message = {
            "id": self.snowflake(), "channel_id": channel.id, "author": self.user_json(user, bot),
            "content": body.get("content") or "", "timestamp": self.now(), "edited_timestamp": None, "tts": False,
            "mention_everyone": False, "mentions": [], "mention_roles": [], "pinned": False, "type": 0,
            "embeds": [{"type": "rich", **embed} for embed in body.get("embeds") or []],
            "components": body.get("components") or [], "flags": body.get("flags") or 0,
            "attachments": [self.attachment(file) for file in files],
            "_pings": limits.pings(body), "_edits": 0, "_nonce": body.get("nonce"), "_at": time.monotonic(),
        }
        if body.get("message_reference"):
            message |= {"type": 19, "message_reference": {"channel_id": channel.id, **body["message_reference"]}}
        channel.messages.append(message)
        return message

    def attachment(self, file):
        id = self.snowflake()
        return {"id": id, "filename": file["filename"], "size": len(file["bytes"]), "url": f"{self.url}/cdn/{id}",
                "proxy_url": f"{self.url}/cdn/{id}", "_text": file["bytes"].decode("utf-8", "replace")}

    def now(self):
        return time.strftime("%Y-%m-%dT%H:%M:%S.000000+00:00", time.gmtime())

    def public(self, message, nonce=False):
        """As Discord shows it: a nonce only to who just sent it."""
        shown = {name: value for name, value in message.items() if not name.startswith("_")}
        shown["attachments"] = [{k: v for k, v in file.items() if not k.startswith("_")} for file in message["attachments"]]
        if nonce and message["_nonce"] is not None:
            shown["nonce"] = message["_nonce"]
        return shown

    async def announce(self, channel, message):
        session = self.gateway.session
        if not session or not session.intents & (GUILD_MESSAGES if channel.guild else DIRECT_MESSAGES):
            return
        event = self.public(message, nonce=True)
        if channel.guild:
            member = self.member(message["author"]["id"], channel.guild)
            member.pop("user")
            event |= {"guild_id": channel.guild, "member": member}
        ours = message["author"]["id"] == self.user or any(one["id"] == self.user for one in message["mentions"])
        if channel.guild and not ours and not session.intents & MESSAGE_CONTENT:
            event |= {"content": "", "embeds": [], "components": [], "attachments": []}
        await self.gateway.dispatch("MESSAGE_CREATE", event)


async def main():
    parser = argparse.ArgumentParser(description="A Discord for tests")
    parser.add_argument("--port", type=int, default=8765)
    parser.add_argument("--record", help="a file for every request with a body, as JSON lines")
    args = parser.parse_args()
    fake = await FakeDiscord(record=args.record).start(args.port)
    print(json.dumps({"url": fake.url, "token": fake.token, "application": fake.application}), flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
