"""The workspace, and what people do in it."""

import asyncio
import itertools
import json
import threading
import time
import uuid
from pathlib import Path

from aiohttp import ClientSession, web

from .channels import Channel, Clock, Message
from .deliveries import Deliveries, Delivery, http_body
from .limits import wrong_options
from .troubles import Rates, Trouble, Troubles
from .webapi import WebApi


class FakeSlack:
    """`sent`: a file that takes every message that the bot sends, as JSON lines; `rates`: whether Slack's own limits hold."""

    team = "T0TEAM"
    bot_user = "U0BOT"
    bot_id = "B0BOT"
    bot_token = "xoxb-1-played"
    app_token = "xapp-1-played"
    signing_secret = "8f742231b10e8888abcd99yyyzzz85a5"
    command = "/why"

    def __init__(self, sent: Path | None = None, rates: bool = False, port: int = 0):
        self.port = port
        self.channels: dict[str, Channel] = {}
        self.groups: dict[str, list[str]] = {}
        self.troubles = Troubles()
        self.rates = Rates(rates)
        self.deliveries = Deliveries("A0")
        self.deliveries.secret = self.signing_secret
        self.web = WebApi(self)
        self.sent: list[dict] = []
        self._file = sent.open("a") if sent else None
        self._clock = Clock()
        self._ids = itertools.count(1)
        self._lock = threading.Lock()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="slack", daemon=True)
        self._ready = threading.Event()

    # Beginning and end

    def start(self) -> "FakeSlack":
        self._thread.start()
        if not self._ready.wait(10):
            raise RuntimeError("what plays Slack did not begin")
        return self

    def stop(self):
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        if self._file:
            self._file.close()
            self._file = None

    __enter__ = start

    def __exit__(self, *_):
        self.stop()

    def _run(self):
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())
        self._ready.set()
        self._loop.run_forever()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.run_until_complete(self._runner.cleanup())

    async def _serve(self):
        app = web.Application(client_max_size=16 << 20)
        app.router.add_route("*", "/api/{method}", self.web.call)
        app.router.add_post("/upload/{id}", self.web.upload)
        app.router.add_post("/response/{id}", self.web.respond)
        app.router.add_get("/link/", self.deliveries.socket)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = site._server.sockets[0].getsockname()[1]

    def _in_loop(self, coroutine, seconds: float | None = 30):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(seconds)

    # Where it is

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def api_url(self) -> str:
        return f"{self.url}/api"

    def wait_connected(self, seconds: float = 30):
        if not self.deliveries.connected.wait(seconds):
            raise AssertionError(f"the bot has not connected in {seconds} s")

    def by_http(self, address: str):
        """From now on the bot is told over HTTP, at this address, and not by Socket Mode."""
        self.deliveries.target = address

    # What there is

    def channel(self, id: str, member: bool = True) -> Channel:
        with self._lock:
            if id not in self.channels:
                self.channels[id] = Channel(id, self._clock, member)
            return self.channels[id]

    def conversation(self, user: str) -> Channel:
        """The direct messages of a person with the bot."""
        channel = self.channel(f"D{user[1:]}")
        channel.user = user
        return channel

    def trouble(self, method: str, kind: str, **more) -> Trouble:
        return self.troubles.add(Trouble(method, kind, **more))

    # What people do

    def say(self, channel: Channel, user: str, text: str, thread: str | None = None) -> Message:
        """Something that is said to nobody in particular: the bot is not told."""
        return channel.add({"user": user, "text": text, "team": self.team, **({"thread_ts": thread} if thread else {})})

    def mention(self, channel: Channel, user: str, text: str, thread: str | None = None, **more) -> Delivery:
        message = self.say(channel, user, f"<@{self.bot_user}> {text}", thread)
        return self._event({**message.body, "type": "app_mention", "channel": channel.id, "event_ts": message.ts, **more})

    def dm(self, user: str, text: str, thread: str | None = None, **more) -> Delivery:
        channel = self.conversation(user)
        message = self.say(channel, user, text, thread)
        return self._event({**message.body, "channel": channel.id, "channel_type": "im", "event_ts": message.ts, **more})

    def event(self, event: dict) -> Delivery:
        """Any event, as it is."""
        return self._event(event)

    def _event(self, event: dict) -> Delivery:
        payload = {
            "type": "event_callback",
            "token": "legacy",
            "team_id": self.team,
            "api_app_id": "A0",
            "event": event,
            "event_id": f"Ev{next(self._ids):08}",
            "event_time": int(time.time()),
            "authorizations": [{"team_id": self.team, "user_id": self.bot_user, "is_bot": True, "is_enterprise_install": False}],
        }
        return self._deliver(Delivery("events_api", payload))

    def slash(self, channel: Channel, user: str, text: str = "", command: str | None = None, **more) -> Delivery:
        payload = {
            "token": "legacy",
            "team_id": self.team,
            "team_domain": "played",
            "channel_id": channel.id,
            "channel_name": "directmessage" if channel.direct else "incidents",
            "user_id": user,
            "user_name": user.lower(),
            "command": command or self.command,
            "text": text,
            "api_app_id": "A0",
            "is_enterprise_install": "false",
            "response_url": self.web.response_url(channel, user),
            "trigger_id": self._trigger(),
            **more,
        }
        return self._deliver(Delivery("slash_commands", payload))

    def press(self, message: Message, button: str, user: str, **more) -> Delivery:
        """A button by its label, or by what its action_id begins with."""
        found = message.buttons()
        action = found.get(button) or next((a for a in found.values() if a.startswith(button)), None)
        if action is None:
            raise AssertionError(f"no button `{button}` among {found}")
        element = next(e for e in message.elements() if e.get("action_id") == action)
        pressed = {"type": "button", "action_id": action, "block_id": "b", "text": element["text"], "value": element.get("value")}
        return self._deliver(Delivery("interactive", self._interaction("block_actions", message, user, [pressed]) | more))

    def forge_press(self, message: Message, action: str, user: str, **more) -> Delivery:
        """A press of a button that is not there: a client can send what it likes."""
        pressed = {"type": "button", "action_id": action, "block_id": "b", "value": action}
        return self._deliver(Delivery("interactive", self._interaction("block_actions", message, user, [pressed]) | more))

    def suggest(self, message: Message, typed: str, user: str, seconds: float = 10) -> list[str]:
        """What the message's list offers while this is typed."""
        select = self._select(message)
        payload = self._interaction("block_suggestion", message, user, [])
        payload |= {"action_id": select["action_id"], "block_id": "b", "value": typed}
        del payload["actions"], payload["response_url"], payload["trigger_id"]
        delivery = self._deliver(Delivery("interactive", payload))
        delivery.wait_acknowledged(seconds)
        if wrong := wrong_options(delivery.answer):
            raise AssertionError(f"Slack would not take these options: {wrong}")
        return [option["value"] for option in delivery.answer["options"]]

    def choose(self, message: Message, value: str, user: str) -> Delivery:
        """An entry of the message's list."""
        option = {"text": {"type": "plain_text", "text": value[-75:]}, "value": value}
        chosen = {"type": "external_select", "action_id": self._select(message)["action_id"], "block_id": "b", "selected_option": option}
        return self._deliver(Delivery("interactive", self._interaction("block_actions", message, user, [chosen])))

    def _select(self, message: Message) -> dict:
        return next(e for e in message.elements() if e.get("type") == "external_select")

    def _interaction(self, kind: str, message: Message, user: str, actions: list) -> dict:
        container = {"type": "message", "message_ts": message.ts, "channel_id": message.channel.id, "is_ephemeral": False}
        if message.thread:
            container["thread_ts"] = message.thread
        return {
            "type": kind,
            "team": {"id": self.team, "domain": "played"},
            "user": {"id": user, "username": user.lower(), "team_id": self.team},
            "api_app_id": "A0",
            "token": "legacy",
            "container": container,
            "trigger_id": self._trigger(),
            "channel": {"id": message.channel.id, "name": "incidents"},
            "message": message.seen(True),
            "response_url": self.web.response_url(message.channel, user, message),
            "actions": [a | {"action_ts": self._clock.stamp()} for a in actions],
        }

    def _trigger(self) -> str:
        return f"{next(self._ids)}.{int(time.time())}.{uuid.uuid4().hex}"

    def _deliver(self, delivery: Delivery) -> Delivery:
        asyncio.run_coroutine_threadsafe(self.deliveries.deliver(delivery), self._loop)
        return delivery

    def deliver_again(self, delivery: Delivery) -> Delivery:
        """The same once more, as after an acknowledgement that got lost."""
        return self._deliver(Delivery(delivery.kind, delivery.payload))

    # What happens to connections

    def kill_connections(self):
        self._in_loop(self.deliveries.kill())

    def renew_connections(self, linger: float = 0.5, reason: str = "refresh_requested"):
        self._in_loop(self.deliveries.disconnect(reason, linger))

    def post_raw(self, address: str, delivery: Delivery, headers: dict | None = None, body: str | None = None) -> tuple[int, str]:
        """A request over HTTP with these headers (none: signed rightly). For what is forged and replayed."""
        kind, made = http_body(delivery)
        made = made if body is None else body
        headers = self.deliveries.signed(made) if headers is None else headers

        async def post():
            async with ClientSession() as session:
                async with session.post(address, data=made.encode(), headers={"Content-Type": kind, **headers}) as answer:
                    return answer.status, await answer.text()

        return self._in_loop(post())

    # What is counted

    def record(self, method: str, body: dict, answer: dict):
        line = {"platform": "slack", "method": method, "body": body, "ok": bool(answer.get("ok"))}
        with self._lock:
            self.sent.append(line)
            if self._file:
                self._file.write(json.dumps(line) + "\n")
                self._file.flush()

    @property
    def refusals(self) -> list[str]:
        """What Slack refused, with the reason."""
        return self.web.refusals

    def acknowledgements(self) -> list[float]:
        """Seconds to each acknowledgement."""
        return [d.acknowledged for d in self.deliveries.all if d.acknowledged is not None]

    def unacknowledged(self) -> list[Delivery]:
        return [d for d in self.deliveries.all if d.acknowledged is None]

    def doubled(self) -> dict[str, int]:
        """Keys that stand in more than one message."""
        counts: dict[str, int] = {}
        for channel in list(self.channels.values()):
            for message in list(channel.said):
                if message.key:
                    counts[message.key] = counts.get(message.key, 0) + 1
        return {key: count for key, count in counts.items() if count > 1}
