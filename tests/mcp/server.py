"""Starting `ecs-why-mcp` as a client would: a clean environment, recorded incidents or an emulated account, and either transport."""

import os
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

# How long a server may take until it listens; a busy machine is slow, and one that hangs is a fault.
PATIENCE = 20


@dataclass
class Program:
    """The server with its options: what a client's configuration says."""

    binary: Path
    options: list[str] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def command(self) -> list[str]:
        return [str(self.binary), *self.options]

    @property
    def env(self) -> dict[str, str]:
        """Nobody's configuration, and no way to an account that was not meant."""
        return {
            "PATH": os.environ.get("PATH", ""),
            "HOME": home(),
            "LANG": "C.UTF-8",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
            "NO_PROXY": "127.0.0.1",
            **self.environment,
        }

    def but(self, *options: str, **environment: str) -> "Program":
        return Program(self.binary, [*self.options, *options], self.environment | environment)

    @contextmanager
    def listening(self, *options: str, host: str = "127.0.0.1", **environment: str):
        """The server on a free port, until the block ends; then it must end by itself when told to."""
        port = free_port()
        program = self.but("--http", f"{host}:{port}", *options, **environment)
        with tempfile.NamedTemporaryFile("w+", prefix="ecs-why-mcp-", suffix=".log") as log:
            process = subprocess.Popen(program.command, env=program.env, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=home())
            here = Listening(f"http://127.0.0.1:{port}/mcp", port, process, Path(log.name))
            try:
                here.wait()
                yield here
            finally:
                process.terminate()
                try:
                    here.status = process.wait(PATIENCE)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
                    raise AssertionError(f"it does not end when told to: {here.log()[-500:]}") from None


@dataclass
class Listening:
    url: str
    port: int
    process: subprocess.Popen
    log_file: Path
    status: int | None = None

    def wait(self):
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            if self.process.poll() is not None:
                raise AssertionError(f"it ended with {self.process.returncode}: {self.log()[-500:]}")
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.01)
        raise AssertionError(f"nothing listens after {PATIENCE} s: {self.log()[-500:]}")

    def log(self) -> str:
        """All that it wrote, on either stream."""
        return self.log_file.read_text(errors="replace")

    @property
    def is_alive(self) -> bool:
        return self.process.poll() is None


def faults(log: str) -> list[str]:
    """What the program says of faults of its own."""
    return [line for line in log.splitlines() if "panicked" in line or "this is a fault of" in line]


def memory_mib(pid: int) -> float:
    """What the process has in memory now (Linux)."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise AssertionError("no such process")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


_home: tempfile.TemporaryDirectory | None = None


def home() -> str:
    """An empty one for all servers of a run."""
    global _home
    if _home is None:
        _home = tempfile.TemporaryDirectory(prefix="ecs-why-mcp-home-")
    return _home.name
