"""SQS, played on this machine: as much of it as a bot needs, and fast with thousands of messages, which moto is not.

It delivers at least once, and some twice on purpose; who holds a message for too long loses it to the next; what was received too often goes
to the dead letters; a share of all calls is throttled.
<https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/Welcome.html>
"""

import asyncio
import hashlib
import heapq
import itertools
import json
import threading
import time
import uuid

from aiohttp import web

ACCOUNT, REGION = "123456789012", "us-east-1"


class Refused(Exception):
    """With the code of SQS."""


class Message:
    def __init__(self, body: str):
        self.id, self.body = str(uuid.uuid4()), body
        self.received, self.first, self.gone = 0, 0.0, False


class Box:
    """A queue: what waits, by when it may be seen, and who holds what."""

    def __init__(self, name: str, attributes: dict):
        self.name = name
        self.visibility = int(attributes.get("VisibilityTimeout", 30))
        self.redrive: tuple[Box, int] | None = None
        self._waits: list[tuple[float, int, Message]] = []
        self._order = itertools.count()
        self.held: dict[str, tuple[Message, float]] = {}
        self.deleted = self.again = 0

    def put(self, message: Message, at: float = 0.0):
        heapq.heappush(self._waits, (at, next(self._order), message))

    def take(self, most: int, visibility: int, twice: bool) -> list[tuple[Message, str]]:
        now, found = time.monotonic(), []
        for receipt, (message, until) in list(self.held.items()):
            if until <= now:
                del self.held[receipt]
                self.put(message)
        while len(found) < most and self._waits and self._waits[0][0] <= now:
            message = heapq.heappop(self._waits)[2]
            if message.gone:
                continue
            if self.redrive and message.received >= self.redrive[1]:
                self.redrive[0].put(Message(message.body))
                message.gone = True
                continue
            message.received += 1
            receipt = uuid.uuid4().hex
            self.held[receipt] = (message, now + visibility)
            if twice and message.received == 1:
                # Another server of SQS has not heard yet that it is taken.
                self.put(message, -1.0)
                self.again += 1
            found.append((message, receipt))
        return found

    def delete(self, receipt: str):
        message, _ = self.held.pop(receipt, (None, 0))
        if message and not message.gone:
            message.gone = True
            self.deleted += 1

    def hold(self, receipt: str, seconds: int):
        if receipt not in self.held:
            raise Refused("MessageNotInflight")
        message, _ = self.held.pop(receipt)
        if seconds:
            self.held[receipt] = (message, time.monotonic() + seconds)
        else:
            self.put(message)

    def counts(self) -> tuple[int, int]:
        """Those that wait and those that somebody holds, each message once."""
        waits = {message.id for _, _, message in self._waits if not message.gone}
        held = {message.id for message, _ in self.held.values() if not message.gone} - waits
        return len(waits), len(held)


