"""Nothing is wrong: both roles trust ECS's tasks of this account and region only, as AWS advises."""

import json

from ecslab import proofs
from ecslab.scenario import Truth
from ecslab.world import Options, trusts

OPTIONS = Options(app="quotes", uses=("secret", "logs", "load_balancer"))
MODE = "check"


def story(w):
    document = trusts("ecs-tasks")
    document["Statement"][0]["Condition"] = {
        "StringEquals": {"aws:SourceAccount": w.account},
        "ArnLike": {"aws:SourceArn": w.arn("ecs", "*")},
    }
    with w.ago(days=20):
        for role in (w.execution_role, w.task_role):
            w.aws.iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(document))
    w.deploy("v2.4.1", minutes=50)
    w.replace_running()


def truth(w):
    return Truth(root=[], outcome="sound")


def proof(aws, w):
    proofs.assert_sound(aws, w)
    statement = aws.iam.get_role(RoleName=w.task_role)["Role"]["AssumeRolePolicyDocument"]["Statement"][0]
    assert "aws:SourceArn" in str(statement["Condition"])
