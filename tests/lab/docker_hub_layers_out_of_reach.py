"""The way out was closed while Docker Hub sent for the layers to another host, whose name no list has."""

from ecslab import proofs, stops
from ecslab.scenario import Truth
from ecslab.world import Options

OPTIONS = Options(app="edge", egress="endpoints", uses=("secret", "logs"))
IMAGE = "docker.io/library/nginx:1.27"
HOST = "docker-images-prod.6aa30f8b08e16409b46e0173d6de2f56.r2.cloudflarestorage.com"


def story(w):
    w.container["image"] = IMAGE
    w.deploy()
    w.fail(
        stops.pull(
            "ref pull has been retried 5 time(s): failed to copy: httpReadSeeker: failed open: failed to do request: "
            f'Get "https://{HOST}/registry-v2/docker/registry/v2/blobs/sha256/1c/data": dial tcp 104.16.99.215:443: i/o timeout',
            lasted=190,
        )
    )


def truth(w):
    return Truth(
        root=["no-egress-route"],
        endpoint=HOST,
        resources=[w.private_table, *w.private_subnets],
        never_confirm=["vpc-endpoint-missing", "security-group-egress-blocked", "registry-rate-limited", "nat-gateway-broken",
                       "network-acl-blocked", "image-layer-unavailable"],
    )  # fmt: skip


def proof(aws, w):
    assert proofs.container(aws, w)["image"] == IMAGE
    assert proofs.default_route(aws, w.private_subnets[0]) is None


def remedy(w):
    return [w.make_nat("create-route")]
