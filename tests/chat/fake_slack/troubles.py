"""What goes wrong on purpose."""

import random
import threading
from dataclasses import dataclass


@dataclass
class Trouble:
    """One kind of trouble with one method (`*`: with all)."""

    method: str
    kind: str  # "429", "500", "lost" (done, and the answer is not sent), "cut" (done, and the connection closes),
    # "held" (done, and the answer waits), "body" (done, and answered with that), "slow", "error", "refused"
    times: int = 1  # how often; 0: for ever
    share: float = 1.0  # of the calls
    wait: float = 1.0  # "429": Retry-After in seconds; "slow", "held": how long
    code: str = "internal_error"  # "error": Slack's code
    body: str = ""  # "body": what is answered
    seen: int = 0


class Troubles:
    def __init__(self, seed: int = 8):
        self._all: list[Trouble] = []
        self._lock = threading.Lock()
        self._random = random.Random(seed)

    def add(self, trouble: Trouble) -> Trouble:
        with self._lock:
            self._all.append(trouble)
        return trouble

    def clear(self):
        with self._lock:
            self._all.clear()

    def next(self, method: str) -> Trouble | None:
        with self._lock:
            for trouble in self._all:
                if trouble.method not in (method, "*") or (trouble.times and trouble.seen >= trouble.times):
                    continue
                if trouble.share < 1 and self._random.random() >= trouble.share:
                    continue
                trouble.seen += 1
                return trouble
        return None


class Rates:
    """Slack's own limits: a message a second in each channel, with short bursts, and tiers for the rest.
    https://docs.slack.dev/apis/web-api/rate-limits
    """

    # Calls a minute; of a tier Slack says "at least".
    TIERS = {
        "chat.update": 50,
        "chat.postEphemeral": 100,
        "conversations.history": 50,
        "conversations.replies": 50,
        "files.getUploadURLExternal": 100,
        "files.completeUploadExternal": 100,
        "usergroups.users.list": 20,
        "apps.connections.open": 60,
    }
    BURST = 5

    def __init__(self, enforced: bool):
        self.enforced = enforced
        self._buckets: dict[str, tuple[float, float]] = {}

    def wait(self, method: str, channel: str | None, now: float) -> float:
        """How long to wait, if it is too much."""
        if not self.enforced:
            return 0
        if method == "chat.postMessage":
            return self._take(f"{method} {channel}", 1.0, self.BURST, now)
        tier = self.TIERS.get(method)
        return self._take(method, tier / 60, tier, now) if tier else 0

    def _take(self, name: str, rate: float, burst: float, now: float) -> float:
        level, at = self._buckets.get(name, (burst, now))
        level = min(burst, level + (now - at) * rate)
        if level < 1:
            self._buckets[name] = (level, now)
            return (1 - level) / rate
        self._buckets[name] = (level - 1, now)
        return 0
