"""The few tasks that run, or hang on their way: they are kept, with interfaces that are there."""

import json

import day
import resources
from day import DAY, MINUTE
from tasks import Crowd, definition_arn, mixed, uuid


class Present:
    """The few tasks that run, or hang on their way: they are kept."""

    def __init__(self, crowd: Crowd, clusters: int, now: float):
        self.tasks: dict[str, dict] = {}
        # By ARN: what the first cause of a hanging one must be.
        self.hanging: dict[str, day.Work] = {}
        for work in day.ALL:
            revision, running = day.RUNNING.get(work.name, (0, 0))
            cluster = day.cluster_of(work, clusters)
            for _ in range(running):
                age = day.RELEASE - 90 if revision and work.is_service else DAY if revision else 3 * DAY - 90
                self._add(crowd, work, revision, cluster, now - age, "RUNNING")
            for _ in range(day.HANGING.get(work.name, 0)):
                self.hanging[self._add(crowd, work, 1, cluster, now - 25 * MINUTE, "PENDING")] = work

    def _add(self, crowd: Crowd, work: day.Work, revision: int, cluster: str, created: float, status: str) -> str:
        place = len(self.tasks)
        name = f"{mixed(place ^ 0xC0FFEE):016x}{mixed(place ^ 0xFACADE):016x}"
        interface, address = crowd.account.interface(crowd.account.networks[work.name], place)
        chance = mixed(place ^ 0xBEEF)
        values = {
            "id": name, "uuid": uuid(chance), "request": uuid(mixed(chance)), "eni": interface, "mac": f"0a:00:00:00:00:{place:02x}",
            "subnet": crowd.account.networks[work.name].subnets[place % 2], "zone": resources.ZONES[place % 2], "address": address,
            "host": f"ip-{address.replace('.', '-')}",
        }  # fmt: skip
        text = json.dumps(crowd.frame(work, revision, cluster))
        for gap, value in values.items():
            text = text.replace(f"<<{gap}>>", value)
        task = json.loads(text) | {"desiredStatus": "RUNNING", "lastStatus": status, "createdAt": created, "connectivityAt": created + 8.4}
        if status == "RUNNING":
            task |= {"pullStartedAt": created + 17, "pullStoppedAt": created + 29, "startedAt": created + 33}
            task["containers"][0] |= {"imageDigest": crowd.digest(work, revision), "runtimeId": f"{name}-1234567890"}
        else:
            task["containers"][0]["lastStatus"] = "PENDING"
        self.tasks[task["taskArn"]] = task
        return task["taskArn"]

    def running(self, work: day.Work, revision: int) -> int:
        arn = definition_arn(work, revision)
        return sum(task["taskDefinitionArn"] == arn and task["lastStatus"] == "RUNNING" for task in self.tasks.values())
