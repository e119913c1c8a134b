"""Tasks from their numbers: none is kept. The id of a task holds its number, so any task can be told from its ARN alone."""

import json
from types import SimpleNamespace

import day
import resources
from resources import ACCOUNT, REGION

MASK = (1 << 64) - 1
# Odd, so that multiplying by it can be undone.
STRIDE, START = 0x9E3779B97F4A7C15, 0x1F83D9ABFB41BD6B
BACK = pow(STRIDE, -1, 1 << 64)
TAIL = "For more information, see the Troubleshooting section of the Amazon ECS Developer Guide."
PULL_FAILED = (
    "CannotPullContainerError: pull image manifest has been retried {retries} time(s): failed to resolve ref {image}: {image}: not found"
)
INIT_FAILED = "ResourceInitializationError: unable to pull secrets or registry auth: "
SECRET_DENIED = (
    INIT_FAILED + "execution resource retrieval failed: unable to retrieve secret from asm: service call has been retried 1 time(s): "
    "failed to fetch secret {secret} from secrets manager: operation error Secrets Manager: GetSecretValue, https response error "
    "StatusCode: 400, RequestID: {request}, api error AccessDeniedException: User: arn:aws:sts::{account}:assumed-role/{role}/{id} is not "
    "authorized to perform: secretsmanager:GetSecretValue on resource: {secret} because no identity-based policy allows the "
    "secretsmanager:GetSecretValue action"
)
UNREACHABLE = (
    INIT_FAILED + "The task cannot pull registry auth from Amazon ECR: There is a connection issue between the task and Amazon ECR. Check "
    "your task network configuration. operation error ECR: GetAuthorizationToken, exceeded maximum number of attempts, 3, https response "
    'error StatusCode: 0, RequestID: , request send failed, Post "https://api.ecr.{region}.amazonaws.com/": dial tcp {remote}:443: i/o '
    "timeout"
)
NO_LOG_GROUP = (
    "ResourceInitializationError: failed to validate logger args: create stream has been retried {retries} times: failed to create "
    "Cloudwatch log stream: operation error CloudWatch Logs: CreateLogStream, https response error StatusCode: 400, RequestID: {request}, "
    "ResourceNotFoundException: The specified log group does not exist. : exit status 1"
)
# What people write when they stop a task, the second in words that they have read before.
BY_HAND = ("recycling the task to pick up the rotated certificate", "CannotPullContainerError: no, just cleaning up after the test")


