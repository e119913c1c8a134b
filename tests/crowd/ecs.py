"""ECS itself: lists in pages, tasks, services with deployments and events, definitions. Each action takes and gives JSON."""

import json

import day
import resources
from answers import PAGE, Refusal, bounds, named, page, sort_out, token
from day import DAY, HOUR, MINUTE
from present import Present
from resources import ACCOUNT, REGION
from services import Services
from tasks import Crowd, cluster_arn, definition_arn, task_id

BUILT_IN = ("FARGATE", "FARGATE_SPOT")
# When the revisions of jobs were registered, in seconds before now.
JOBS_REGISTERED = (20 * DAY, 2 * DAY)


class Ecs:
    """The actions, by name: `ecs.answer("ListTasks", {...})` gives the JSON."""

    def __init__(self, crowd: Crowd, present: Present, clusters: int, now: float):
        self.crowd, self.present, self.now = crowd, present, now
        self.clusters = ["prod", "batch"][:clusters]
        self.services = {
            cluster: [work for work in day.SERVICES if day.cluster_of(work, clusters) == cluster] for cluster in self.clusters
        }
        self.definitions = {definition_arn(work, revision): (work, revision) for work in day.ALL for revision in (0, 1)}
        self._lists: dict = {}
        self._actions = {
            "ListClusters": self.list_clusters,
            "DescribeClusters": self.describe_clusters,
            "ListTasks": self.list_tasks,
            "DescribeTasks": self.describe_tasks,
            "ListTaskDefinitions": self.list_task_definitions,
            "DescribeTaskDefinition": self.describe_task_definition,
            "ListContainerInstances": lambda asked: {"containerInstanceArns": []},
            "DescribeCapacityProviders": self.describe_capacity_providers,
            "GetTaskProtection": self.get_task_protection,
            **Services(crowd, present, self.services, now).actions,
        }

    def knows(self, action: str) -> bool:
        return action in self._actions

    def answer(self, action: str, asked: dict) -> bytes:
        told = self._actions[action](asked)
        return told if isinstance(told, bytes) else json.dumps(told).encode()

    # ---------------------------------------------------------------------------------- clusters

    def list_clusters(self, asked: dict) -> dict:
        return page("clusterArns", [cluster_arn(name) for name in self.clusters], asked)

    def describe_clusters(self, asked: dict) -> dict:
        found, failures = sort_out(asked.get("clusters") or ["default"], {name: name for name in self.clusters}, cluster_arn)
        return {"clusters": [self._cluster(name) for name in found], "failures": failures}

    def _cluster(self, name: str) -> dict:
        present = [task for task in self.present.tasks.values() if task["clusterArn"] == cluster_arn(name)]
        running = sum(task["lastStatus"] == "RUNNING" for task in present)
        return {
            "clusterArn": cluster_arn(name), "clusterName": name, "status": "ACTIVE", "registeredContainerInstancesCount": 0,
            "runningTasksCount": running, "pendingTasksCount": len(present) - running, "activeServicesCount": len(self.services[name]),
            "statistics": [], "tags": [], "settings": [{"name": "containerInsights", "value": "disabled"}],
            "capacityProviders": list(BUILT_IN), "defaultCapacityProviderStrategy": [],
        }  # fmt: skip

    # ------------------------------------------------------------------------------------- tasks

    def list_tasks(self, asked: dict) -> bytes | dict:
        cluster, status = named(asked, self.clusters), asked.get("desiredStatus") or "RUNNING"
        service = (asked.get("serviceName") or "").split("/")[-1]
        if service and service not in {work.name for work in self.services[cluster]}:
            raise Refusal("ServiceNotFoundException", "Service not found.")
        family, by, launch = asked.get("family"), asked.get("startedBy"), asked.get("launchType")
        if asked.get("containerInstance") or launch not in (None, "FARGATE"):
            return {"taskArns": []}

        def fits(task: dict) -> bool:
            return (
                task["clusterArn"] == cluster_arn(cluster)
                and task["desiredStatus"] == status
                and (not service or task["group"] == f"service:{service}")
                and (not family or task["taskDefinitionArn"].split("/")[-1].split(":")[0] == family)
                and (not by or task.get("startedBy") == by)
            )

        if status != "STOPPED":
            return page("taskArns", [arn for arn, task in self.present.tasks.items() if fits(task)], asked)
        key = (cluster, service, family, by)
        if key not in self._lists:
            frames = {cohort: self.crowd.frame(cohort.work, cohort.revision, cohort.cluster) for cohort in self.crowd.cohorts}
            self._lists[key] = self.crowd.numbers(lambda cohort: fits(frames[cohort] | {"desiredStatus": "STOPPED"}))
        numbers = self._lists[key]
        first, size = bounds(asked)
        prefix = f"arn:aws:ecs:{REGION}:{ACCOUNT}:task/{cluster}/"
        told = {"taskArns": [prefix + task_id(number) for number in numbers.page(first, size)]}
        if first + size < len(numbers):
            told["nextToken"] = token(first + size)
        return told

    def describe_tasks(self, asked: dict) -> bytes:
        cluster, names = named(asked, self.clusters), asked.get("tasks") or []
        if not names:
            raise Refusal("InvalidParameterException", "Tasks cannot be empty.")
        if len(names) > PAGE:
            raise Refusal("InvalidParameterException", "Tasks cannot have more than 100 elements.")
        found, failures = [], []
        for name in names:
            arn = name if name.startswith("arn:") else f"arn:aws:ecs:{REGION}:{ACCOUNT}:task/{cluster}/{name}"
            *_, where, last = arn.split("/")
            number = self.crowd.find(cluster, last) if where == cluster else None
            if number is not None:
                found.append(self.crowd.task(number))
            elif arn in self.present.tasks and where == cluster:
                found.append(json.dumps(self.present.tasks[arn]))
            else:
                failures.append({"arn": arn, "reason": "MISSING"})
        return f'{{"tasks":[{",".join(found)}],"failures":{json.dumps(failures)}}}'.encode()

    def get_task_protection(self, asked: dict) -> dict:
        arns = [arn for arn in asked.get("tasks") or list(self.present.tasks) if arn in self.present.tasks]
        return {"protectedTasks": [{"taskArn": arn, "protectionEnabled": False} for arn in arns], "failures": []}

    # ------------------------------------------------------------------------------- definitions

    def list_task_definitions(self, asked: dict) -> dict:
        family = asked.get("familyPrefix")
        arns = [arn for arn, (work, _) in self.definitions.items() if not family or work.family == family]
        return page("taskDefinitionArns", arns[::-1] if asked.get("sort") == "DESC" else arns, asked)

    def describe_task_definition(self, asked: dict) -> dict:
        name = (asked.get("taskDefinition") or "").split("/")[-1]
        family, _, revision = name.partition(":")
        for arn, (work, number) in reversed(self.definitions.items()):
            if work.family == family and revision in ("", str(number + 1)):
                return {"taskDefinition": self._definition(arn, work, number), "tags": []}
        raise Refusal("ClientException", "Unable to describe task definition.")

    def _definition(self, arn: str, work: day.Work, revision: int) -> dict:
        container = {
            "name": "app",
            "image": resources.image(work, revision),
            "cpu": 0,
            "essential": True,
            "portMappings": [],
            "command": ["serve", f"--token={resources.CANARY}"],
            "environment": [
                {"name": "LOG_LEVEL", "value": "info"},
                {"name": "UPSTREAM", "value": f"https://app:{resources.CANARY}@upstream.example/?signature={resources.CANARY}"},
            ],
            "dockerLabels": {"deployed-with": resources.CANARY},
            "environmentFiles": [],
            "mountPoints": [],
            "volumesFrom": [],
            "secrets": [],
            "systemControls": [],
            "logConfiguration": {
                "logDriver": "awslogs",
                "options": {"awslogs-group": work.log_group, "awslogs-region": REGION, "awslogs-stream-prefix": work.name},
            },
        }
        if work.secret:
            container["secrets"].append({"name": "DATABASE", "valueFrom": self.crowd.account.secrets[work.secret]})
        released = (day.RELEASE_BEFORE + HOUR, day.RELEASE + 2 * MINUTE)
        age = (released if work.is_service else JOBS_REGISTERED)[revision]
        return {
            "taskDefinitionArn": arn, "family": work.family, "revision": revision + 1, "status": "ACTIVE", "networkMode": "awsvpc",
            "containerDefinitions": [container], "volumes": [], "placementConstraints": [], "compatibilities": ["EC2", "FARGATE"],
            "requiresCompatibilities": ["FARGATE"], "requiresAttributes": [], "cpu": "512", "memory": "1024",
            "executionRoleArn": f"arn:aws:iam::{ACCOUNT}:role/{work.execution_role}",
            "taskRoleArn": f"arn:aws:iam::{ACCOUNT}:role/app-task",
            "runtimePlatform": {"cpuArchitecture": "X86_64", "operatingSystemFamily": "LINUX"},
            "registeredAt": self.now - age, "registeredBy": f"arn:aws:iam::{ACCOUNT}:user/release-bot",
        }  # fmt: skip

    def describe_capacity_providers(self, asked: dict) -> dict:
        arn = f"arn:aws:ecs:{REGION}:{ACCOUNT}:capacity-provider/"
        return {"capacityProviders": [{"name": name, "capacityProviderArn": arn + name, "status": "ACTIVE"} for name in BUILT_IN]}
