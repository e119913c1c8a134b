"""What the account consists of besides ECS: network, roles, images, secrets, log groups, made in moto through boto3."""

import hashlib
import json
from types import SimpleNamespace

import boto3
from botocore.config import Config

import day

REGION, ACCOUNT = "us-east-1", "123456789012"
REGISTRY = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"
MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
ZONES = (f"{REGION}a", f"{REGION}b")
ANYWHERE = "0.0.0.0/0"
# What stands wherever an account keeps a secret: whoever prints it has given one away.
CANARY = "canary-3f81c0d97b"


def build(endpoint_url: str) -> SimpleNamespace:
    """Make it all; gives the ids that tasks are made of."""
    session = boto3.Session("testing", "testing", region_name=REGION)
    config = Config(retries={"total_max_attempts": 1})

    def client(service: str):
        return session.client(service, endpoint_url=endpoint_url, config=config)

    found = SimpleNamespace()
    ec2 = client("ec2")
    shared = _network(ec2, "10.20", "shop", way_out=True)
    edge = _network(ec2, "10.40", "edge", way_out=False)
    found.networks = {work.name: edge if work.cause == day.ROUTE else shared for work in day.ALL}
    found.interface = lambda network, number: _interface(ec2, network, number)
    found.secrets = _secrets(client("secretsmanager"))
    _roles(client("iam"), found.secrets)
    _images(client("ecr"))
    logs = client("logs")
    for repository in day.PUSHED:
        logs.create_log_group(logGroupName=f"/ecs/{repository}")
    return found


def _network(ec2, prefix: str, name: str, way_out: bool) -> SimpleNamespace:
    """A VPC with two private subnets; without a way out, the default route of their table is gone."""
    vpc = ec2.create_vpc(CidrBlock=f"{prefix}.0.0/16")["Vpc"]["VpcId"]
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    # AWS gives every VPC the resolver of Amazon; moto gives it none.
    resolver = [{"Key": "domain-name-servers", "Values": ["AmazonProvidedDNS"]}]
    options = ec2.create_dhcp_options(DhcpConfigurations=resolver)["DhcpOptions"]["DhcpOptionsId"]
    ec2.associate_dhcp_options(DhcpOptionsId=options, VpcId=vpc)

    def subnet(number: int, zone: str, table: str) -> str:
        cidr = f"{prefix}.{number}.0/20"
        made = ec2.create_subnet(VpcId=vpc, CidrBlock=cidr, AvailabilityZone=zone)["Subnet"]["SubnetId"]
        ec2.associate_route_table(RouteTableId=table, SubnetId=made)
        return made

    def table() -> str:
        return ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]

    private = table()
    subnets = [subnet(16 * number, zone, private) for number, zone in enumerate(ZONES)]
    if way_out:
        public = table()
        gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
        ec2.create_route(RouteTableId=public, DestinationCidrBlock=ANYWHERE, GatewayId=gateway)
        address = ec2.allocate_address(Domain="vpc")["AllocationId"]
        nat = ec2.create_nat_gateway(SubnetId=subnet(128, ZONES[0], public), AllocationId=address)["NatGateway"]["NatGatewayId"]
        ec2.create_route(RouteTableId=private, DestinationCidrBlock=ANYWHERE, NatGatewayId=nat)
    group = ec2.create_security_group(GroupName=f"{name}-tasks", Description="Tasks", VpcId=vpc)["GroupId"]
    return SimpleNamespace(subnets=subnets, group=group, prefix=prefix, table=private)


def _interface(ec2, network: SimpleNamespace, number: int) -> tuple[str, str]:
    """The interface of a task that runs, and its address."""
    address = f"{network.prefix}.{16 * (number % 2)}.{40 + number}"
    made = ec2.create_network_interface(SubnetId=network.subnets[number % 2], Groups=[network.group], PrivateIpAddress=address)
    return made["NetworkInterface"]["NetworkInterfaceId"], address


def _secrets(secrets) -> dict[str, str]:
    value = json.dumps({"username": "app", "password": CANARY})
    names = [work.secret for work in day.ALL if work.secret]
    return {name: secrets.create_secret(Name=name, SecretString=value)["ARN"] for name in names}


def _roles(iam, secrets: dict[str, str]):
    trust = _document({"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"})
    start = ["ecr:GetAuthorizationToken", "ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage",
             "logs:CreateLogStream", "logs:PutLogEvents"]  # fmt: skip
    starting = iam.create_policy(PolicyName="start-tasks", PolicyDocument=_document(_allow(start, "*")))["Policy"]["Arn"]
    for role in day.EXECUTION_ROLES:
        iam.create_role(RoleName=role, AssumeRolePolicyDocument=trust)
        iam.attach_role_policy(RoleName=role, PolicyArn=starting)
    iam.create_role(RoleName="AWSServiceRoleForECS", Path="/aws-service-role/ecs.amazonaws.com/",
                    AssumeRolePolicyDocument=trust.replace("ecs-tasks.", "ecs."))  # fmt: skip
    # The right to read the secrets went to the role of the application, which ECS itself does not use.
    iam.create_role(RoleName="app-task", AssumeRolePolicyDocument=trust)
    reading = _allow(["secretsmanager:GetSecretValue"], list(secrets.values()))
    iam.put_role_policy(RoleName="app-task", PolicyName="secrets", PolicyDocument=_document(reading))


def _document(statement: dict) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _allow(actions: list[str], resource) -> dict:
    return {"Effect": "Allow", "Action": actions, "Resource": resource}


def _images(ecr):
    for repository, tags in day.PUSHED.items():
        ecr.create_repository(repositoryName=repository)
        for tag in tags:
            ecr.put_image(repositoryName=repository, imageTag=tag, imageManifest=manifest(f"{repository}:{tag}"))


def manifest(seed: str) -> str:
    layers = [{"mediaType": "application/vnd.docker.image.rootfs.diff.tar.gzip", "size": 10_000_000 * share + 17,
               "digest": digest(f"{seed}:{share}")} for share in (62, 30, 8)]  # fmt: skip
    configuration = {"mediaType": "application/vnd.docker.container.image.v1+json", "size": 7023, "digest": digest(seed)}
    return json.dumps({"schemaVersion": 2, "mediaType": MANIFEST, "config": configuration, "layers": layers})


def digest(text: str) -> str:
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def image(work: day.Work, revision: int) -> str:
    return f"{REGISTRY}/{work.repository}:{work.tags[revision]}"
