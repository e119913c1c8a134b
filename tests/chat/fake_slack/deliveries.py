"""What reaches the bot: by Socket Mode or over HTTP, when it was acknowledged, and what is delivered again."""

import asyncio
import hashlib
import hmac
import itertools
import json
import threading
import time
import urllib.parse
import uuid

from aiohttp import ClientSession, ClientTimeout, WSMsgType, web

LIMIT = 3.0  # Slack's, in seconds


def signature(secret: str, at: int, body: str) -> str:
    return "v0=" + hmac.new(secret.encode(), f"v0:{at}:{body}".encode(), hashlib.sha256).hexdigest()


class Delivery:
    """One thing that Slack tells the bot, however often it has to."""

    def __init__(self, kind: str, payload: dict):
        self.kind = kind  # "events_api", "slash_commands", "interactive"
        self.payload = payload
        self.attempts: list[float] = []  # when it was sent, each time
        self.acknowledged: float | None = None  # seconds after the attempt that was acknowledged
        self.answer = None  # what the acknowledgement carried
        self.failed = False  # Slack has told the person that the app did not respond, or gives up
        self._done = threading.Event()

    @property
    def in_time(self) -> bool:
        return self.acknowledged is not None and self.acknowledged <= LIMIT

    def wait_acknowledged(self, seconds: float = 10) -> float:
        if not self._done.wait(seconds) or self.acknowledged is None:
            raise AssertionError(f"a delivery ({self.kind}) was not acknowledged in {seconds} s, after {len(self.attempts)} attempts")
        return self.acknowledged

    def wait_done(self, seconds: float = 30) -> bool:
        """Until it is acknowledged, or given up."""
        return self._done.wait(seconds)

    def _acknowledge(self, after: float, answer):
        if not self._done.is_set():
            self.acknowledged, self.answer = after, answer
            self._done.set()

    def _give_up(self):
        if not self._done.is_set():
            self.failed = True
            self._done.set()


