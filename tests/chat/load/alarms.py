"""What AWS tells while people ask: thousands of events, and what must stand in the channels of alerts in the end."""

import json
import random
import re
from collections import Counter

from load import events

# One card a service or family and cause; a card says how many tasks it is about.
COUNTED = re.compile(r"\b(\d+) tasks stopped|\b(One) task stopped")
UNREADABLE = ["{", "not JSON at all", '{"detail-type": "ECS Task State Change"}', json.dumps({"source": "aws.ecs", "id": "x", "detail": {}})]


class Alarms:
    """Events of these tasks, of so many services and families, mixed, some sent twice, among them what nobody can read."""

    def __init__(self, tasks: list[tuple[dict, dict]], count: int, owners: int, seed: int):
        chance = random.Random(seed)
        some = list(dict.fromkeys(group["owner"] for _, group in tasks))[:owners]
        tasks = [one for one in tasks if one[1]["owner"] in some]
        told = count // 50  # what services say of themselves, and nobody needs to look at
        self.stops = tasks[: count - told]
        bodies = [events.stopped(task) for task, _ in self.stops]
        ours = [task for task, _ in tasks if task["group"].startswith("service:")]
        bodies += [events.action(task, "SERVICE_DESIRED_COUNT_UPDATED", float(task["stoppedAt"]) + 1) for task in ours[:told]]
        self.ids = {json.loads(body)["id"] for body in bodies}
        assert len(self.ids) == count, "an event has an id of its own"
        self.twice = chance.sample(bodies, count // 20)
        self.unreadable = UNREADABLE
        self.bodies = bodies + self.twice + self.unreadable
        chance.shuffle(self.bodies)
        # Failed tasks by their thread.
        self.threads = Counter((group["cluster"], group["owner"], group["cause"]) for _, group in self.stops if not group["deliberate"])

    def of(self, cluster: str) -> Counter:
        return Counter({key: count for key, count in self.threads.items() if key[0] == cluster})

    @property
    def failed(self) -> int:
        return sum(self.threads.values())


def counted(card) -> int:
    """How many tasks a card says that it is about."""
    found = COUNTED.search(card.text)
    return 0 if not found else 1 if found[2] else int(found[1])
