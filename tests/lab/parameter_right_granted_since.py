"""The role could not read the parameter when the task died. Somebody has granted it since, and has not tried again."""

from ecslab import decoys, proofs, stops
from ecslab.scenario import Truth
from ecslab.world import Options

OPTIONS = Options(app="loyalty", uses=("secret", "parameter", "logs", "load_balancer"))
DECOYS = [decoys.batch_role]


def story(w):
    with w.ago(minutes=80):
        w.trail("DeleteRolePolicy", "iam", ("AWS::IAM::Role", w.execution_role), by="terraform",
                roleName=w.execution_role, policyName="parameters")  # fmt: skip
    w.deploy("v2.4.1", minutes=45)
    denied = stops.not_authorized(w, "ssm:GetParameters", w.parameter_arn)
    w.fail(stops.parameter_refused(w, f"AccessDeniedException: {denied}"))
    with w.ago(minutes=9):
        w.trail("PutRolePolicy", "iam", ("AWS::IAM::Role", w.execution_role), by="on-call",
                roleName=w.execution_role, policyName="parameters")  # fmt: skip


def truth(w):
    return Truth(
        root=[],
        healed=["parameter-access-denied"],
        never_confirm=["parameter-not-found", "secret-access-denied", "secret-kms-denied", "vpc-endpoint-policy-denied"],
        fixable=False,
    )


def proof(aws, w):
    assert proofs.may(aws, w, "ssm:GetParameters", w.parameter_arn) and proofs.parameter_exists(aws, w.parameter)
