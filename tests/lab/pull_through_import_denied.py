"""A pull through cache rule for ECR Public: the role may pull, and may not import what is not in the cache yet."""

from ecslab import proofs, stops
from ecslab.scenario import Truth
from ecslab.world import Options

OPTIONS = Options(app="gateway", uses=("logs",))
REPOSITORY = "ecr-public/docker/library/traefik"


def story(w):
    with w.ago(days=80):
        w.state.pull_through_rules.append(
            {
                "ecrRepositoryPrefix": "ecr-public",
                "upstreamRegistryUrl": "public.ecr.aws",
                "upstreamRegistry": "ecr-public",
                "createdAt": (w.now.timestamp() - 80 * 86400),
                "updatedAt": (w.now.timestamp() - 80 * 86400),
                "registryId": w.account,
            }
        )
    w.container["image"] = w.image("v3.1", REPOSITORY)
    w.deploy()
    w.fail(stops.image_not_found(w, w.container["image"]))


def truth(w):
    return Truth(
        root=["pull-through-cache-failed"],
        resources=[w.execution_role, w.role_arn(w.execution_role), "ecr-public", w.container["image"], REPOSITORY],
        never_confirm=["image-tag-not-found", "repository-not-found", "ecr-auth-denied"],
    )


def proof(aws, w):
    arn = w.arn("ecr", f"repository/{REPOSITORY}")
    assert proofs.container(aws, w)["image"] == w.image("v3.1", REPOSITORY)
    needed = ("ecr:BatchImportUpstreamImage", "ecr:CreateRepository")
    assert not all(proofs.may(aws, w, action, arn) for action in needed)


def remedy(w):
    policy = (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Resource": "%s", "Action": '
        '["ecr:BatchImportUpstreamImage", "ecr:CreateRepository"]}]}' % w.arn("ecr", "repository/ecr-public/*")
    )
    return [f"aws iam put-role-policy --role-name {w.execution_role} --policy-name import --policy-document '{policy}'"]
