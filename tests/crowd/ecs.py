"""ECS itself: lists in pages, tasks, services with deployments and events, definitions. Each action takes and gives JSON."""

import json

import day
import resources
from day import DAY, HOUR, MINUTE
from resources import ACCOUNT, REGION
from tasks import TAIL, Crowd, Present, cluster_arn, definition_arn, deployment_id, mixed, task_id

PAGE = 100
BUILT_IN = ("FARGATE", "FARGATE_SPOT")


class Refusal(Exception):
    """An error of the service: its name and its words."""

    def __init__(self, name: str, message: str):
        super().__init__(message)
        self.name, self.message = name, message


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
            "ListServices": self.list_services,
            "DescribeServices": self.describe_services,
            "ListServiceDeployments": self.list_service_deployments,
            "DescribeServiceDeployments": self.describe_service_deployments,
            "DescribeServiceRevisions": self.describe_service_revisions,
            "ListTasks": self.list_tasks,
            "DescribeTasks": self.describe_tasks,
            "ListTaskDefinitions": self.list_task_definitions,
            "DescribeTaskDefinition": self.describe_task_definition,
            "ListContainerInstances": lambda asked: {"containerInstanceArns": []},
            "DescribeCapacityProviders": self.describe_capacity_providers,
            "GetTaskProtection": self.get_task_protection,
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

    def _named(self, asked: dict) -> str:
        name = (asked.get("cluster") or "default").split("/")[-1]
        if name not in self.clusters:
            raise Refusal("ClusterNotFoundException", "Cluster not found.")
        return name

    # ------------------------------------------------------------------------------------- tasks

    def list_tasks(self, asked: dict) -> bytes | dict:
        cluster, status = self._named(asked), asked.get("desiredStatus") or "RUNNING"
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
        cluster, names = self._named(asked), asked.get("tasks") or []
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
            "environment": [{"name": "LOG_LEVEL", "value": "info"}],
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
        age = (RELEASE_DAY, day.RELEASE + 2 * MINUTE)[revision] if work.is_service else (20 * DAY, 2 * DAY)[revision]
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

    # ---------------------------------------------------------------------------------- services

    def list_services(self, asked: dict) -> dict:
        cluster = self._named(asked)
        return page("serviceArns", [service_arn(cluster, work) for work in self.services[cluster]], asked, default=10)

    def describe_services(self, asked: dict) -> dict:
        cluster, names = self._named(asked), asked.get("services") or []
        if len(names) > 10:
            raise Refusal("InvalidParameterException", "Services cannot have more than 10 elements.")
        known = {work.name: work for work in self.services[cluster]}
        found, failures = sort_out(names, known, lambda name: f"{cluster_arn(cluster).replace(':cluster/', ':service/')}/{name}")
        return {"services": [self._service(cluster, work) for work in found], "failures": failures}

    def _service(self, cluster: str, work: day.Work) -> dict:
        deployments = self._deployments(work)
        return {
            "serviceArn": service_arn(cluster, work), "serviceName": work.name, "clusterArn": cluster_arn(cluster), "status": "ACTIVE",
            "desiredCount": day.DESIRED, "runningCount": sum(one["runningCount"] for one in deployments),
            "pendingCount": sum(one["pendingCount"] for one in deployments), "launchType": "FARGATE", "platformVersion": "LATEST",
            "platformFamily": "Linux", "taskDefinition": definition_arn(work, 1), "loadBalancers": [], "serviceRegistries": [],
            "deploymentConfiguration": {"deploymentCircuitBreaker": {"enable": False, "rollback": False}, "maximumPercent": 200,
                                        "minimumHealthyPercent": 100},
            "deployments": deployments, "events": self._events(work), "createdAt": self.now - 200 * DAY,
            "createdBy": f"arn:aws:iam::{ACCOUNT}:user/release-bot", "placementConstraints": [], "placementStrategy": [],
            "networkConfiguration": self._network(work), "schedulingStrategy": "REPLICA", "deploymentController": {"type": "ECS"},
            "enableECSManagedTags": True, "propagateTags": "NONE", "enableExecuteCommand": False, "tags": [],
            "roleArn": f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS",
        }  # fmt: skip

    def _network(self, work: day.Work) -> dict:
        network = self.crowd.account.networks[work.name]
        return {"awsvpcConfiguration": {"subnets": network.subnets, "securityGroups": [network.group], "assignPublicIp": "DISABLED"}}

    def _deployments(self, work: day.Work) -> list[dict]:
        """The newest first; a release that is complete has left nothing of the one before."""
        return [self._deployment(work, revision) for revision in ((1,) if work.name in day.RELEASED else (1, 0))]

    def _deployment(self, work: day.Work, revision: int) -> dict:
        name, created = deployment_id(work, revision), self.now - (day.RELEASE_BEFORE, day.RELEASE)[revision]
        done = work.name in day.RELEASED or not revision
        weights = sum(one.weight for one in self.crowd.cohorts if one.work is work and one.revision == revision and not one.is_deliberate)
        return {
            "id": name, "status": "PRIMARY" if revision else "ACTIVE", "taskDefinition": definition_arn(work, revision),
            "desiredCount": day.DESIRED, "pendingCount": day.HANGING.get(work.name, 0) if revision else 0,
            "runningCount": self.present.running(work, revision),
            "failedTasks": 0 if done else weights * self.crowd.count // day.BLOCK,
            "createdAt": created, "updatedAt": created + 3 * MINUTE, "launchType": "FARGATE", "platformVersion": "1.4.0",
            "platformFamily": "Linux", "networkConfiguration": self._network(work),
            "rolloutState": "COMPLETED" if done else "IN_PROGRESS",
            "rolloutStateReason": f"ECS deployment {name} completed." if done else f"ECS deployment {name} in progress.",
        }  # fmt: skip

    def _events(self, work: day.Work) -> list[dict]:
        """Of the tasks that failed last, as far as a hundred events go."""
        told = []
        for number in self.crowd.numbers(lambda one: one.work is work and one.revision == 1).page(0, 30):
            task = json.loads(self.crowd.task(number))
            name = task["taskArn"].split("/")[-1]
            told.append((task["createdAt"], f"has started 1 tasks: (task {name})."))
            if task["stopCode"] == "TaskFailedToStart":
                told.append((task["stoppedAt"], f"was unable to place a task. Reason: {task['stoppedReason']}."))
            elif task["stopCode"] == "ServiceSchedulerInitiated":
                told.append((task["stoppingAt"], f"has stopped 1 running tasks: (task {name})."))
        if work.cause not in (day.MEMORY, day.CRASH):
            told.append((self.now - day.RELEASE + 10 * MINUTE, f"is unable to consistently start tasks successfully. {TAIL}"))
        told.append((self.now - 3 * DAY + 5 * MINUTE, "has reached a steady state."))
        told.sort(reverse=True)
        return [
            {"id": f"{mixed(place):08x}"[:8] + "-0000-4000-a000-000000000000", "createdAt": at, "message": f"(service {work.name}) {words}"}
            for place, (at, words) in enumerate(told[:PAGE])
        ]

    def _service_named(self, cluster: str, name: str) -> day.Work:
        for work in self.services[cluster]:
            if work.name == name.split("/")[-1]:
                return work
        raise Refusal("ServiceNotFoundException", "Service not found.")

    def list_service_deployments(self, asked: dict) -> dict:
        cluster = self._named(asked)
        work = self._service_named(cluster, asked.get("service") or "")
        brief = ("serviceDeploymentArn", "serviceArn", "clusterArn", "startedAt", "createdAt", "finishedAt", "targetServiceRevisionArn",
                 "status")  # fmt: skip
        records = [self._service_deployment(cluster, work, revision) for revision in (1, 0)]
        records = [one for one in records if one["status"] in (asked.get("status") or [one["status"]])]
        return {"serviceDeployments": [{field: one[field] for field in brief if field in one} for one in records]}

    def describe_service_deployments(self, asked: dict) -> dict:
        return self._by_arn("serviceDeployment", asked, self._service_deployment)

    def describe_service_revisions(self, asked: dict) -> dict:
        return self._by_arn("serviceRevision", asked, self._service_revision)

    def _by_arn(self, kind: str, asked: dict, make) -> dict:
        every = (make(cluster, work, revision) for cluster in self.clusters for work in self.services[cluster] for revision in (0, 1))
        known = {one[f"{kind}Arn"]: one for one in every}
        wanted = asked.get(f"{kind}Arns") or []
        return {
            f"{kind}s": [known[arn] for arn in wanted if arn in known],
            "failures": [{"arn": arn, "reason": "MISSING"} for arn in wanted if arn not in known],
        }

    def _service_deployment(self, cluster: str, work: day.Work, revision: int) -> dict:
        classic = self._deployment(work, revision)
        done = classic["rolloutState"] == "COMPLETED"
        arn = service_arn(cluster, work)
        target = revision_arn(arn, classic["id"])
        return {
            "serviceDeploymentArn": target.replace(":service-revision/", ":service-deployment/"), "serviceArn": arn,
            "clusterArn": cluster_arn(cluster), "createdAt": classic["createdAt"], "startedAt": classic["createdAt"],
            "updatedAt": classic["updatedAt"], **({"finishedAt": classic["updatedAt"]} if done else {}),
            "status": "SUCCESSFUL" if done else "IN_PROGRESS", "targetServiceRevisionArn": target,
            "targetServiceRevision": {"arn": target, "requestedTaskCount": day.DESIRED, "runningTaskCount": classic["runningCount"],
                                      "pendingTaskCount": classic["pendingCount"]},
        }  # fmt: skip

    def _service_revision(self, cluster: str, work: day.Work, revision: int) -> dict:
        classic, arn = self._deployment(work, revision), service_arn(cluster, work)
        image = {"containerName": "app", "image": resources.image(work, revision)}
        if work.cause != day.IMAGE:
            image["imageDigest"] = self.crowd.digest(work, revision)
        return {
            "serviceRevisionArn": revision_arn(arn, classic["id"]), "serviceArn": arn, "clusterArn": cluster_arn(cluster),
            "taskDefinition": classic["taskDefinition"], "launchType": "FARGATE", "platformVersion": "1.4.0", "platformFamily": "Linux",
            "loadBalancers": [], "networkConfiguration": classic["networkConfiguration"], "containerImages": [image],
            "createdAt": classic["createdAt"],
        }  # fmt: skip


