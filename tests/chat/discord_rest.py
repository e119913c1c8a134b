"""The REST half of the Discord for tests (`fake_discord.py`): every route that the bot uses, and the ways they go wrong.
<https://discord.com/developers/docs/reference>
"""

import asyncio
import json
import re
import time

import discord_limits as limits
from aiohttp import web

API = "/api/v10"
# Rows that Discord counts together, and how many requests in how many seconds each takes.
ROWS = [
    (re.compile(r"^(POST|PATCH) /channels/(\d+)/messages"), 5, 5.0),
    (re.compile(r"^(POST|PATCH|GET|DELETE) /webhooks/\d+/([^/?]+)"), 5, 2.0),
]


class Refused(Exception):
    """Discord says no."""

    def __init__(self, status, code, message, errors=None):
        super().__init__(message)
        self.status, self.body = status, {"code": code, "message": message}
        if errors:
            self.body["errors"] = errors


def form_error(errors):
    return Refused(400, 50035, "Invalid Form Body", errors)


def field_error(field, message):
    return form_error({field: {"_errors": [{"code": "INVALID", "message": message}]}})


class Rest:
    """What `FakeDiscord` answers over HTTP."""

    @web.middleware
    async def middleware(self, request, handler):
        path = request.path.removeprefix(API)
        name = f"{request.method} {path}"
        if request.path.startswith(API):
            self.requests.append((time.monotonic(), name))
        fault = self.fault(name) if request.path.startswith(API) else None
        how = fault and fault["how"]
        if how == "429":
            wait, everywhere = fault.get("retry_after", 1.0), fault.get("everywhere", False)
            await request.read()
            headers = {"Retry-After": str(wait)} | ({"X-RateLimit-Global": "true"} if everywhere else {})
            body = {"message": "You are being rate limited.", "retry_after": wait, "global": everywhere}
            return web.json_response(body, status=429, headers=headers)
        if how == "500":
            await request.read()
            return web.json_response({"message": "500: Internal Server Error", "code": 0}, status=500)
        if how == "drop":
            request.transport.abort()
            return web.Response()
        if how == "slow":
            await asyncio.sleep(fault["seconds"])
        try:
            response = await handler(request)
        except Refused as refused:
            self.errors.append((name, refused.status, refused.body))
            response = web.json_response(refused.body, status=refused.status)
        except ConnectionResetError:
            # Who asked waits no longer.
            return web.Response()
        if how == "lost":
            return web.json_response({"message": "500: Internal Server Error", "code": 0}, status=500)
        if how == "cut":
            request.transport.abort()
        if how == "held":
            await asyncio.sleep(fault["seconds"])
        if how == "body":
            return web.Response(text=fault["body"], content_type="application/json")
        return response

    def fault(self, name):
        for fault in self.faults:
            if fault["match"].search(name):
                if fault["after"] > 0:
                    fault["after"] -= 1
                    return None
                fault["times"] -= 1
                if fault["times"] <= 0:
                    self.faults.remove(fault)
                return fault
        return None

    def limited(self, name):
        """The headers of the row's limit; refuses when it is used up."""
        for pattern, most, seconds in ROWS:
            found = pattern.match(name)
            if not found or not self.rate_limits:
                continue
            now, row = time.monotonic(), found.groups()
            spent = [at for at in self.spent.get(row, []) if at > now - seconds]
            reset = round(spent[0] + seconds - now, 3) if spent else seconds
            if len(spent) >= most:
                self.errors.append((name, 429, {"retry_after": reset}))
                body = {"message": "You are being rate limited.", "retry_after": reset, "global": False}
                return None, web.json_response(body, status=429, headers={"Retry-After": str(reset)})
            self.spent[row] = spent + [now]
            left = most - len(spent) - 1
            return {"X-RateLimit-Limit": str(most), "X-RateLimit-Remaining": str(left),
                    "X-RateLimit-Reset-After": str(reset)}, None
        return {}, None

    async def rest(self, request):
        method, path = request.method, request.path.removeprefix(API)
        headers, too_many = self.limited(f"{method} {path}")
        if too_many:
            await request.read()
            return too_many
        body, files = await self.read(request)
        line = {"platform": "discord", "method": f"{method} {path}", "body": body, "ok": False}
        if files:
            line["files"] = [{"name": file["filename"], "size": len(file["bytes"])} for file in files]
        try:
            status, data = await self.answer(request, method, path, body, files)
            line["ok"] = True
        finally:
            self.keep(line)
        if data is None:
            return web.Response(status=status, headers=headers)
        return web.json_response(data, status=status, headers=headers)

    async def answer(self, request, method, path, body, files):
        # Where a token is in the path, it is enough.
        known = path.startswith(("/webhooks/", "/interactions/"))
        if not known and request.headers.get("Authorization") != f"Bot {self.token}":
            raise Refused(401, 0, "401: Unauthorized")
        if not request.headers.get("User-Agent", "").startswith("DiscordBot ("):
            raise Refused(403, 40333, "internal network error")
        for wanted, pattern, answer in self.routes():
            found = re.fullmatch(pattern, path)
            if found and wanted == method:
                return await answer(*found.groups(), body=body, files=files, query=request.query)
        raise Refused(404, 0, "404: Not Found")

    async def read(self, request):
        if request.content_type.startswith("multipart/"):
            body, files = None, []
            async for part in await request.multipart():
                content = await part.read(decode=True)
                if part.name == "payload_json":
                    body = json.loads(content)
                elif re.fullmatch(r"files\[\d+\]", part.name):
                    files.append({"filename": part.filename, "bytes": bytes(content)})
                else:
                    raise field_error(part.name, "not known")
            return body, files
        raw = await request.read()
        if not raw:
            return None, []
        if request.content_type != "application/json":
            raise Refused(400, 50035, "Invalid Form Body")
        return json.loads(raw), []

    def keep(self, line):
        if line["body"] is None:
            return
        self.sent.append(line)
        if self.record:
            with open(self.record, "a", encoding="utf-8") as out:
                out.write(json.dumps(line) + "\n")

    def routes(self):
        app = str(self.application)
        channel, message = r"/channels/(\d+)", r"/channels/(\d+)/messages/(\d+)"
        hook = rf"/webhooks/{app}/([^/]+)"
        return [
            ("GET", "/gateway", self.get_gateway),
            ("GET", "/gateway/bot", self.get_gateway),
            ("GET", "/users/@me", self.get_me),
            ("GET", "/applications/@me", self.get_application),
            ("PUT", rf"/applications/{app}(?:/guilds/(\d+))?/commands", self.put_commands),
            ("GET", rf"/applications/{app}(?:/guilds/(\d+))?/commands", self.get_commands),
            ("GET", channel, self.get_channel),
            ("GET", channel + "/messages", self.history),
            ("POST", channel + "/messages", self.create),
            ("GET", message, self.get_message),
            ("PATCH", message, self.edit),
            ("DELETE", message, self.delete),
            ("POST", message + "/threads", self.make_thread),
            ("POST", r"/interactions/(\d+)/([^/]+)/callback", self.callback),
            ("POST", hook, self.follow_up),
            ("GET", hook + r"/messages/(@original|\d+)", self.hook_get),
            ("PATCH", hook + r"/messages/(@original|\d+)", self.hook_edit),
            ("DELETE", hook + r"/messages/(@original|\d+)", self.hook_delete),
        ]

    async def get_gateway(self, **_):
        return 200, {"url": self.gateway_address or self.gateway_url, "shards": 1,
                     "session_start_limit": {"total": 1000, "remaining": 999, "reset_after": 0, "max_concurrency": 1}}

    async def get_me(self, **_):
        return 200, self.bot_user()

    async def get_application(self, **_):
        return 200, {"id": str(self.application), "name": "ecs-why"}

    async def put_commands(self, guild, body, **_):
        errors = limits.commands(body, guild is None)
        if errors:
            raise form_error(errors)
        if guild and guild not in self.guilds:
            raise Refused(403, 50001, "Missing Access")
        kept = {command["name"]: command["id"] for command in self.commands.get(guild, [])}
        made = [command | {"id": kept.get(command["name"], self.snowflake())} for command in body]
        self.commands[guild] = made
        return 200, made

    async def get_commands(self, guild, **_):
        return 200, self.commands.get(guild, [])

    def open(self, id):
        """The channel, if the bot may be in it."""
        channel = self.channels.get(id)
        if not channel:
            raise Refused(404, 10003, "Unknown Channel")
        if channel.forbidden:
            raise Refused(403, 50001, "Missing Access")
        return channel

    async def get_channel(self, id, **_):
        return 200, self.open(id).json()

    async def history(self, id, query, **_):
        after, most = int(query.get("after", 0)), int(query.get("limit", 50))
        if not 1 <= most <= 100:
            raise field_error("limit", "int value should be 1 to 100.")
        seen = [m for m in self.open(id).messages if int(m["id"]) > after and not m["flags"] & limits.EPHEMERAL]
        seen = seen[:most] if "after" in query else seen[-most:]
        return 200, [self.public(message) for message in reversed(seen)]

    async def get_message(self, id, message, **_):
        return 200, self.public(self.open(id).message(message))

    def checked(self, body, files, editing=False):
        errors = limits.message(body, len(files), editing)
        if errors.pop("_message", None):
            raise Refused(400, 50006, "Cannot send an empty message")
        if errors:
            raise form_error(errors)

    async def create(self, id, body, files, **_):
        channel = self.open(id)
        self.checked(body, files)
        reference = body.get("message_reference")
        if reference and not any(m["id"] == reference.get("message_id") for m in channel.messages):
            if reference.get("fail_if_not_exists", True):
                raise field_error("message_reference", "Unknown message")
            body = {name: value for name, value in body.items() if name != "message_reference"}
        nonce = body.get("nonce")
        if nonce is not None and body.get("enforce_nonce"):
            seen, at = self.nonces.get(nonce, (None, 0))
            if seen and time.monotonic() - at < self.nonce_lives:
                return 200, self.public(seen, nonce=True)
        if body.get("flags", 0) & limits.EPHEMERAL:
            body = body | {"flags": 0}
        message = self.new_message(channel, body, self.user, files=files)
        if nonce is not None:
            self.nonces[nonce] = (message, time.monotonic())
        await self.announce(channel, message)
        return 200, self.public(message, nonce=True)

    def change(self, message, body, files):
        self.checked(body, files, editing=True)
        for name in ("content", "components"):
            if name in body:
                message[name] = body[name] or ("" if name == "content" else [])
        if "embeds" in body:
            message["embeds"] = [{"type": "rich", **embed} for embed in body["embeds"] or []]
        if "attachments" in body:
            kept = {str(part["id"]) for part in body["attachments"] or []}
            message["attachments"] = [file for file in message["attachments"] if file["id"] in kept]
        message["attachments"] += [self.attachment(file) for file in files]
        message["flags"] &= ~limits.LOADING
        message["edited_timestamp"] = self.now()
        message["_edits"] += 1
        message["_pings"] += limits.pings(body)
        return 200, self.public(message)

    async def edit(self, id, message, body, files, **_):
        found = self.open(id).message(message)
        if found["author"]["id"] != self.user:
            raise Refused(403, 50005, "Cannot edit a message authored by another user")
        if found["flags"] & limits.EPHEMERAL:
            raise Refused(404, 10008, "Unknown Message")
        return self.change(found, body, files)

    async def delete(self, id, message, **_):
        channel = self.open(id)
        channel.messages.remove(channel.message(message))
        return 204, None

    async def make_thread(self, id, message, body, **_):
        channel = self.open(id)
        found = channel.message(message)
        if channel.kind != 0:
            raise Refused(400, 50024, "Cannot execute action on this channel type")
        if not 1 <= limits.units(body.get("name", "").strip()) <= 100:
            raise field_error("name", "Must be between 1 and 100 in length.")
        if body.get("auto_archive_duration", 60) not in (60, 1440, 4320, 10080):
            raise field_error("auto_archive_duration", "not one of them")
        if found["id"] in self.channels:
            raise Refused(400, 160004, "A thread has already been created for this message")
        return 201, self.channel(body["name"], channel.guild, 11, channel.id, found["id"]).json()

    # Interactions

    async def callback(self, id, token, body, files, **_):
        asked = self.interactions.get(token)
        if not asked or asked.id != id:
            raise Refused(404, 10062, "Unknown interaction")
        if asked.response is not None:
            raise Refused(400, 40060, "Interaction has already been acknowledged.")
        waited = time.monotonic() - asked.began
        if waited > 3.0:
            raise Refused(404, 10062, "Unknown interaction")
        errors = limits.callback(body, asked.kind, len(files))
        if errors:
            raise form_error(errors)
        asked.response, asked.waited = body["type"], waited
        self.acks.append((asked.kind, waited))
        data = body.get("data") or {}
        if body["type"] == 8:
            asked.choices = data.get("choices") or []
        elif body["type"] in (4, 5):
            flags = data.get("flags", 0) | (limits.LOADING if body["type"] == 5 else 0)
            asked.original = self.new_message(asked.channel, data | {"flags": flags}, self.user, files=files)
        elif body["type"] == 7:
            asked.original = asked.source
            self.change(asked.source, data, files)
        elif body["type"] == 6:
            asked.original = asked.source
        return 204, None

    def hook(self, token):
        asked = self.interactions.get(token)
        if not asked or asked.response is None:
            raise Refused(404, 10015, "Unknown Webhook")
        if time.monotonic() - asked.began > self.token_lives:
            raise Refused(401, 50027, "Invalid Webhook Token")
        return asked

    def hook_message(self, token, which):
        asked = self.hook(token)
        if which == "@original":
            if asked.original is None or asked.original not in asked.channel.messages:
                raise Refused(404, 10008, "Unknown Message")
            return asked, asked.original
        return asked, asked.channel.message(which)

    async def follow_up(self, token, body, files, query, **_):
        asked = self.hook(token)
        self.checked(body, files)
        waits = asked.original if asked.original in asked.channel.messages else None
        if waits is not None and waits["flags"] & limits.LOADING:
            # What is deferred takes the first follow-up, and stays as public as it was deferred.
            _, shown = self.change(waits, body, files)
            return 200, shown
        message = self.new_message(asked.channel, body, self.user, files=files)
        if not message["flags"] & limits.EPHEMERAL:
            await self.announce(asked.channel, message)
        return 200, self.public(message)

    async def hook_get(self, token, which, **_):
        return 200, self.public(self.hook_message(token, which)[1])

    async def hook_edit(self, token, which, body, files, **_):
        return self.change(self.hook_message(token, which)[1], body, files)

    async def hook_delete(self, token, which, **_):
        asked, message = self.hook_message(token, which)
        asked.channel.messages.remove(message)
        return 204, None
