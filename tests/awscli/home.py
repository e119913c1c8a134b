"""A person's home with one or both AWS CLIs on PATH, and the emulator that the accounts are in."""

import json
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from emulator import ACCOUNTS

HERE = Path(__file__).resolve().parent
PATIENCE = 120

# Stands in for ecs-why where a test wants to see what arrives.
FAKE = """#!/bin/sh
case "$*" in *"plugin proof"*) exec {real} "$@";; esac
for word in "$@"; do printf '%s\\n' "$word"; done >{seen}
env >{seen}.env
"""


class Emulator:
    """One for all tests."""

    def __init__(self, python: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="ecs-why-emulator-"))
        command = [python, HERE / "emulator.py", self.folder]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": (self.folder / "log").open("w")}
        self.server = subprocess.Popen(command, stdin=subprocess.PIPE, **quiet)
        for _ in range(PATIENCE * 10):
            if (self.folder / "port").exists():
                break
            assert self.server.poll() is None, (self.folder / "log").read_text()
            time.sleep(0.1)
        self.url = f"http://127.0.0.1:{(self.folder / 'port').read_text()}"
        self.profiles = json.loads((self.folder / "profiles.json").read_text())

    def asked(self) -> set[tuple[str, str]]:
        """Who asked and where, by the profile's name, since the last time."""
        record = self.folder / "asked"
        lines = record.read_text().splitlines()[getattr(self, "read", 0) :]
        self.read = getattr(self, "read", 0) + len(lines)
        names = {keys["aws_access_key_id"]: name for name, keys in self.profiles.items()}
        return {(names.get(key, key), region) for key, region, _ in (line.split() for line in lines)}

    def close(self) -> None:
        self.server.stdin.close()
        self.server.wait(PATIENCE)
        shutil.rmtree(self.folder)


class Home:
    """An empty home, a PATH with these folders and the system's programs (but no `aws` of the machine), and the program."""

    def __init__(self, binary: Path, clis: list[Path], tools: Path) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="ecs-why-home-"))
        self.path, self.real = self.folder / "home", binary
        self.path.mkdir()
        self.binary = self.folder / "bin" / "ecs-why"
        self.binary.parent.mkdir()
        self.put_binary()
        self.config, self.alias = self.path / ".aws" / "config", self.path / ".aws" / "cli" / "alias"
        self.seen = self.folder / "seen"
        path = os.pathsep.join(str(folder) for folder in [*clis, tools])
        self.env = {
            "HOME": str(self.path),
            "PATH": path,
            "LANG": "C.UTF-8",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_PAGER": "",
        }

    def put_binary(self) -> None:
        self.binary.unlink(missing_ok=True)
        try:
            os.link(self.real, self.binary)
        except OSError:
            shutil.copy2(self.real, self.binary)

    def fake(self) -> None:
        """From now on what arrives is written down."""
        self.binary.unlink()
        self.binary.write_text(FAKE.format(real=self.real, seen=self.seen))
        self.binary.chmod(0o755)

    def write_config(self, emulator: Emulator, more: str = "", **default: str) -> None:
        """A profile for each account, and one for nobody."""
        lines = ["[default]", *(f"{key} = {value}" for key, value in default.items())]
        for name, (_, region) in ACCOUNTS.items():
            lines += [f"[profile {name}]", f"region = {region}", f"endpoint_url = {emulator.url}"]
            lines += [f"{key} = {value}" for key, value in emulator.profiles[name].items()]
        self.config.parent.mkdir(exist_ok=True)
        self.config.write_text("\n".join(lines) + "\n" + more)

    def run(self, *words, env: dict | None = None, **how) -> subprocess.CompletedProcess:
        env = {**self.env, **(env or {})}
        env = {name: value for name, value in env.items() if value is not None}
        words = [str(word) for word in words]
        found = shutil.which(words[0], path=env["PATH"]) or words[0]
        how = {"stdin": subprocess.DEVNULL, "timeout": PATIENCE, **how}
        return subprocess.run([found, *words[1:]], env=env, capture_output=True, text=True, **how)

    def plugin(self, *words, **how) -> subprocess.CompletedProcess:
        return self.run(self.binary, "plugin", *words, **how)

    def install(self, *words, **how) -> subprocess.CompletedProcess:
        done = self.plugin("install", *words, **how)
        assert done.returncode == 0, done.stdout + done.stderr
        return done

    def arrived(self, *words, **how) -> list[str]:
        """What the fake was called with."""
        self.seen.unlink(missing_ok=True)
        done = self.run(*words, **how)
        assert self.seen.exists(), f"{words}: {done.stdout}{done.stderr}"
        return self.seen.read_text().splitlines()

    def arrived_env(self) -> dict[str, str]:
        lines = Path(f"{self.seen}.env").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines if "=" in line)

    def files(self) -> dict[str, bytes]:
        """Everything below the home."""
        passing = {"__pycache__", "cache", "other-was-here"}
        found = [path for path in self.path.rglob("*") if not passing.intersection(path.parts)]
        return {str(path.relative_to(self.path)): path.read_bytes() if path.is_file() else b"" for path in sorted(found)}

    def close(self) -> None:
        shutil.rmtree(self.folder)
