"""The bot's process in a bad hour: it is killed and started again, and never has more memory than it may."""

import random
import re
import sqlite3
import threading
import time
from pathlib import Path

from program import Bot

# Between the end of a process and the next: what a supervisor takes.
BACK_AFTER = 0.3


class Crew:
    """A bot, who kills it at these moments, and what was seen of its memory."""

    def __init__(self, bot: Bot):
        self.bot = bot
        self.memory: list[float] = []
        self.kills = 0
        self._lock = threading.Lock()
        self._end = threading.Event()
        self._watch = threading.Thread(target=self._watched, daemon=True)

    def start(self):
        self.bot.start()
        self._watch.start()

    def _watched(self):
        while not self._end.wait(0.1):
            with self._lock:
                self._measure()

    def _measure(self):
        """The most memory that this process ever had, in MiB."""
        process = self.bot.process
        if process is None or process.poll() is not None:
            return
        try:
            found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{process.pid}/status").read_text())
        except OSError:
            return
        if found:
            self.memory.append(int(found[1]) / 1024)

    def kill(self):
        with self._lock:
            self._measure()
            self.bot.kill()
            time.sleep(BACK_AFTER)
            self.bot.start(ready=False)
            self.kills += 1

    def check(self):
        """Fails where it ended by itself."""
        with self._lock:
            if self.bot.process.poll() is not None:
                raise AssertionError(f"it ended with {self.bot.process.returncode}: {self.bot.log()[-2000:]}")

    def stop(self) -> int:
        self._end.set()
        self._watch.join(5)
        return self.bot.stop(60)

    def state(self) -> sqlite3.Connection:
        """What it leaves, once it has ended."""
        state = sqlite3.connect(f"file:{self.bot.folder / 'state.sqlite'}?mode=ro", uri=True)
        state.row_factory = sqlite3.Row
        return state


def moments(count: int, seconds: float, seed: int) -> list[float]:
    """When it is killed: anywhere, but not while it has not even begun."""
    chance = random.Random(seed)
    return sorted(chance.uniform(1.0, seconds) for _ in range(count))