class Deliveries:
    """Runs in the loop of what is played."""

    # After these seconds an event that was not acknowledged comes again; Slack's own: at once, after a minute, after five.
    RETRIES = (0.2, 2.0, 5.0)

    def __init__(self, app_id: str):
        self.app_id = app_id
        self.all: list[Delivery] = []
        self.sockets: list[web.WebSocketResponse] = []
        self.opened = 0  # connections ever
        self.target: str | None = None  # where the bot listens, over HTTP
        self.secret = ""
        self.connected = threading.Event()
        self._tickets: set[str] = set()
        self._waiting: dict[str, tuple[Delivery, float, asyncio.Future]] = {}
        self._turn = itertools.count()

    # Socket Mode

    def ticket(self) -> str:
        ticket = uuid.uuid4().hex
        self._tickets.add(ticket)
        return ticket

    async def socket(self, request: web.Request) -> web.StreamResponse:
        ticket = request.query.get("ticket")
        if ticket not in self._tickets or len(self.sockets) >= 10:
            return web.Response(status=403)
        self._tickets.discard(ticket)  # for one connection
        ws = web.WebSocketResponse(heartbeat=None)
        await ws.prepare(request)
        self.opened += 1
        self.sockets.append(ws)
        hello = {
            "type": "hello",
            "num_connections": len(self.sockets),
            "debug_info": {"host": "applink-1", "build_number": 1, "approximate_connection_time": 18060},
            "connection_info": {"app_id": self.app_id},
        }
        await ws.send_json(hello)
        self.connected.set()
        try:
            async for message in ws:
                if message.type == WSMsgType.TEXT:
                    self._acknowledged(json.loads(message.data))
        finally:
            if ws in self.sockets:
                self.sockets.remove(ws)
            if not self.sockets:
                self.connected.clear()
        return ws

    def _acknowledged(self, ack: dict):
        waiting = self._waiting.pop(ack.get("envelope_id"), None)
        if waiting:
            delivery, sent, done = waiting
            delivery._acknowledge(time.monotonic() - sent, ack.get("payload"))
            if not done.done():
                done.set_result(True)

    async def disconnect(self, reason: str, linger: float):
        """Slack renews its connections: it says so, and closes a little later."""
        for ws in list(self.sockets):
            await ws.send_json({"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-1"}})
        await asyncio.sleep(linger)
        for ws in list(self.sockets):
            await ws.close()

    async def kill(self):
        """Connections break without a word."""
        for ws in list(self.sockets):
            transport = ws.get_extra_info("transport") if hasattr(ws, "get_extra_info") else None
            transport = transport or (ws._req.transport if ws._req else None)
            if transport:
                transport.abort()

    # Each delivery

    async def deliver(self, delivery: Delivery):
        self.all.append(delivery)
        again = delivery.kind == "events_api"
        waits = (0.0, *self.RETRIES) if again else (0.0,)
        for attempt, wait in enumerate(waits):
            await asyncio.sleep(wait)
            if await self._attempt(delivery, attempt):
                return
        delivery._give_up()

    async def _attempt(self, delivery: Delivery, attempt: int) -> bool:
        if self.target:
            return await self._by_http(delivery, attempt)
        end = time.monotonic() + LIMIT
        while not self.sockets:
            # A command fails at once when nobody is there; an event waits a little.
            if delivery.kind != "events_api" or time.monotonic() > end:
                return False
            await asyncio.sleep(0.02)
        ws = self.sockets[next(self._turn) % len(self.sockets)]
        envelope = {
            "type": delivery.kind,
            "envelope_id": str(uuid.uuid4()),
            "payload": delivery.payload,
            "accepts_response_payload": delivery.kind != "events_api",
        }
        if delivery.kind == "events_api":
            envelope |= {"retry_attempt": attempt, "retry_reason": "timeout" if attempt else ""}
        done = asyncio.get_running_loop().create_future()
        sent = time.monotonic()
        self._waiting[envelope["envelope_id"]] = (delivery, sent, done)
        delivery.attempts.append(sent)
        try:
            await ws.send_json(envelope)
        except (ConnectionError, RuntimeError):
            self._waiting.pop(envelope["envelope_id"], None)
            return False
        try:
            # An acknowledgement that comes later still counts, and is measured as late.
            await asyncio.wait_for(asyncio.shield(done), LIMIT)
            return True
        except asyncio.TimeoutError:
            return done.done()

    async def _by_http(self, delivery: Delivery, attempt: int) -> bool:
        kind, body = http_body(delivery)
        headers = self.signed(body) | {"Content-Type": kind}
        if attempt:
            headers |= {"X-Slack-Retry-Num": str(attempt), "X-Slack-Retry-Reason": "http_error"}
        sent = time.monotonic()
        delivery.attempts.append(sent)
        try:
            async with ClientSession(timeout=ClientTimeout(total=LIMIT)) as session:
                async with session.post(self.target, data=body.encode(), headers=headers) as answer:
                    text = await answer.text()
                    if answer.status != 200:
                        return False
                    delivery._acknowledge(time.monotonic() - sent, json.loads(text) if text else None)
                    return True
        except (OSError, asyncio.TimeoutError, Exception) as error:
            if isinstance(error, asyncio.CancelledError):
                raise
            return False

    def signed(self, body: str, secret: str | None = None, at: int | None = None) -> dict:
        """The headers that make a request Slack's."""
        at = int(time.time()) if at is None else at
        return {"X-Slack-Request-Timestamp": str(at), "X-Slack-Signature": signature(secret or self.secret, at, body)}


def http_body(delivery: Delivery) -> tuple[str, str]:
    """The content type and the body, as Slack sends them over HTTP."""
    if delivery.kind == "events_api":
        return "application/json", json.dumps(delivery.payload)
    form = "application/x-www-form-urlencoded"
    if delivery.kind == "interactive":
        return form, urllib.parse.urlencode({"payload": json.dumps(delivery.payload)})
    return form, urllib.parse.urlencode({k: v for k, v in delivery.payload.items() if v is not None})
