"""JSON-RPC by hand, over pipes and over HTTP: for what no client library would ever send. Only the standard library."""

import http.client
import itertools
import json
import subprocess
import tempfile
import threading
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, Queue

from server import Listening, Program, home

LEGACY, MODERN = "2025-11-25", "2026-07-28"
CLIENT = {"name": "by-hand", "version": "1"}
META = {
    "io.modelcontextprotocol/protocolVersion": MODERN,
    "io.modelcontextprotocol/clientInfo": CLIENT,
    "io.modelcontextprotocol/clientCapabilities": {},
}


def message(number, method: str, params=None) -> dict:
    return {"jsonrpc": "2.0", "id": number, "method": method, **({} if params is None else {"params": params})}


def initialize(version: str = LEGACY, capabilities: dict | None = None) -> dict:
    return {"protocolVersion": version, "capabilities": capabilities or {}, "clientInfo": CLIENT}


class Stdio:
    """A server of our own, whose lines are read by a thread so that no pipe is ever full."""

    def __init__(self, program: Program):
        self.errors = tempfile.NamedTemporaryFile("w+", prefix="ecs-why-mcp-", suffix=".log")
        self.process = subprocess.Popen(
            program.command, env=program.env, cwd=home(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors
        )
        self.numbers, self.answers, self.others = itertools.count(1), {}, []
        self.printed: list[bytes] = []
        self.arrived = threading.Condition()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            with self.arrived:
                self.printed.append(line)
                try:
                    told = json.loads(line)
                except ValueError:
                    self.others.append({"not-json": line.decode(errors="replace")})
                else:
                    if "id" in told and "method" not in told:
                        self.answers[told["id"]] = told
                    else:
                        self.others.append(told)
                self.arrived.notify_all()
        with self.arrived:
            self.arrived.notify_all()

    def send(self, what: dict | bytes):
        line = what if isinstance(what, bytes) else json.dumps(what).encode() + b"\n"
        self.process.stdin.write(line)
        self.process.stdin.flush()

    def ask(self, method: str, params=None) -> int:
        number = next(self.numbers)
        self.send(message(number, method, params))
        return number

    def answer(self, number, patience: float = 60) -> dict:
        with self.arrived:
            if not self.arrived.wait_for(lambda: number in self.answers or not self.reader.is_alive(), patience):
                raise AssertionError(f"no answer to {number} in {patience} s")
            if number not in self.answers:
                raise AssertionError(f"the server ended: {self.log()[-500:]}")
            return self.answers.pop(number)

    def request(self, method: str, params=None, patience: float = 60) -> dict:
        return self.answer(self.ask(method, params), patience)

    def hello(self, version: str = LEGACY, capabilities: dict | None = None) -> dict:
        told = self.request("initialize", initialize(version, capabilities))
        self.send({"jsonrpc": "2.0", "method": "notifications/initialized"})
        return told

    def call(self, tool: str, arguments=None, patience: float = 60) -> dict:
        return self.request("tools/call", {"name": tool, "arguments": arguments or {}}, patience)

    def close(self, patience: float = 20) -> int:
        """Ends its standard input, as a client that goes away does; gives the exit status."""
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass
        try:
            return self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"it runs on for {patience} s after its client has gone") from None

    def log(self) -> str:
        return Path(self.errors.name).read_text(errors="replace")

    @property
    def is_alive(self) -> bool:
        return self.process.poll() is None


@contextmanager
def over_stdio(program: Program, version: str = LEGACY):
    talk = Stdio(program)
    try:
        talk.hello(version)
        yield talk
    finally:
        if talk.is_alive:
            talk.close()


class Http:
    """One caller: a session where the revision has them, a token where one is wanted."""

    def __init__(self, here: Listening, token: str | None = None, version: str = LEGACY):
        self.here, self.token, self.version, self.session = here, token, version, None
        self.numbers = itertools.count(1)

    def post(self, body: bytes | dict, headers: dict | None = None, patience: float = 60, method: str = "POST") -> tuple[int, dict, bytes]:
        """Status, headers and body; a header of None leaves it out."""
        connection = http.client.HTTPConnection("127.0.0.1", self.here.port, timeout=patience)
        sent = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream", "MCP-Protocol-Version": self.version}
        if self.token is not None:
            sent["Authorization"] = f"Bearer {self.token}"
        if self.session is not None:
            sent["Mcp-Session-Id"] = self.session
        sent = {name: value for name, value in {**sent, **(headers or {})}.items() if value is not None}
        try:
            connection.request(method, "/mcp", body if isinstance(body, bytes) else json.dumps(body).encode(), sent)
            told = connection.getresponse()
            return told.status, {name.lower(): value for name, value in told.getheaders()}, told.read()
        finally:
            connection.close()

    def hello(self) -> dict:
        status, headers, body = self.post(message(next(self.numbers), "initialize", initialize(self.version)), {"MCP-Protocol-Version": None})
        if status != 200:
            raise Refused(status, body)
        self.session = headers.get("mcp-session-id")
        self.post({"jsonrpc": "2.0", "method": "notifications/initialized"})
        return last(body)

    def request(self, method: str, params: dict | None = None, patience: float = 60) -> dict:
        status, _, body = self.post(self.message(method, params), self.routing(method, params), patience)
        if status != 200:
            raise Refused(status, body)
        return last(body)

    def message(self, method: str, params: dict | None) -> dict:
        if self.version == MODERN:
            params = {**(params or {}), "_meta": META}
        return message(next(self.numbers), method, params)

    def routing(self, method: str, params: dict | None) -> dict:
        """The headers that repeat what the body says, since 2026-07-28."""
        if self.version != MODERN:
            return {}
        name = (params or {}).get("name") or (params or {}).get("uri")
        return {"Mcp-Method": method, **({"Mcp-Name": name} if name else {})}

    def call(self, tool: str, arguments: dict | None = None, patience: float = 60) -> dict:
        return self.request("tools/call", {"name": tool, "arguments": arguments or {}}, patience)

    def leave(self) -> int:
        return self.post(b"", method="DELETE")[0]


class Refused(AssertionError):
    """HTTP said no."""

    def __init__(self, status: int, body: bytes):
        super().__init__(f"HTTP {status}: {body[:300].decode(errors='replace')}")
        self.status = status


def last(body: bytes) -> dict:
    """The answer in a body that is JSON, or a stream of events of which the answer is the last with an id."""
    text = body.decode()
    if text.lstrip().startswith("{"):
        return json.loads(text)
    told = [json.loads(line[5:]) for line in text.splitlines() if line.startswith("data:") and line[5:].strip()]
    answers = [one for one in told if "id" in one and "method" not in one]
    if not answers:
        raise AssertionError(f"no answer in {text[:300]!r}")
    return answers[-1]


def in_parallel(count: int, workers: int, work) -> list:
    """`work(n)` for each number below `count`, by so many threads; what it raised stands in place of its result."""
    waiting: Queue[int] = Queue()
    for number in range(count):
        waiting.put(number)
    found: list = [None] * count

    def run():
        while True:
            try:
                number = waiting.get_nowait()
            except Empty:
                return
            try:
                found[number] = work(number)
            except Exception as problem:  # told to who asked, with all others
                found[number] = problem

    threads = [threading.Thread(target=run) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found
