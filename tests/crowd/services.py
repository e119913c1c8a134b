"""ECS's services: their deployments in both shapes, and the events that tell of their tasks."""

import json

import day
import resources
from answers import PAGE, Refusal, named, page, sort_out
from day import DAY, MINUTE
from present import Present
from resources import ACCOUNT, REGION
from tasks import TAIL, Crowd, cluster_arn, definition_arn, deployment_id, mixed


class Services:
    """The actions about services, by name."""

    def __init__(self, crowd: Crowd, present: Present, services: dict[str, list[day.Work]], now: float):
        self.crowd, self.present, self.services, self.now = crowd, present, services, now
        self.actions = {
            "ListServices": self.list_services,
            "DescribeServices": self.describe_services,
            "ListServiceDeployments": self.list_service_deployments,
            "DescribeServiceDeployments": self.describe_service_deployments,
            "DescribeServiceRevisions": self.describe_service_revisions,
        }

    def list_services(self, asked: dict) -> dict:
        cluster = named(asked, self.services)
        return page("serviceArns", [service_arn(cluster, work) for work in self.services[cluster]], asked, default=10)

    def describe_services(self, asked: dict) -> dict:
        cluster, names = named(asked, self.services), asked.get("services") or []
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
        cluster = named(asked, self.services)
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
        every = (make(cluster, work, revision) for cluster in self.services for work in self.services[cluster] for revision in (0, 1))
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


def service_arn(cluster: str, work: day.Work) -> str:
    return f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/{cluster}/{work.name}"


def revision_arn(service: str, deployment: str) -> str:
    return f"{service.replace(':service/', ':service-revision/')}/{deployment.split('/')[-1]}"
