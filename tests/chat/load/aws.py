"""An emulated account to ask about, and a queue of events: two servers of `tests/crowd`, each a process of its own."""

import itertools
import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

CROWD = Path(__file__).resolve().parents[2] / "crowd"
sys.path.append(str(CROWD))
from environment import with_moto  # noqa: E402

# The protocols of the two services that are called from here.
TARGETS = {"ecs": ("AmazonEC2ContainerServiceV20141113", "1.1"), "sqs": ("AmazonSQS", "1.0")}
PAGE = 100  # tasks that ECS describes at once
BATCH = 10  # messages that SQS takes at once


@contextmanager
def served(*options: str):
    """A server of `tests/crowd` with these options."""
    command = [with_moto(), str(CROWD / "serve.py"), *options]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Account(json.loads(process.stdout.readline()))
        finally:
            process.stdin.close()  # it ends with its standard input


class Account:
    """Where an account is, and what is right in it."""

    def __init__(self, told: dict):
        self.told = told
        self.url, self.region, self.id = told["endpoint_url"], told["region"], told["account"]
        self.groups = told["groups"]

    def get(self, path: str) -> dict:
        with urllib.request.urlopen(self.url + path, timeout=60) as answer:
            return json.load(answer)

    def post(self, service: str, action: str, asked: dict) -> dict:
        """One call; throttled ones are made again, as a client does."""
        target, version = TARGETS[service]
        headers = {
            "X-Amz-Target": f"{target}.{action}",
            "Content-Type": f"application/x-amz-json-{version}",
            "Authorization": f"AWS4-HMAC-SHA256 Credential=x/20260101/{self.region}/{service}/aws4_request, SignedHeaders=x, Signature=x",
        }
        for _ in range(50):
            request = urllib.request.Request(self.url, json.dumps(asked).encode(), headers)
            try:
                with urllib.request.urlopen(request, timeout=60) as answer:
                    return json.loads(answer.read() or b"{}")
            except urllib.error.HTTPError as refused:
                said = refused.read().decode(errors="replace")
                if "Throttling" not in said:
                    raise RuntimeError(f"{action}: {said}") from None
                time.sleep(0.01)
        raise RuntimeError(f"{action} is throttled again and again")

    def stopped(self, count: int) -> list[tuple[dict, dict]]:
        """So many stopped tasks, as ECS describes them, each with the group that it belongs to."""
        places = self.get(f"/_expected?first=0&count={count}")
        arns = [arn for arn in places if self.groups[places[arn]].get("cause")][:count]
        found = {}
        for cluster, some in itertools.groupby(sorted(arns, key=cluster_of), cluster_of):
            some = list(some)
            for first in range(0, len(some), PAGE):
                told = self.post("ecs", "DescribeTasks", {"cluster": cluster, "tasks": some[first : first + PAGE]})
                found |= {task["taskArn"]: task for task in told["tasks"]}
        return [(found[arn], self.groups[places[arn]]) for arn in arns if found.get(arn, {}).get("lastStatus") == "STOPPED"]


def cluster_of(arn: str) -> str:
    return arn.split("/")[-2]


class Queue:
    """A queue in an account, with another for what nobody can read."""

    def __init__(self, account: Account, name: str = "ecs-why-events", visibility: int = 120, receives: int = 5):
        self.account = account
        self.dead_url = self._make(f"{name}-dead", {})
        arn = self._attributes(self.dead_url, "QueueArn")["QueueArn"]
        redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": receives})
        self.url = self._make(name, {"VisibilityTimeout": str(visibility), "RedrivePolicy": redrive})

    def _make(self, name: str, attributes: dict) -> str:
        return self.account.post("sqs", "CreateQueue", {"QueueName": name, "Attributes": attributes})["QueueUrl"]

    def _attributes(self, url: str, *names: str) -> dict:
        return self.account.post("sqs", "GetQueueAttributes", {"QueueUrl": url, "AttributeNames": list(names)})["Attributes"]

    def send(self, bodies: list[str]):
        for first in range(0, len(bodies), BATCH):
            entries = [{"Id": str(n), "MessageBody": body} for n, body in enumerate(bodies[first : first + BATCH])]
            told = self.account.post("sqs", "SendMessageBatch", {"QueueUrl": self.url, "Entries": entries})
            if told.get("Failed"):
                raise RuntimeError(f"not all were sent: {told['Failed']}")

    def left(self) -> int:
        """Messages that were not deleted, those that somebody holds among them."""
        names = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
        return sum(int(number) for number in self._attributes(self.url, *names).values())

    def dead(self) -> list[str]:
        """The bodies of what nobody could read; they are taken out."""
        found = []
        while True:
            told = self.account.post("sqs", "ReceiveMessage", {"QueueUrl": self.dead_url, "MaxNumberOfMessages": 10})
            if not told.get("Messages"):
                return found
            for message in told["Messages"]:
                found.append(message["Body"])
                self.account.post("sqs", "DeleteMessage", {"QueueUrl": self.dead_url, "ReceiptHandle": message["ReceiptHandle"]})
