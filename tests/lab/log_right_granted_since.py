"""The role might not write to its log group when the task died; the policy was put back since."""

from ecslab import proofs, stops
from ecslab.scenario import Truth
from ecslab.world import Options, allow

OPTIONS = Options(app="digest", region="eu-west-1", uses=("secret", "logs"))


def story(w):
    streams = w.arn("logs", f"log-group:{w.log_group}:*")
    w.deploy("v2.4.1", minutes=45)
    stream = w.arn("logs", f"log-group:{w.log_group}:log-stream:{w.app}/{w.container['name']}/0123456789abcdef0123456789abcdef")
    w.fail(stops.log_denied(w, "logs:CreateLogStream", stream))
    with w.ago(minutes=9):
        w.put_policy(w.execution_role, "own-logs", allow(["logs:CreateLogStream", "logs:PutLogEvents"], streams))
        w.trail("PutRolePolicy", "iam", ("AWS::IAM::Role", w.execution_role), by="on-call",
                roleName=w.execution_role, policyName="own-logs")  # fmt: skip


def truth(w):
    return Truth(
        root=[],
        healed=["log-permission-denied"],
        never_confirm=["log-group-missing", "vpc-endpoint-policy-denied", "no-egress-route"],
        fixable=False,
    )


def proof(aws, w):
    assert proofs.log_group_exists(aws, w.log_group)
    assert proofs.may(aws, w, "logs:CreateLogStream", w.arn("logs", f"log-group:{w.log_group}:log-stream:x"))
