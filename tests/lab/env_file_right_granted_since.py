"""S3 refused the environment file, without a reason, when the task died; the policy that allows it was put in its place since."""

from ecslab import proofs, stops
from ecslab.scenario import Truth
from ecslab.world import Options

OPTIONS = Options(app="tariffs", uses=("env_file", "logs", "load_balancer"))


def story(w):
    w.deploy("v2.4.1", minutes=45)
    w.fail(stops.env_file_refused(w, 403))
    with w.ago(minutes=9):
        w.trail("PutRolePolicy", "iam", ("AWS::IAM::Role", w.execution_role), by="on-call",
                roleName=w.execution_role, policyName="environment-file")  # fmt: skip


def truth(w):
    return Truth(
        root=[],
        healed=["env-file-access-denied"],
        acceptable_top=["env-file-access-denied"],
        never_confirm=["env-file-not-found", "vpc-endpoint-policy-denied", "secret-kms-denied"],
        fixable=False,
    )


def proof(aws, w):
    assert proofs.object_exists(aws, w.bucket, w.env_file)
    assert proofs.may(aws, w, "s3:GetObject", f"arn:aws:s3:::{w.bucket}/{w.env_file}")
