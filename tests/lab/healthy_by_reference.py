"""Nothing is wrong: the tasks' group lets out to the endpoints' group and to S3's prefix list, and to nothing else."""

from ecslab import decoys, proofs
from ecslab.network import tcp
from ecslab.scenario import Truth
from ecslab.world import Options

OPTIONS = Options(app="ledger", egress="endpoints", uses=("secret", "logs"))
DECOYS = [decoys.complete_vpc]
MODE = "check"


def story(w):
    lists = w.network.prefix_list("s3")
    with w.ago(days=20):
        w.network.close_egress(w.task_group)
        rules = [tcp(443, group=w.endpoint_group), tcp(443, prefix_list=lists)]
        w.aws.ec2.authorize_security_group_egress(GroupId=w.task_group, IpPermissions=rules)
    w.deploy("v2.4.1", minutes=50)
    w.replace_running()


def truth(w):
    return Truth(root=[], outcome="sound")


def proof(aws, w):
    proofs.assert_sound(aws, w)
    rules = aws.ec2.describe_security_groups(GroupIds=[w.task_group])["SecurityGroups"][0]["IpPermissionsEgress"]
    assert not any(rule.get("IpRanges") for rule in rules)
