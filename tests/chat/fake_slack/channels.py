"""Channels and what stands in them."""

import copy
import itertools
import threading
import time


class Clock:
    """Stamps as Slack makes them: seconds, and six digits that make them unique."""

    def __init__(self):
        self._last = 0
        self._lock = threading.Lock()

    def stamp(self) -> str:
        with self._lock:
            self._last = max(self._last + 1, int(time.time() * 1_000_000))
            return f"{self._last // 1_000_000}.{self._last % 1_000_000:06}"


class Message:
    """A message, with all that it ever said."""

    def __init__(self, channel: "Channel", ts: str, body: dict):
        self.channel = channel
        self.ts = ts
        self.body = body
        self.versions = [copy.deepcopy(body)]

    @property
    def text(self) -> str:
        return self.body.get("text", "")

    @property
    def blocks(self) -> list:
        return self.body.get("blocks") or []

    @property
    def thread(self) -> str | None:
        return self.body.get("thread_ts")

    @property
    def by_bot(self) -> bool:
        return "bot_id" in self.body

    @property
    def key(self) -> str | None:
        metadata = self.body.get("metadata") or {}
        return (metadata.get("event_payload") or {}).get("key")

    @property
    def edits(self) -> int:
        return len(self.versions) - 1

    @property
    def files(self) -> list:
        return self.body.get("files") or []

    def elements(self) -> list[dict]:
        """What can be pressed or chosen from."""
        found = []
        for block in self.blocks:
            if block.get("type") == "actions":
                found += block.get("elements", [])
            elif block.get("accessory"):
                found.append(block["accessory"])
        return found

    def buttons(self) -> dict[str, str]:
        """Each button's label, and its action_id."""
        return {e["text"]["text"]: e["action_id"] for e in self.elements() if e.get("type") == "button"}

    def all_text(self) -> str:
        """Every text that a reader sees."""
        return "\n".join(_texts(self.blocks)) if self.blocks else self.text

    def change(self, body: dict):
        self.body.update(body)
        self.body["edited"] = {"user": self.body.get("user"), "ts": self.ts}
        self.versions.append(copy.deepcopy(self.body))

    def seen(self, metadata: bool) -> dict:
        shown = copy.deepcopy(self.body)
        if not metadata:
            shown.pop("metadata", None)
        replies = [m for m in self.channel.messages if m.thread == self.ts and m.ts != self.ts]
        if replies:
            shown.update(thread_ts=self.ts, reply_count=len(replies), latest_reply=replies[-1].ts)
        return shown


class Channel:
    """A channel, a group, or a conversation with one person."""

    def __init__(self, id: str, clock: Clock, member: bool = True, user: str | None = None):
        self.id = id
        self.member = member  # whether the bot is in it
        self.user = user  # of a direct message: with whom
        self.archived = False
        self.messages: list[Message] = []
        self.whispers: list[tuple[str, Message]] = []  # to whom, what
        self._clock = clock
        self._changed = threading.Condition()

    @property
    def direct(self) -> bool:
        return self.id.startswith("D")

    @property
    def said(self) -> list[Message]:
        """What the bot said, without files of its own."""
        return [m for m in self.messages if m.by_bot and not m.files]

    @property
    def uploads(self) -> list[Message]:
        return [m for m in self.messages if m.by_bot and m.files]

    def of_thread(self, ts: str) -> list[Message]:
        return [m for m in self.messages if m.thread == ts and m.ts != ts]

    def find(self, ts: str | None) -> Message | None:
        return next((m for m in self.messages if m.ts == ts), None)

    def add(self, body: dict) -> Message:
        ts = self._clock.stamp()
        message = Message(self, ts, {"type": "message", "ts": ts, **body})
        with self._changed:
            self.messages.append(message)
            self._changed.notify_all()
        return message

    def whisper(self, user: str, body: dict) -> Message:
        ts = self._clock.stamp()
        message = Message(self, ts, {"type": "message", "ts": ts, **body})
        with self._changed:
            self.whispers.append((user, message))
            self._changed.notify_all()
        return message

    def changed(self):
        with self._changed:
            self._changed.notify_all()

    def wait(self, holds, seconds: float = 10):
        """Until that holds of the channel. What it gave is returned."""
        end = time.monotonic() + seconds
        with self._changed:
            while not (got := holds(self)):
                left = end - time.monotonic()
                if left <= 0:
                    said = [m.all_text()[:200] for m in self.said]
                    raise AssertionError(f"not in {seconds} s in {self.id}; said: {said}, whispered: {len(self.whispers)}")
                self._changed.wait(min(left, 0.5))
        return got

    def wait_said(self, count: int, seconds: float = 10) -> list[Message]:
        """Until the bot has said so many messages."""
        return self.wait(lambda c: c.said if len(c.said) >= count else None, seconds)

    def wait_text(self, text: str, seconds: float = 10) -> Message:
        """Until a message of the bot's says this."""
        return self.wait(lambda c: next((m for m in c.said if text in m.all_text()), None), seconds)

    def wait_whisper(self, user: str, text: str = "", seconds: float = 10) -> Message:
        return self.wait(lambda c: next((m for u, m in c.whispers if u == user and text in m.all_text()), None), seconds)


def _texts(value) -> list[str]:
    if isinstance(value, dict):
        own = [value["text"]] if isinstance(value.get("text"), str) else []
        return own + list(itertools.chain.from_iterable(_texts(v) for v in value.values()))
    if isinstance(value, list):
        return list(itertools.chain.from_iterable(_texts(v) for v in value))
    return []
