"""The release pipeline took the wrong digest out of the index: that of the build's attestation."""

import json

from ecslab import images, proofs, stops
from ecslab.scenario import Truth
from ecslab.world import Options

OPTIONS = Options(app="reports", uses=("logs",))
TYPE = "application/vnd.in-toto+json"


def story(w):
    with w.ago(hours=2):
        w.push("v3.1.0")
        layer = images.digest_of("provenance of v3.1.0")
        document = json.dumps({
            "schemaVersion": 2,
            "mediaType": images.MANIFEST,
            "config": {"mediaType": images.CONFIG, "size": 167, "digest": images.digest_of("{}")},
            "layers": [{"mediaType": TYPE, "size": 2401, "digest": layer}],
        })  # fmt: skip
        w.digest, w.layer = images.digest_of(document), layer
        w.aws.ecr.put_image(
            repositoryName=w.repository, imageManifest=document, imageManifestMediaType=images.MANIFEST, imageDigest=w.digest
        )
    w.container["image"] = f"{w.registry}/{w.repository}@{w.digest}"
    w.deploy()
    # https://github.com/aws/aws-cdk/issues/30258
    w.fail(stops.pull(
        "ref pull has been retried 1 time(s): failed to unpack image on snapshotter overlayfs: failed to extract layer "
        f"{layer}: failed to get stream processor for {TYPE}: no processor for media-type: unknown"
    ))  # fmt: skip


def truth(w):
    return Truth(
        root=["image-manifest-unsupported"],
        resources=[w.container["image"], w.digest, w.layer, w.repository],
        never_confirm=["image-digest-not-found", "image-layer-unavailable", "image-platform-mismatch", "disk-full"],
        fixable=False,
    )


def proof(aws, w):
    image = proofs.container(aws, w)["image"]
    found = aws.ecr.batch_get_image(repositoryName=w.repository, imageIds=[{"imageDigest": image.rpartition("@")[2]}])
    assert TYPE in found["images"][0]["imageManifest"]
