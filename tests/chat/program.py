"""Starting `ecs-why-bot` as whoever runs it would: a configuration, tokens in the environment, and signals to end it."""

import json
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

from server import faults, free_port  # tests/mcp

# How long the bot may take until it has read what is recorded and all platforms reach it: a busy machine is slow.
PATIENCE = 120


class Bot:
    """One bot with its folder: configuration, state and log stay there when it is started again."""

    def __init__(self, binary: Path, folder: Path, tables: dict, environment: dict[str, str]):
        self.binary, self.folder = binary, folder
        self.port = free_port()
        folder.mkdir(parents=True, exist_ok=True)
        self.config = folder / "bot.toml"
        own = {"state": str(folder / "state.sqlite"), "health": {"listen": f"127.0.0.1:{self.port}"}, "log": {"audit": str(folder / "audit.jsonl")}}
        self.config.write_text(toml(own | tables))
        self.environment = environment
        self.process: subprocess.Popen | None = None
        self.status: int | None = None

    @property
    def env(self) -> dict[str, str]:
        """Nobody's configuration, and no way to an account that was not meant."""
        return {
            "PATH": os.environ.get("PATH", ""),
            "HOME": str(self.folder),
            "LANG": "C.UTF-8",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
            "NO_PROXY": "127.0.0.1",
            **self.environment,
        }

    def run(self, *words: str) -> subprocess.CompletedProcess:
        """Another command of the program, over the same configuration."""
        command = [str(self.binary), *words, "--config", str(self.config)]
        return subprocess.run(command, env=self.env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)

    def start(self, ready: bool = True) -> "Bot":
        with (self.folder / "log").open("ab") as log:
            command = [str(self.binary), "run", "--config", str(self.config)]
            self.process = subprocess.Popen(command, env=self.env, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        if ready:
            try:
                self.wait_ready()
            except AssertionError:
                self.kill()
                raise
        return self

    def wait_ready(self, seconds: float = PATIENCE):
        end = time.monotonic() + seconds
        while not self.is_ready():
            if self.process.poll() is not None:
                raise AssertionError(f"it ended with {self.process.returncode}: {self.log()[-800:]}")
            if time.monotonic() > end:
                raise AssertionError(f"it is not ready after {seconds} s: {self.log()[-800:]}")
            time.sleep(0.02)

    def is_ready(self) -> bool:
        return self.get("/ready")[0] == 200

    def get(self, path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def stop(self, seconds: float = 30) -> int:
        """Tells it to end, as service managers do."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.kill()
                raise AssertionError(f"it does not end when told to: {self.log()[-800:]}") from None
        self.status = self.process.returncode
        return self.status

    def kill(self):
        """Ends it as a power failure does."""
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    # What it leaves

    def log(self) -> str:
        file = self.folder / "log"
        return file.read_text(errors="replace") if file.exists() else ""

    def faults(self) -> list[str]:
        return faults(self.log())

    def audits(self) -> list[dict]:
        file = self.folder / "audit.jsonl"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    def wait_audit(self, holds, seconds: float = 10) -> dict:
        """The first audit line of which this holds."""
        end = time.monotonic() + seconds
        while not (found := [line for line in self.audits() if holds(line)]):
            if time.monotonic() > end:
                raise AssertionError(f"no such audit line; the last ones: {self.audits()[-3:]}")
            time.sleep(0.02)
        return found[0]

    def kept(self) -> bytes:
        """All that it wrote anywhere: state with what waits to be written into it, logs, audit, cases."""
        skip = {self.config.name, "evidence"}
        files = [one for one in self.folder.rglob("*") if one.is_file() and not skip.intersection(one.relative_to(self.folder).parts)]
        return b"\n".join(one.read_bytes() for one in files)


def toml(tables: dict) -> str:
    """As much of TOML as a configuration needs: what JSON has, in tables."""
    values = {key: value for key, value in tables.items() if not _is_table(value)}
    lines = [f"{key} = {_value(value)}" for key, value in values.items()]
    lines += _tables(tables, ())
    return "\n".join(lines) + "\n"


def _tables(tables: dict, above: tuple) -> list[str]:
    lines = []
    for key, value in tables.items():
        if not _is_table(value):
            continue
        name = ".".join((*above, key))
        for one in value if isinstance(value, list) else [value]:
            lines += ["", f"[[{name}]]" if isinstance(value, list) else f"[{name}]"]
            lines += [f"{field} = {_value(it)}" for field, it in one.items() if not isinstance(it, dict)]
            lines += _tables({field: it for field, it in one.items() if isinstance(it, dict)}, (*above, key))
    return lines


def _is_table(value) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and bool(value) and isinstance(value[0], dict))


def _value(value) -> str:
    return json.dumps(value, ensure_ascii=False)