RELEASE_DAY = day.RELEASE_BEFORE + HOUR


def service_arn(cluster: str, work: day.Work) -> str:
    return f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/{cluster}/{work.name}"


def revision_arn(service: str, deployment: str) -> str:
    return f"{service.replace(':service/', ':service-revision/')}/{deployment.split('/')[-1]}"


def sort_out(names: list[str], known: dict, arn) -> tuple[list, list[dict]]:
    found, failures = [], []
    for name in (name.split("/")[-1] for name in names):
        if name in known:
            found.append(known[name])
        else:
            failures.append({"arn": arn(name), "reason": "MISSING"})
    return found, failures


def token(first: int) -> str:
    """Opaque, as AWS's are."""
    return f"{first:x}.{mixed(first):016x}"


def bounds(asked: dict, default: int = PAGE) -> tuple[int, int]:
    """Where a page begins, and how long it is at most."""
    size = min(int(asked.get("maxResults") or default), PAGE)
    given = asked.get("nextToken")
    if not given:
        return 0, size
    first = int(given.split(".")[0], 16) if "." in given else 0
    if given != token(first):
        raise Refusal("InvalidParameterException", "Invalid token.")
    return first, size


def page(field: str, items: list, asked: dict, default: int = PAGE) -> dict:
    first, size = bounds(asked, default)
    told = {field: items[first : first + size]}
    if first + size < len(items):
        told["nextToken"] = token(first + size)
    return told
