"""Discord's gateway, as far as a bot sees it: hello, identify, heartbeats, dispatches, resuming, and the ways it goes wrong.
<https://discord.com/developers/docs/events/gateway>
"""

import asyncio
import json
import uuid
import zlib

from aiohttp import WSMsgType, web

GUILD_MESSAGES, DIRECT_MESSAGES, MESSAGE_CONTENT = 1 << 9, 1 << 12, 1 << 15


class Session:
    """What outlives a connection: dispatches are kept, so that resuming repeats what was missed."""

    def __init__(self, intents):
        self.id = uuid.uuid4().hex
        self.intents = intents
        self.sent = []  # payloads, the first has s = 1
        self.socket = None
        self.compress = False


class Gateway:
    """One bot's gateway. `heartbeat`: its interval in milliseconds."""

    def __init__(self, fake, heartbeat=1000):
        self.fake = fake
        self.heartbeat = heartbeat
        self.session = None
        self.zombie = False
        self.refuses = False
        self.identified = []  # what was sent with op 2
        self.resumed = 0
        self.closed = []  # the close codes that the bot sent
        self.up = asyncio.Event()

    async def serve(self, request):
        if self.refuses:
            return web.Response(status=503)
        socket = web.WebSocketResponse(max_msg_size=4096, autoping=True)
        await socket.prepare(request)
        if request.query.get("v") != "10":
            await socket.close(code=4012)
            return socket
        await self.send(socket, {"op": 10, "d": {"heartbeat_interval": self.heartbeat}, "s": None, "t": None})
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    await self.hear(socket, json.loads(message.data))
        finally:
            self.closed.append(socket.close_code)
            if self.session and self.session.socket is socket:
                self.session.socket = None
                self.up.clear()
                # Who says goodbye properly is not expected back.
                if socket.close_code in (1000, 1001) and not self.fake.dropping:
                    self.session = None
            self.fake.dropping = False
        return socket

    async def hear(self, socket, payload):
        if payload["op"] == 1 and not self.zombie:
            await self.send(socket, {"op": 11, "d": None, "s": None, "t": None})
        elif payload["op"] == 2:
            await self.identify(socket, payload["d"])
        elif payload["op"] == 6:
            await self.resume(socket, payload["d"])

    async def identify(self, socket, data):
        if data["token"].removeprefix("Bot ") != self.fake.token:
            await socket.close(code=4004, message=b"Authentication failed.")
            return
        if data["intents"] & self.fake.forbidden_intents:
            await socket.close(code=4014, message=b"Disallowed intent(s).")
            return
        self.identified.append({**data, "token": "..."})
        self.session = Session(data["intents"])
        self.session.socket = socket
        self.session.compress = bool(data.get("compress"))
        ready = {
            "v": 10,
            "user": self.fake.bot_user(),
            "guilds": [{"id": guild, "unavailable": True} for guild in sorted(self.fake.guilds)],
            "session_id": self.session.id,
            "resume_gateway_url": self.fake.gateway_url,
            "shard": data.get("shard") or [0, 1],
            "application": {"id": str(self.fake.application), "flags": 0},
            "session_type": "normal",
            "private_channels": [],
            "presences": [],
            "relationships": [],
        }
        await self.dispatch("READY", ready)
        self.up.set()

    async def resume(self, socket, data):
        session = self.session
        if data["token"].removeprefix("Bot ") != self.fake.token:
            await socket.close(code=4004)
        elif not session or session.id != data["session_id"]:
            await self.send(socket, {"op": 9, "d": False, "s": None, "t": None})
        elif data["seq"] > len(session.sent):
            await socket.close(code=4007)
        else:
            session.socket = socket
            self.resumed += 1
            for payload in session.sent[data["seq"] :]:
                await self.send(socket, payload)
            await self.dispatch("RESUMED", {})
            self.up.set()

    async def dispatch(self, name, data):
        """Says it, or keeps it for who resumes. Without a session nobody ever hears it."""
        session = self.session
        if not session:
            return False
        payload = {"op": 0, "t": name, "s": len(session.sent) + 1, "d": data}
        session.sent.append(payload)
        if session.socket and not self.zombie:
            await self.send(session.socket, payload)
        return True

    async def send(self, socket, payload):
        text = json.dumps(payload)
        try:
            if self.session and self.session.compress and len(text) > 4096:
                await socket.send_bytes(zlib.compress(text.encode()))
            else:
                await socket.send_str(text)
        except ConnectionError:
            pass

    async def drop(self, how="abort"):
        """Ends the connection: `abort` (as a lost network does), `close` (4000), `reconnect` (op 7), `invalid` (op 9: the session is over),
        `zombie` (it stays, and says nothing any more)."""
        session = self.session
        if not session or not session.socket:
            return
        socket = session.socket
        if how == "zombie":
            self.zombie = True
            return
        self.up.clear()
        self.fake.dropping = True
        session.socket = None
        if how == "reconnect":
            await self.send(socket, {"op": 7, "d": None, "s": None, "t": None})
        elif how == "invalid":
            self.session = None
            await self.send(socket, {"op": 9, "d": False, "s": None, "t": None})
        elif how == "close":
            await socket.close(code=4000)
        elif socket._req and socket._req.transport:
            socket._req.transport.abort()