def mixed(number: int) -> int:
    """64 bits that look like chance (splitmix64)."""
    number = (number + 0x9E3779B97F4A7C15) & MASK
    number = ((number ^ (number >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    number = ((number ^ (number >> 27)) * 0x94D049BB133111EB) & MASK
    return number ^ (number >> 31)


def task_id(number: int) -> str:
    first = (number * STRIDE + START) & MASK
    return f"{first:016x}{mixed(first):016x}"


def number_of(name: str) -> int | None:
    """The number in a task's id; None if it is not one of ours."""
    try:
        first, second = int(name[:16], 16), int(name[16:], 16)
    except ValueError:
        return None
    return (first - START) * BACK & MASK if len(name) == 32 and mixed(first) == second else None


def cluster_arn(cluster: str) -> str:
    return f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/{cluster}"


def task_arn(cluster: str, name: str) -> str:
    return f"arn:aws:ecs:{REGION}:{ACCOUNT}:task/{cluster}/{name}"


def definition_arn(work: day.Work, revision: int) -> str:
    return f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/{work.family}:{revision + 1}"


def deployment_id(work: day.Work, revision: int) -> str:
    return f"ecs-svc/{10**18 + mixed(day.ALL.index(work) * 2 + revision) % (9 * 10**18)}"


def started_by(work: day.Work, revision: int) -> str | None:
    return deployment_id(work, revision) if work.is_service else work.started_by


class Crowd:
    """All stopped tasks of the account, by number."""

    def __init__(self, count: int, clusters: int, account: SimpleNamespace, now: float):
        self.count, self.account, self.now = count, account, now
        self.cohorts = day.cohorts(clusters)
        self.slots = day.slots(self.cohorts)
        self._templates = [self._template(cohort) for cohort in self.cohorts]

    def cohort(self, number: int) -> day.Cohort:
        return self.cohorts[self.slots[number % day.BLOCK]]

    def find(self, cluster: str, name: str) -> int | None:
        """The number of the task with an id in a cluster."""
        number = number_of(name)
        known = number is not None and number < self.count and self.cohort(number).cluster == cluster
        return number if known else None

    def arn(self, number: int) -> str:
        return task_arn(self.cohort(number).cluster, task_id(number))

    def numbers(self, matches) -> "Numbers":
        """The tasks whose cohorts match."""
        fits = [matches(cohort) for cohort in self.cohorts]
        return Numbers([slot for slot in range(day.BLOCK) if fits[self.slots[slot]]], self.count)

    def stopped_at(self, number: int) -> float:
        cohort = self.cohort(number)
        share = mixed(number ^ 0x5A5A) / MASK
        return self.now - cohort.oldest + share * (cohort.oldest - cohort.newest)

    def log_lines(self, number: int) -> list[str]:
        """What the application wrote before it ended."""
        if self.cohort(number).cause != day.CRASH:
            return ["listening on port 8080"]
        address = f"10.20.{number % 16}.{mixed(number) % 250 + 4}"
        return ["starting", f'error: cannot connect to database "main" at {address}:5432: connection refused', "exiting with code 1"]

    def task(self, number: int) -> str:
        """The task as JSON, as DescribeTasks gives it."""
        place = self.slots[number % day.BLOCK]
        cohort, chance = self.cohorts[place], mixed(number + 1)
        stopped = self.stopped_at(number)
        side, dice = chance & 1, mixed(chance)
        network = self.account.networks[cohort.work.name]
        third, fourth = (chance >> 8) & 15, (chance >> 16) % 250 + 4
        values = {
            "id": task_id(number),
            "uuid": uuid(dice),
            "request": uuid(mixed(dice)),
            "eni": f"eni-0{dice:016x}",
            "mac": "0a:" + dice.to_bytes(8, "big")[3:].hex(":"),
            "subnet": network.subnets[side],
            "zone": resources.ZONES[side],
            "address": f"{network.prefix}.{16 * side + third}.{fourth}",
            "host": f"ip-{network.prefix.replace('.', '-')}-{16 * side + third}-{fourth}",
            "remote": f"44.{200 + (dice >> 40) % 40}.{(dice >> 48) & 255}.{(dice >> 56) % 253 + 1}",
            "retries": str(1 + (chance >> 24) % 7),
            "runtime": str(10**9 + dice % (9 * 10**9)),
        }
        return self._templates[place] % (values | _times(cohort, stopped, 0.8 + (chance >> 32) % 400 / 1000))

    def _template(self, cohort: day.Cohort) -> str:
        """A task as JSON, with a gap for all that differs within its cohort."""
        task = self.frame(cohort.work, cohort.revision, cohort.cluster) | {
            "desiredStatus": "STOPPED",
            "lastStatus": "STOPPED",
            "connectivityAt": "{{connectivityAt}}",
            "createdAt": "{{createdAt}}",
            "stoppingAt": "{{stoppingAt}}",
            "stoppedAt": "{{stoppedAt}}",
        }
        container = task["containers"][0] | {"lastStatus": "STOPPED"}
        task["containers"] = [container]
        task["attachments"][0]["status"] = "DELETED"
        if cohort.reached == day.SECRETS:
            words = {day.SECRET: SECRET_DENIED, day.ROUTE: UNREACHABLE, day.GROUP: NO_LOG_GROUP}[cohort.cause]
            task |= {"stopCode": "TaskFailedToStart", "stoppedReason": self._words(words, cohort)}
        elif cohort.reached == day.PULL:
            task |= {"stopCode": "TaskFailedToStart", "stoppedReason": self._words(PULL_FAILED, cohort)}
            task |= {name: f"{{{{{name}}}}}" for name in ("pullStartedAt", "pullStoppedAt", "executionStoppedAt")}
            container["reason"] = task["stoppedReason"]
        else:
            task |= {name: f"{{{{{name}}}}}" for name in ("pullStartedAt", "pullStoppedAt", "startedAt", "executionStoppedAt")}
            container |= {"imageDigest": self.digest(cohort.work, cohort.revision), "runtimeId": "<<id>>-<<runtime>>"}
            task |= self._end(cohort, container)
        text = json.dumps(task, separators=(",", ":")).replace("%", "%%")
        text = text.replace('"{{', "%(").replace('}}"', ")s")
        return text.replace("<<", "%(").replace(">>", ")s")

    def _end(self, cohort: day.Cohort, container: dict) -> dict:
        """How a task ended that had run; its container is told too."""
        if cohort.is_deliberate:
            container["exitCode"] = 143
            if cohort.cause == day.BY_USER:
                return {"stopCode": "UserInitiated", "stoppedReason": BY_HAND[cohort.words]}
            deployment = deployment_id(cohort.work, cohort.revision)
            return {"stopCode": "ServiceSchedulerInitiated", "stoppedReason": f"Scaling activity initiated by (deployment {deployment})"}
        container["exitCode"] = 137 if cohort.cause == day.MEMORY else 1
        if cohort.cause == day.MEMORY:
            container["reason"] = "OutOfMemoryError: Container killed due to memory usage"
        return {"stopCode": "EssentialContainerExited", "stoppedReason": "Essential container in task exited"}

    def _words(self, words: str, cohort: day.Cohort) -> str:
        work = cohort.work
        secret = self.account.secrets.get(work.secret, "")
        varying = {name: f"<<{name}>>" for name in ("id", "request", "remote", "retries")}
        image = resources.image(work, cohort.revision)
        return words.format(secret=secret, account=ACCOUNT, role=work.execution_role, region=REGION, image=image, **varying)

    @staticmethod
    def digest(work: day.Work, revision: int) -> str:
        tag = work.tags[revision]
        return resources.digest(resources.manifest(f"{work.repository}:{tag}"))

    def frame(self, work: day.Work, revision: int, cluster: str) -> dict:
        """What all tasks have, those that run too."""
        arn = task_arn(cluster, "<<id>>")
        return {
            "taskArn": arn,
            "clusterArn": cluster_arn(cluster),
            "taskDefinitionArn": definition_arn(work, revision),
            "group": work.group,
            **({"startedBy": started_by(work, revision)} if started_by(work, revision) else {}),
            "availabilityZone": "<<zone>>",
            "attachments": [
                {
                    "id": "<<uuid>>",
                    "type": "ElasticNetworkInterface",
                    "status": "ATTACHED",
                    "details": [
                        {"name": "subnetId", "value": "<<subnet>>"},
                        {"name": "networkInterfaceId", "value": "<<eni>>"},
                        {"name": "macAddress", "value": "<<mac>>"},
                        {"name": "privateDnsName", "value": "<<host>>.ec2.internal"},
                        {"name": "privateIPv4Address", "value": "<<address>>"},
                    ],
                }
            ],
            "attributes": [{"name": "ecs.cpu-architecture", "value": "x86_64"}],
            "connectivity": "CONNECTED",
            "containers": [
                {
                    "containerArn": arn.replace(":task/", ":container/") + "/<<request>>",
                    "taskArn": arn,
                    "name": "app",
                    "image": resources.image(work, revision),
                    "lastStatus": "RUNNING",
                    "healthStatus": "UNKNOWN",
                    "cpu": "0",
                    "networkBindings": [],
                    "networkInterfaces": [{"attachmentId": "<<uuid>>", "privateIpv4Address": "<<address>>"}],
                }
            ],
            "cpu": "512",
            "memory": "1024",
            "enableExecuteCommand": False,
            "ephemeralStorage": {"sizeInGiB": 20},
            "healthStatus": "UNKNOWN",
            "launchType": "FARGATE",
            "platformFamily": "Linux",
            "platformVersion": "1.4.0",
            "overrides": {"containerOverrides": [{"name": "app"}], "inferenceAcceleratorOverrides": []},
            "tags": [],
            "version": 6,
        }


class Numbers:
    """Some of the tasks, in order: those at certain places of every thousand."""

    def __init__(self, places: list[int], count: int):
        self._places, self._count = places, count
        full, rest = divmod(count, day.BLOCK)
        self._length = full * len(places) + sum(place < rest for place in places)

    def __len__(self) -> int:
        return self._length

    def page(self, first: int, size: int) -> list[int]:
        size = max(0, min(size, self._length - first))
        blocks = (divmod(first + step, len(self._places)) for step in range(size))
        return [block * day.BLOCK + self._places[place] for block, place in blocks]


def uuid(bits: int) -> str:
    digits = f"{bits:016x}{mixed(bits):016x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


# The names and lengths of the steps of a task, in order, by how far it came; None is how long the last one took.
STEPS = {
    day.SECRETS: (("connectivityAt", 8.4), ("stoppingAt", None), ("stoppedAt", 21.5)),
    day.PULL: (("connectivityAt", 8.4), ("pullStartedAt", 9.1), ("pullStoppedAt", None), ("executionStoppedAt", 2.2),
               ("stoppingAt", 0.3), ("stoppedAt", 21.5)),
    day.RUN: (("connectivityAt", 8.4), ("pullStartedAt", 9.1), ("pullStoppedAt", 11.8), ("startedAt", 3.7),
              ("executionStoppedAt", None), ("stoppingAt", 6.2), ("stoppedAt", 21.5)),
    "told": (("connectivityAt", 8.4), ("pullStartedAt", 9.1), ("pullStoppedAt", 11.8), ("startedAt", 3.7),
             ("stoppingAt", None), ("executionStoppedAt", 3.0), ("stoppedAt", 21.5)),
}  # fmt: skip


def _times(cohort: day.Cohort, stopped: float, pace: float) -> dict[str, str]:
    """The moments of a task, told back from its end."""
    steps = STEPS["told" if cohort.is_deliberate else cohort.reached]
    clock, times = stopped, {}
    for name, lasted in reversed(steps):
        times[name] = f"{clock:.3f}"
        clock -= (cohort.lasted if lasted is None else lasted) * pace
    times["createdAt"] = f"{clock:.3f}"
    return times
