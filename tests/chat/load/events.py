"""What EventBridge puts into the queue, made from tasks as ECS describes them.
<https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_cwe_events.html>
"""

import json
import uuid
from datetime import datetime, timezone


def iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def name(*parts: object) -> str:
    """An id that is the same whenever it is made from the same."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "/".join(map(str, parts))))


def event(kind: str, at: float, resources: list[str], detail: dict, account: str, region: str, id: str | None = None) -> str:
    """The envelope, as text."""
    told = {
        "version": "0", "id": id or name(kind, resources, at, json.dumps(detail, sort_keys=True)), "detail-type": kind, "source": "aws.ecs",
        "account": account, "time": iso(at)[:19] + "Z", "region": region, "resources": resources, "detail": detail,
    }  # fmt: skip
    return json.dumps(told)


def stopped(task: dict, at: float | None = None) -> str:
    """A task has stopped. Times are texts here, where the API has numbers."""
    detail = {key: iso(float(value)) if key.endswith("At") else value for key, value in task.items()}
    _, _, _, region, account, _ = task["taskArn"].split(":", 5)
    at = float(task["stoppedAt"]) if at is None else at
    detail["updatedAt"] = iso(at)
    return event("ECS Task State Change", at, [task["taskArn"]], detail, account, region)


def service_arn(task: dict) -> str:
    """The service that a task is of."""
    return task["clusterArn"].replace(":cluster/", ":service/") + "/" + task["group"].removeprefix("service:")


def action(task: dict, name: str, at: float, kind: str = "INFO", **detail) -> str:
    """What the service of a task says of itself."""
    arn = service_arn(task)
    _, _, _, region, account, _ = arn.split(":", 5)
    told = {"eventType": kind, "eventName": name, "clusterArn": task["clusterArn"], "createdAt": iso(at), **detail}
    return event("ECS Service Action", at, [arn], told, account, region)


def deployment(task: dict, name: str, at: float, reason: str, kind: str = "INFO") -> str:
    """What a deployment of the service of a task came to."""
    arn = service_arn(task)
    _, _, _, region, account, _ = arn.split(":", 5)
    told = {"eventType": kind, "eventName": name, "deploymentId": "ecs-svc/1234567890123456789", "updatedAt": iso(at), "reason": reason}
    return event("ECS Deployment State Change", at, [arn], told, account, region)


def before(task: dict, seconds: float, number: int = 0) -> dict:
    """Another task that stopped alike, so many seconds earlier. ECS knows nothing of it any more."""
    _, _, old = task["taskArn"].rpartition("/")
    new = uuid.uuid5(uuid.NAMESPACE_URL, f"{old}/{seconds}/{number}").hex
    told = json.loads(json.dumps(task).replace(old, new))
    return {key: f"{float(value) - seconds:.3f}" if key.endswith("At") else value for key, value in told.items()}
