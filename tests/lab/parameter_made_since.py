"""The parameter was not there when the task died. Somebody has made it since, and has not tried again."""

from ecslab import proofs, stops
from ecslab.scenario import Truth
from ecslab.world import Options, allow

OPTIONS = Options(app="vouchers", uses=("secret", "logs", "load_balancer"))
NAME = "/prod/vouchers/partner-key"


def story(w):
    with w.ago(days=120):
        w.put_policy(w.execution_role, "parameters", allow(["ssm:GetParameters"], w.arn("ssm", "parameter/prod/vouchers/*")))
    w.container["secrets"].append({"name": "PARTNER_KEY", "valueFrom": NAME})
    w.deploy("v2.4.1", minutes=45)
    w.fail(stops.parameter_invalid(w, NAME))
    with w.ago(minutes=9):
        w.aws.ssm.put_parameter(Name=NAME, Value="example", Type="String")
        w.trail("PutParameter", "ssm", by="on-call", name=NAME)


def truth(w):
    return Truth(
        root=[],
        healed=["parameter-not-found"],
        never_confirm=["parameter-access-denied", "secret-wrong-region", "secret-not-found"],
        fixable=False,
    )


def proof(aws, w):
    assert proofs.parameter_exists(aws, NAME) and proofs.may(aws, w, "ssm:GetParameters", w.arn("ssm", f"parameter{NAME}"))
