"""A deployment keeps to the digest that its tag had; the tag was pushed anew since, and the old image deleted."""

from ecslab import proofs, stops
from ecslab.scenario import Truth
from ecslab.world import Options

OPTIONS = Options(app="search", uses=("secret", "logs"))


def story(w):
    with w.ago(hours=5):
        w.digest = w.push("stable")
    w.container["image"] = w.image("stable")
    w.deploy("stable", push=False, minutes=45)
    with w.ago(minutes=30):
        w.push("stable", architectures=("amd64",))
        w.aws.ecr.batch_delete_image(repositoryName=w.repository, imageIds=[{"imageDigest": w.digest}])
        w.trail("BatchDeleteImage", "ecr", ("AWS::ECR::Repository", w.repository), by="registry-cleanup",
                repositoryName=w.repository, imageIds=[{"imageDigest": w.digest}])  # fmt: skip
    w.fail(stops.image_not_found(w, f"{w.container['image']}@{w.digest}"))


def truth(w):
    return Truth(
        root=["image-digest-not-found"],
        resources=[w.image("stable"), w.digest, w.repository, w.arn("ecr", f"repository/{w.repository}")],
        never_confirm=["image-tag-not-found", "repository-not-found", "image-expired-by-lifecycle-policy", "image-wrong-region"],
        fixable=False,
    )


def proof(aws, w):
    assert w.digest in proofs.stopped(aws, w)["stoppedReason"] and not proofs.digest_exists(aws, w.repository, w.digest)
    assert proofs.image_exists(aws, w.image("stable"))
