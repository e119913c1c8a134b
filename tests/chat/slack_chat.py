"""Slack for the tests, by Socket Mode or over HTTP: see `rooms.py`."""

import time

import reading
from fake_slack import FakeSlack
from reading import Card
from rooms import Asked, Room


class SlackChat:
    """Slack, by Socket Mode or over HTTP."""

    name = "slack"
    acknowledges_words = True

    def __init__(self, record=None, http: int | None = None, rates: bool = False):
        self.fake = FakeSlack(record, rates)
        self.http = http  # the port on which the bot hears, instead of Socket Mode
        self._rooms = 0

    def start(self):
        self.fake.start()
        if self.http:
            self.fake.by_http(self.address)
        return self

    def stop(self):
        self.fake.stop()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.http}/slack/events"

    @property
    def table(self) -> dict:
        http = {"http": f"127.0.0.1:{self.http}"} if self.http else {}
        return {"workspaces": [self.fake.team], "api-url": self.fake.api_url, **http}

    @property
    def environment(self) -> dict[str, str]:
        own = {"SLACK_BOT_TOKEN": self.fake.bot_token}
        return own | ({"SLACK_SIGNING_SECRET": self.fake.signing_secret} if self.http else {"SLACK_APP_TOKEN": self.fake.app_token})

    def secrets(self) -> list[str]:
        return [self.fake.bot_token, self.fake.app_token, self.fake.signing_secret]

    def room(self, member: bool = True) -> Room:
        self._rooms += 1
        return Room(self, self.fake.channel(f"C0ROOM{self._rooms:03}", member))

    def direct(self, user: str) -> Room:
        person = self.person(user)
        return Room(self, self.fake.conversation(person), person)

    def person(self, name: str, roles: tuple[str, ...] = ()) -> str:
        id = f"U0{name.upper()}"
        for role in roles:
            self.fake.groups.setdefault(role, []).append(id)
        return id

    def slash(self, channel, user, text):
        return self.fake.slash(channel, user, text)

    def mention(self, channel, user, text, thread=None):
        return self.fake.mention(channel, user, text, thread)

    def dm(self, user, text):
        return self.fake.dm(user, text)

    def press(self, channel, card, value, user):
        place = card.raw.channel
        message = card.raw
        if place is not channel:  # a press from another channel than that of the message
            message = type(card.raw)(channel, card.raw.ts, card.raw.body)
        return self.fake.forge_press(message, value, user)

    def suggest(self, channel, user, typed, card=None) -> list[str]:
        return self.fake.suggest(card.raw, typed, user)

    def acknowledged(self, delivery) -> float:
        return delivery.wait_acknowledged(15)

    def cards(self, channel) -> list[Card]:
        return [reading.of_slack(message) for message in list(channel.messages) if message.by_bot and not message.files]

    def whispers(self, channel) -> list[Card]:
        return [reading.of_slack(message) for _, message in list(channel.whispers)]

    def files(self, channel) -> dict[str, str]:
        return {file["name"]: file["content"] for message in list(channel.uploads) for file in message.files}

    def questions(self, channel) -> list[str]:
        """What people said there, by id."""
        return [message.ts for message in channel.messages if not message.by_bot]

    def is_reply(self, card: Card, question: str) -> bool:
        return card.thread == question

    def open_thread(self, channel) -> str:
        """A thread in which people talk."""
        return self.fake.say(channel, self.person("bob"), "let us look at this here").ts

    def is_in_thread(self, card: Card, thread: str) -> bool:
        return card.thread == thread

    def from_elsewhere(self, room: Room, text: str) -> Asked:
        """A command of somebody of another workspace, in a channel that both share."""
        elsewhere = {"team_id": "T0OTHER"}
        return room._asked(lambda: self.fake.slash(room.channel, self.person("stranger"), text, **elsewhere))

    def can_suggest(self, card: Card) -> bool:
        return any(element.get("type") == "external_select" for element in card.raw.elements())

    def again(self, delivery):
        self.fake.deliver_again(delivery).wait_acknowledged(15)

    def chatter(self, channel):
        """What is said there and does not ask the bot, though it is told of some of it."""
        words, bob = f"<@{self.fake.bot_user}> why is prod/identity failing", self.person("bob")
        said = self.fake.say(channel, bob, words)
        of_program = {"type": "app_mention", "channel": channel.id, "ts": said.ts, "text": words, "user": bob}
        for more in ({"bot_id": "B0OTHER"}, {"subtype": "bot_message"}, {"edited": {"user": bob, "ts": said.ts}}, {"user": self.fake.bot_user}):
            self.fake.event({**of_program, **more}).wait_acknowledged(15)
        changed = {"type": "message", "subtype": "message_changed", "channel": channel.id, "channel_type": "im", "message": said.body}
        self.fake.event(changed).wait_acknowledged(15)

    def refusals(self) -> list[str]:
        return self.fake.refusals

    def sent(self) -> list[dict]:
        return self.fake.sent

    def disturb(self, what: str, how: str, **more):
        """`what`: `post` or `edit`; `how`: `429`, `500`, `lost`, `cut`."""
        self.fake.trouble({"post": "chat.postMessage", "edit": "chat.update"}[what], how, **more)

    def pinged(self) -> list:
        """Whom a message has called; in Slack that is read from the message itself (`foreign.py`)."""
        return []

    def frame(self, frame: str | bytes):
        """What nobody expects on a connection."""

        async def send():
            for socket in self.fake.deliveries.sockets[:1]:
                await (socket.send_str(frame) if isinstance(frame, str) else socket.send_bytes(frame))

        self.fake._in_loop(send())

    def calm(self):
        """Nothing goes wrong any more."""
        self.fake.troubles.clear()

    def tried(self, what: str) -> bool:
        """Whether the bot has tried it."""
        return any(method == {"post": "chat.postMessage", "edit": "chat.update"}[what] for method, _ in self.fake.web.calls)

    def thinking(self, channel) -> list:
        return []

    def lose(self, how: str):
        """The connections are lost: `renew` as Slack does it now and then, `abort` as a network does it."""
        self._opened = self.fake.deliveries.opened
        if how == "renew":
            self.fake.renew_connections(0.1)
        elif not self.http:
            self.fake.kill_connections()

    def back(self):
        """Until a new connection stands: the old ones may look alive for a moment."""
        end = time.monotonic() + 40
        while not self.http and (self.fake.deliveries.opened <= self._opened or not self.fake.deliveries.sockets):
            assert time.monotonic() < end, "the bot has not connected again"
            time.sleep(0.02)

    def connected(self):
        if not self.http:
            self.fake.wait_connected(40)
