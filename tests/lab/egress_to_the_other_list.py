"""The tasks' group lets out to the endpoints' group and to a prefix list, and it is DynamoDB's in the place of S3's."""

from ecslab import decoys, proofs, stops
from ecslab.network import tcp
from ecslab.scenario import Truth
from ecslab.world import Options

OPTIONS = Options(app="ledger", egress="endpoints", uses=("secret", "logs"))
DECOYS = [decoys.complete_vpc]


def story(w):
    w.s3_list, other = w.network.prefix_list("s3"), w.network.prefix_list("dynamodb")
    with w.ago(hours=20):
        w.network.close_egress(w.task_group)
        rules = [tcp(443, group=w.endpoint_group), tcp(443, prefix_list=other)]
        w.aws.ec2.authorize_security_group_egress(GroupId=w.task_group, IpPermissions=rules)
        w.trail("AuthorizeSecurityGroupEgress", "ec2", ("AWS::EC2::SecurityGroup", w.task_group), by="security-review")
    w.deploy("v2.4.1")
    w.fail(stops.layers_unreachable(w, w.image("v2.4.1")))


def truth(w):
    return Truth(
        root=["security-group-egress-blocked"],
        endpoint="s3",
        resources=[w.task_group],
        never_confirm=["s3-gateway-route-missing", "vpc-endpoint-missing", "vpc-endpoint-policy-denied", "no-egress-route",
                       "network-acl-blocked", "image-tag-not-found"],
    )  # fmt: skip


def proof(aws, w):
    rules = aws.ec2.describe_security_groups(GroupIds=[w.task_group])["SecurityGroups"][0]["IpPermissionsEgress"]
    lists = {one["PrefixListId"] for rule in rules for one in rule.get("PrefixListIds", [])}
    anywhere = any(one["CidrIp"] == "0.0.0.0/0" for rule in rules for one in rule.get("IpRanges", []))
    assert w.s3_list not in lists and not anywhere
    assert w.private_table in proofs.endpoints(aws, w)["s3"]["RouteTableIds"]


def remedy(w):
    return [
        f"aws ec2 authorize-security-group-egress --group-id {w.task_group} --ip-permissions "
        f"'IpProtocol=tcp,FromPort=443,ToPort=443,PrefixListIds=[{{PrefixListId={w.s3_list}}}]'"
    ]
