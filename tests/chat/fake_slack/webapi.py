"""The Web API, uploads and response_urls."""

import asyncio
import json
import time

from aiohttp import web

from .limits import refusal

# These take no JSON: https://docs.slack.dev/apis/web-api/#methods_supporting_json
NO_JSON = {"conversations.history", "conversations.replies", "files.getUploadURLExternal", "usergroups.users.list"}
SAID = {"chat.postMessage", "chat.update", "chat.postEphemeral"}
USES, LIFE = 5, 30 * 60  # of a response_url


class Refused(Exception):
    """With Slack's code."""


def _value(name: str, text: str):
    """In a form everything is text, and some of it JSON."""
    if name in ("blocks", "metadata", "files"):
        return json.loads(text)
    return text


def _true(value) -> bool:
    return value in (True, "true", "True", "1")


class WebApi:
    def __init__(self, played):
        self.played = played
        self.calls: list[tuple[str, dict]] = []
        self.refusals: list[str] = []
        self._uploads: dict[str, dict] = {}
        self._responses: dict[str, dict] = {}
        self._methods = {
            "auth.test": self._auth,
            "apps.connections.open": self._open,
            "chat.postMessage": self._post,
            "chat.update": self._update,
            "chat.postEphemeral": self._whisper,
            "conversations.history": self._history,
            "conversations.replies": self._replies,
            "files.getUploadURLExternal": self._upload_url,
            "files.completeUploadExternal": self._uploaded,
            "usergroups.users.list": self._members,
        }

    # HTTP

    async def call(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        arguments = await self._arguments(request, method)
        self.calls.append((method, arguments))
        trouble = self.played.troubles.next(method)
        if trouble and trouble.kind == "slow":
            await asyncio.sleep(trouble.wait)
        if trouble and trouble.kind == "500":
            return web.Response(status=500, text="<html>oops</html>")
        wait = self.played.rates.wait(method, arguments.get("channel"), time.monotonic())
        if trouble and trouble.kind == "429":
            wait = max(wait, trouble.wait)
        if wait:
            seconds = str(max(1, int(wait + 0.999)))
            return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers={"Retry-After": seconds})
        if trouble and trouble.kind == "error":
            return web.json_response({"ok": False, "error": trouble.code})
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        try:
            answer = {"ok": True, **self._answer(method, arguments, token)}
        except Refused as refused:
            code, _, why = str(refused).partition(" ")
            self.refusals.append(f"{method}: {refused}")
            answer = {"ok": False, "error": code} | ({"errors": [why]} if why else {})
        if method in SAID:
            self.played.record(method, arguments, answer)
        if trouble and trouble.kind == "lost":
            return web.Response(status=500, text="lost")
        if trouble and trouble.kind == "cut":
            request.transport.abort()
        if trouble and trouble.kind == "held":
            await asyncio.sleep(trouble.wait)
        if trouble and trouble.kind == "body":
            return web.Response(text=trouble.body, content_type="application/json")
        return web.json_response(answer)

    async def _arguments(self, request: web.Request, method: str) -> dict:
        if request.method == "GET" or request.content_type != "application/json":
            form = dict(request.query) if request.method == "GET" else dict(await request.post())
            return {k: _value(k, v) for k, v in form.items() if k != "token"}
        text = await request.text()
        if method in NO_JSON or not text:
            return {}
        return json.loads(text)

    def _answer(self, method: str, arguments: dict, token: str) -> dict:
        if method not in self._methods:
            raise Refused("unknown_method")
        wanted = self.played.app_token if method == "apps.connections.open" else self.played.bot_token
        if not token:
            raise Refused("not_authed")
        if token != wanted:
            raise Refused("not_allowed_token_type" if token.startswith(("xoxb-", "xapp-")) else "invalid_auth")
        return self._methods[method](arguments)

    # Methods

    def _auth(self, _):
        return {"team_id": self.played.team, "user_id": self.played.bot_user, "bot_id": self.played.bot_id, "user": "ecs-why"}

    def _open(self, _):
        return {"url": f"ws://127.0.0.1:{self.played.port}/link/?ticket={self.played.deliveries.ticket()}&app_id=A0"}

    def _channel(self, arguments: dict):
        channel = self.played.channels.get(arguments.get("channel") or arguments.get("channel_id"))
        if channel is None or (channel.direct and not channel.member):
            raise Refused("channel_not_found")
        if not channel.member:
            raise Refused("not_in_channel")
        return channel

    def _content(self, arguments: dict) -> dict:
        wrong = refusal(arguments)
        if wrong:
            raise Refused(wrong)
        kept = {k: arguments[k] for k in ("text", "blocks", "metadata") if k in arguments}
        return {"user": self.played.bot_user, "bot_id": self.played.bot_id, "app_id": "A0", "team": self.played.team, **kept}

    def _thread(self, channel, arguments: dict) -> dict:
        thread = arguments.get("thread_ts")
        if thread is None:
            return {}
        parent = channel.find(thread)
        if parent is None:
            raise Refused("invalid_thread_ts")
        if parent.thread not in (None, parent.ts):
            raise Refused("cannot_reply_to_message a reply has no replies")
        return {"thread_ts": thread}

    def _post(self, arguments: dict):
        channel = self._channel(arguments)
        if channel.archived:
            raise Refused("is_archived")
        if arguments.get("unfurl_links") is not False or arguments.get("unfurl_media") is not False:
            raise Refused("invalid_arguments the bot's messages unfurl nothing")
        message = channel.add({**self._content(arguments), **self._thread(channel, arguments)})
        return {"channel": channel.id, "ts": message.ts, "message": message.seen(True)}

    def _update(self, arguments: dict):
        channel = self._channel(arguments)
        message = channel.find(arguments.get("ts"))
        if message is None:
            raise Refused("message_not_found")
        if not message.by_bot:
            raise Refused("cant_update_message")
        message.change(self._content(arguments))
        channel.changed()
        return {"channel": channel.id, "ts": message.ts, "text": message.text, "message": {"text": message.text, "user": self.played.bot_user}}

    def _whisper(self, arguments: dict):
        channel = self._channel(arguments)
        user = arguments.get("user")
        if not user or user == self.played.bot_user:
            raise Refused("user_not_in_channel")
        message = channel.whisper(user, {**self._content(arguments), **self._thread(channel, arguments)})
        return {"message_ts": message.ts}

    def _history(self, arguments: dict):
        channel = self._channel(arguments)
        messages = [m for m in channel.messages if m.thread in (None, m.ts)]
        return self._page(list(reversed(messages)), arguments)

    def _replies(self, arguments: dict):
        channel = self._channel(arguments)
        parent = channel.find(arguments.get("ts"))
        if parent is None:
            raise Refused("thread_not_found")
        if parent.thread not in (None, parent.ts):
            return self._page([parent], arguments)
        return self._page([parent, *channel.of_thread(parent.ts)], arguments, parent)

    def _page(self, messages: list, arguments: dict, parent=None):
        oldest, latest = arguments.get("oldest", "0"), arguments.get("latest", "9999999999")
        messages = [m for m in messages if m is parent or float(oldest) < float(m.ts) < float(latest)]
        limit, start = int(arguments.get("limit", 100)), int(arguments.get("cursor") or 0)
        if not 1 <= limit <= 999:
            raise Refused("invalid_limit")
        metadata = _true(arguments.get("include_all_metadata"))
        page = [m.seen(metadata) for m in messages[start : start + limit]]
        more = start + limit < len(messages)
        return {"messages": page, "has_more": more, "response_metadata": {"next_cursor": str(start + limit) if more else ""}}

    def _upload_url(self, arguments: dict):
        if not arguments.get("filename") or not str(arguments.get("length", "")).isdigit() or int(arguments["length"]) < 1:
            raise Refused("invalid_arguments")
        id = f"F{len(self._uploads):08}"
        self._uploads[id] = {"name": arguments["filename"], "length": int(arguments["length"]), "bytes": None}
        return {"upload_url": f"{self.played.url}/upload/{id}", "file_id": id}

    def _uploaded(self, arguments: dict):
        shared = []
        for file in arguments.get("files") or []:
            upload = self._uploads.get(file.get("id"))
            if upload is None or upload["bytes"] is None or upload.get("shared"):
                raise Refused("file_not_found")
            shared.append({"id": file["id"], "title": file.get("title") or upload["name"], "name": upload["name"], "content": upload["bytes"].decode()})
        if not shared:
            raise Refused("invalid_arguments")
        channel = self._channel(arguments)
        thread = self._thread(channel, arguments)
        for file in shared:
            self._uploads[file["id"]]["shared"] = True
        channel.add({"user": self.played.bot_user, "bot_id": self.played.bot_id, "text": "", "files": shared, **thread})
        return {"files": [{"id": f["id"], "title": f["title"]} for f in shared]}

    def _members(self, arguments: dict):
        if arguments.get("usergroup") not in self.played.groups:
            raise Refused("no_such_subteam")
        return {"users": self.played.groups[arguments["usergroup"]]}

    # Addresses that carry their right in themselves

    async def upload(self, request: web.Request) -> web.StreamResponse:
        if "Authorization" in request.headers:
            self.refusals.append("upload: the token is none of the upload's business")
        upload = self._uploads.get(request.match_info["id"])
        body = await request.read()
        if upload is None or len(body) != upload["length"]:
            return web.Response(status=400, text="wrong length")
        upload["bytes"] = body
        return web.Response(text=f"OK - {len(body)}")

    def response_url(self, channel, user: str, message=None) -> str:
        id = f"r{len(self._responses)}"
        self._responses[id] = {"channel": channel, "user": user, "uses": 0, "made": time.monotonic(), "last": message}
        return f"{self.played.url}/response/{id}"

    async def respond(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        trouble = self.played.troubles.next("response_url")
        if trouble and trouble.kind == "500":
            return web.Response(status=500)
        response = self._responses.get(request.match_info["id"])
        if response is None or response["uses"] >= USES or time.monotonic() - response["made"] > LIFE:
            return web.json_response({"ok": False, "error": "used_url"}, status=404)
        wrong = refusal(body)
        self.played.record("response_url", body, {"ok": not wrong, "error": wrong})
        if wrong:
            self.refusals.append(f"response_url: {wrong}")
            return web.json_response({"ok": False, "error": wrong.split(" ")[0]}, status=500 if wrong == "no_text" else 400)
        response["uses"] += 1
        channel, content = response["channel"], {k: body[k] for k in ("text", "blocks") if k in body}
        content |= {"user": self.played.bot_user, "bot_id": self.played.bot_id, "by_response": True}
        if body.get("replace_original") and response["last"] is not None:
            response["last"].change(content)
            channel.changed()
        elif body.get("response_type") == "in_channel":
            response["last"] = channel.add(content)
        else:
            response["last"] = channel.whisper(response["user"], content)
        return web.Response(text="ok")
