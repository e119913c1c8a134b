"""The task role's trust policy was tightened to one cluster; ECS names the task when it assumes a role, so that it never holds."""

import json

from ecslab import proofs, stops
from ecslab.scenario import Truth
from ecslab.world import Options, trusts

OPTIONS = Options(app="quotes", uses=("secret", "logs", "load_balancer"))
MODE = "service"


def trust(w, source):
    document = trusts("ecs-tasks")
    document["Statement"][0]["Condition"] = {
        "StringEquals": {"aws:SourceAccount": w.account},
        "ArnLike": {"aws:SourceArn": source},
    }
    return document


def story(w):
    with w.ago(minutes=55):
        document = trust(w, w.arn("ecs", "cluster/prod"))
        w.aws.iam.update_assume_role_policy(RoleName=w.task_role, PolicyDocument=json.dumps(document))
        w.trail("UpdateAssumeRolePolicy", "iam", ("AWS::IAM::Role", w.task_role), by="security-review", roleName=w.task_role)
    w.deploy("v2.4.1")
    w.refuse(stops.role_not_assumed(w.role_arn(w.task_role)))


def truth(w):
    return Truth(
        root=["task-role-not-assumable"],
        resources=[w.task_role],
        never_confirm=["execution-role-not-assumable", "infrastructure-role-not-assumable", "service-role-changed", "ecr-auth-denied"],
    )  # fmt: skip


def proof(aws, w):
    statement = aws.iam.get_role(RoleName=w.task_role)["Role"]["AssumeRolePolicyDocument"]["Statement"][0]
    assert ":cluster/" in str(statement.get("Condition"))
    assert any("unable to assume the role" in message for message in proofs.events(aws, w))


def remedy(w):
    document = json.dumps(trusts("ecs-tasks"))
    return [f"aws iam update-assume-role-policy --role-name {w.task_role} --policy-document '{document}'"]
