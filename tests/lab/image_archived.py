"""A lifecycle rule has moved the release that a roll-back needs to the archive."""

from ecslab import proofs, stops
from ecslab.scenario import Truth
from ecslab.world import Options

OPTIONS = Options(app="ledger", uses=("secret", "logs"))


def story(w):
    with w.ago(days=70):
        w.digest = w.push("v1.9.0")
    with w.ago(days=1):
        w.aws.ecr.update_image_storage_class(
            repositoryName=w.repository, imageId={"imageDigest": w.digest}, targetStorageClass="ARCHIVE"
        )
    w.container["image"] = w.image("v1.9.0")
    w.deploy("v1.9.0", push=False)
    w.fail(stops.image_not_found(w, w.container["image"]))


def truth(w):
    return Truth(
        root=["image-archived"],
        resources=[w.image("v1.9.0"), w.digest, w.repository, w.arn("ecr", f"repository/{w.repository}")],
        never_confirm=["image-tag-not-found", "repository-not-found", "image-expired-by-lifecycle-policy", "ecr-pull-denied"],
    )


def proof(aws, w):
    repository, _, tag = proofs.container(aws, w)["image"].partition("/")[2].partition(":")
    wanted = {"repositoryName": repository, "imageIds": [{"imageTag": tag}], "filter": {"imageStatus": "ARCHIVED"}}
    assert aws.ecr.describe_images(**wanted)["imageDetails"]


def remedy(w):
    return [
        f"aws ecr update-image-storage-class --repository-name {w.repository} --image-id imageDigest={w.digest} "
        "--target-storage-class STANDARD"
    ]
