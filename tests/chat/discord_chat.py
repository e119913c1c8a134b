"""Discord for the tests: see `rooms.py`. What plays it lives in a loop of its own, which is asked from the tests' thread."""

import asyncio
import re
import threading

import reading
from fake_discord import FakeDiscord
from reading import Card
from rooms import Asked, Room

# How the bot says something on Discord, and changes it.
PATHS = {"post": re.compile(r"^(POST /channels/\d+/messages$|PATCH /webhooks/.*@original)"), "edit": re.compile(r"^PATCH /")}


class DiscordChat:
    """One guild."""

    name = "discord"
    acknowledges_words = False

    def __init__(self, record=None, rates: bool = False):
        self.fake = FakeDiscord(record=record, rate_limits=rates)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="discord", daemon=True)

    def start(self):
        self._thread.start()
        self.run(self.fake.start())
        return self

    def stop(self):
        self.run(self.fake.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def run(self, coroutine, seconds: float = 60):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(seconds)

    @property
    def table(self) -> dict:
        return {"guilds": ["2001"], "api-url": self.fake.url, "application": str(self.fake.application)}

    @property
    def environment(self) -> dict[str, str]:
        return {"DISCORD_TOKEN": self.fake.token}

    def secrets(self) -> list[str]:
        return [self.fake.token]

    def room(self, member: bool = True) -> Room:
        channel = self._now(lambda: self.fake.channel("incidents"))
        channel.forbidden = not member
        return Room(self, channel)

    def _now(self, call):
        async def run():
            return call()

        return self.run(run())

    def direct(self, user: str) -> Room:
        person = self.person(user)
        found = [one for one in self.fake.channels.values() if one.kind == 1 and one.name == person]
        return Room(self, found[0] if found else self._now(lambda: self.fake.channel(person, None, 1)), person)

    def person(self, name: str, roles: tuple[str, ...] = ()) -> str:
        id = str(3000 + sum(ord(letter) * 131**place for place, letter in enumerate(name)))
        if roles:
            self.fake.person(id, list(roles))
        return id

    def slash(self, channel, user, text):
        return self.run(self.fake.slash(channel, text or None, user))

    def mention(self, channel, user, text, thread=None):
        self.run(self.fake.mention(thread or channel, text, user))

    def dm(self, user, text):
        self.run(self.fake.dm(text, user))

    def press(self, channel, card, value, user):
        return self.run(self.fake.forge_press(channel, card.raw, value, user))

    def acknowledged(self, delivery) -> float:
        return self.run(delivery.acknowledged(15))

    def suggest(self, channel, user, typed, card=None) -> list[str]:
        return self.run(self.fake.autocomplete(channel, typed, user))

    def _all(self, channel) -> list[dict]:
        channels = [channel, *[one for one in list(self.fake.channels.values()) if one.parent == channel.id]]
        return [message for one in channels for message in list(one.messages) if message["author"]["id"] == self.fake.user]

    def cards(self, channel) -> list[Card]:
        threads = {one.id for one in list(self.fake.channels.values()) if one.parent}
        made = []
        for message in self._all(channel):
            if not message["flags"] & (64 | 128):
                card = reading.of_discord(message)
                card.thread = message["channel_id"] if message["channel_id"] in threads else None
                made.append(card)
        return made

    def whispers(self, channel) -> list[Card]:
        return [reading.of_discord(message) for message in self._all(channel) if message["flags"] & 64]

    def files(self, channel) -> dict[str, str]:
        return {name: text for message in self._all(channel) for name, text in reading.of_discord(message).files.items()}

    def questions(self, channel) -> list[str]:
        return [message["id"] for message in channel.messages if message["author"]["id"] != self.fake.user]

    def is_reply(self, card: Card, question: str) -> bool:
        return (card.raw.get("message_reference") or {}).get("message_id") == question

    def open_thread(self, channel):
        return self._now(lambda: self.fake.thread(channel))

    def is_in_thread(self, card: Card, thread) -> bool:
        return card.thread == thread.id

    def from_elsewhere(self, room: Room, text: str) -> Asked:
        """A command in the same channel, of another guild."""

        async def ask():
            own, room.channel.guild = room.channel.guild, "9999"
            try:
                return await self.fake.slash(room.channel, text, self.person("stranger"))
            finally:
                room.channel.guild = own

        return room._asked(lambda: self.run(ask()))

    def again(self, delivery):
        """The gateway repeats what it said last, as after a resume."""

        async def repeat():
            session = self.fake.gateway.session
            last = [one for one in session.sent if one["d"].get("id") == delivery.id][-1]
            await self.fake.gateway.dispatch(last["t"], last["d"])

        self.run(repeat())

    def chatter(self, channel):
        words, bob = "why is prod/identity failing", self.person("bob")
        self.run(self.fake.mention(channel, words, bob, bot=True))
        self.run(self.fake.say(channel, words, bob))
        self.run(self.fake.say(channel, f"<@{self.fake.user}> {words}", bob, mentions=[self.fake.user], kind=7))
        self.run(self.fake.say(channel, f"@everyone {words}", bob))

    def refusals(self) -> list:
        return self.fake.errors

    def sent(self) -> list[dict]:
        return self.fake.sent

    def disturb(self, what: str, how: str, **more):
        wait = more.pop("wait", 1.0)
        times = more.pop("times", 1) or 1_000_000
        self.fake.fail(PATHS[what].pattern, how, times=times, retry_after=wait, seconds=wait, **more)

    def pinged(self) -> list:
        return [ping for one in self.fake.channels.values() for message in one.messages if message["author"]["id"] == self.fake.user for ping in message["_pings"]]

    def frame(self, frame: str | bytes):
        async def send():
            session = self.fake.gateway.session
            if session and session.socket:
                await (session.socket.send_str(frame) if isinstance(frame, str) else session.socket.send_bytes(frame))

        self.run(send())

    def calm(self):
        self.fake.faults.clear()

    def tried(self, what: str) -> bool:
        return any(PATHS[what].search(name) for _, name in self.fake.requests)

    def thinking(self, channel) -> list:
        """What was deferred, and has no answer."""
        return channel.thinking

    def lose(self, how: str):
        """`renew` is Discord's op 7; more in `discord_gateway.py`."""
        self.run(self._lose("reconnect" if how == "renew" else how))

    async def _lose(self, how: str):
        gateway = self.fake.gateway
        socket = gateway.session.socket
        await self.fake.drop(how)

        async def awake():
            while not socket.closed:
                await asyncio.sleep(0.02)
            gateway.zombie = False

        if how == "zombie":
            gateway.up.clear()
            self._awake = asyncio.ensure_future(awake())

    def back(self):
        self.connected()

    def connected(self):
        self.run(self.fake.connected(40))