class PlayedQueues:
    """The service. `throttle`: so many of so many calls; `twice`: of so many calls one delivers what others get too; `longest`: nobody holds a
    message for longer, whatever they ask for, so that a short run need not wait for those that died with theirs."""

    def __init__(self, throttle: tuple[int, int] = (0, 1), twice: int = 0, longest: int = 12 * 3600):
        self.throttle, self.twice, self.longest = throttle, twice, longest
        self.boxes: dict[str, Box] = {}
        self.calls = self.throttled = 0
        self.open = True
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="sqs", daemon=True)
        self._ready = threading.Event()

    def __enter__(self) -> "PlayedQueues":
        self._thread.start()
        self._ready.wait(10)
        return self

    def __exit__(self, *_):
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _run(self):
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())
        self._ready.set()
        self._loop.run_forever()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(self._runner.cleanup())

    async def _serve(self):
        app = web.Application(client_max_size=4 << 20)
        app.router.add_post("/{path:.*}", self._call)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"

    async def _call(self, request: web.Request) -> web.StreamResponse:
        action = request.headers.get("X-Amz-Target", "").removeprefix("AmazonSQS.")
        asked = await request.json()
        self.calls += 1
        some, of = self.throttle
        if some and self.calls % of < some:
            self.throttled += 1
            return self._error("ThrottlingException", "Rate exceeded")
        method = getattr(self, f"_{action}", None)
        if method is None:
            return self._error("InvalidAction", action)
        try:
            return web.json_response(await method(asked), content_type="application/x-amz-json-1.0")
        except Refused as refused:
            return self._error(str(refused), "refused")

    @staticmethod
    def _error(code: str, said: str) -> web.Response:
        kind = "application/x-amz-json-1.0"
        return web.json_response({"__type": f"com.amazonaws.sqs#{code}", "message": said}, status=400, content_type=kind)

    def _box(self, asked: dict) -> Box:
        box = self.boxes.get(str(asked.get("QueueUrl")).rsplit("/", 1)[-1])
        if box is None:
            raise Refused("QueueDoesNotExist")
        return box

    # Actions

    async def _CreateQueue(self, asked: dict) -> dict:
        name, attributes = asked["QueueName"], asked.get("Attributes") or {}
        box = self.boxes.setdefault(name, Box(name, attributes))
        if "RedrivePolicy" in attributes:
            redrive = json.loads(attributes["RedrivePolicy"])
            box.redrive = (self.boxes[redrive["deadLetterTargetArn"].rsplit(":", 1)[-1]], int(redrive["maxReceiveCount"]))
        return {"QueueUrl": f"{self.url}/{ACCOUNT}/{name}"}

    async def _GetQueueAttributes(self, asked: dict) -> dict:
        box = self._box(asked)
        waits, held = box.counts()
        attributes = {
            "QueueArn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{box.name}",
            "VisibilityTimeout": str(box.visibility),
            "ApproximateNumberOfMessages": str(waits),
            "ApproximateNumberOfMessagesNotVisible": str(held),
        }
        wanted = asked.get("AttributeNames") or []
        return {"Attributes": {k: v for k, v in attributes.items() if k in wanted or "All" in wanted}}

    async def _SendMessage(self, asked: dict) -> dict:
        message = Message(asked["MessageBody"])
        self._box(asked).put(message)
        return {"MessageId": message.id, "MD5OfMessageBody": md5(message.body)}

    async def _SendMessageBatch(self, asked: dict) -> dict:
        sent = [{"Id": one["Id"], **await self._SendMessage({**asked, **one})} for one in asked["Entries"]]
        return {"Successful": sent, "Failed": []}

    async def _ReceiveMessage(self, asked: dict) -> dict:
        box, most = self._box(asked), int(asked.get("MaxNumberOfMessages", 1))
        if not 1 <= most <= 10:
            raise Refused("ReadCountOutOfRange")
        visibility = min(int(asked.get("VisibilityTimeout") or box.visibility), self.longest)
        end = time.monotonic() + int(asked.get("WaitTimeSeconds", 0))
        while True:
            twice = self.twice > 0 and self.calls % self.twice == 0
            found = box.take(most, visibility, twice)
            if found or time.monotonic() >= end:
                return {"Messages": [told(message, receipt) for message, receipt in found]} if found else {}
            await asyncio.sleep(0.05)

    async def _DeleteMessage(self, asked: dict) -> dict:
        self._box(asked).delete(asked["ReceiptHandle"])
        return {}

    async def _DeleteMessageBatch(self, asked: dict) -> dict:
        for one in asked["Entries"]:
            self._box(asked).delete(one["ReceiptHandle"])
        return {"Successful": [{"Id": one["Id"]} for one in asked["Entries"]], "Failed": []}

    async def _ChangeMessageVisibility(self, asked: dict) -> dict:
        self._box(asked).hold(asked["ReceiptHandle"], int(asked["VisibilityTimeout"]))
        return {}

    async def _ChangeMessageVisibilityBatch(self, asked: dict) -> dict:
        done, failed = [], []
        for one in asked["Entries"]:
            try:
                await self._ChangeMessageVisibility({**asked, **one})
                done.append({"Id": one["Id"]})
            except Refused as refused:
                failed.append({"Id": one["Id"], "SenderFault": True, "Code": str(refused)})
        return {"Successful": done, "Failed": failed}


def told(message: Message, receipt: str) -> dict:
    attributes = {"ApproximateReceiveCount": str(message.received)}
    return {"MessageId": message.id, "ReceiptHandle": receipt, "Body": message.body, "MD5OfBody": md5(message.body), "Attributes": attributes}


def md5(body: str) -> str:
    return hashlib.md5(body.encode(), usedforsecurity=False).hexdigest()
