//! A small healthy service in moto: what `check` calls sound, until a test breaks it.

use crate::moto::Moto;
use serde_json::json;

/// Names and ids of a service that would start.
#[derive(Debug, Clone)]
pub struct World {
    /// Its VPC.
    pub vpc: String,
    /// Its subnet, with a route to the internet.
    pub subnet: String,
    /// Its security group, which lets everything out.
    pub group: String,
    /// Its route table.
    pub table: String,
}

/// An environment value that nobody may see.
pub const HIDDEN: &str = "hunter2-in-the-environment";

impl World {
    /// Makes cluster `prod` with service `web`, on Fargate in a public subnet, and everything that it needs.
    pub fn healthy(moto: &Moto) -> World {
        let ec2 = |parameters: &[(&str, &str)], element: &str| moto.query("ec2", parameters).element(element);
        let vpc = ec2(&[("Action", "CreateVpc"), ("CidrBlock", "10.0.0.0/16")], "vpcId");
        let subnet = ec2(&[("Action", "CreateSubnet"), ("VpcId", &vpc), ("CidrBlock", "10.0.1.0/24")], "subnetId");
        let gateway = ec2(&[("Action", "CreateInternetGateway")], "internetGatewayId");
        moto.query("ec2", &[("Action", "AttachInternetGateway"), ("VpcId", &vpc), ("InternetGatewayId", &gateway)]);
        let table = ec2(&[("Action", "CreateRouteTable"), ("VpcId", &vpc)], "routeTableId");
        let route = [("Action", "CreateRoute"), ("RouteTableId", &table), ("DestinationCidrBlock", "0.0.0.0/0")];
        moto.query("ec2", &[&route[..], &[("GatewayId", &gateway)]].concat());
        moto.query("ec2", &[("Action", "AssociateRouteTable"), ("RouteTableId", &table), ("SubnetId", &subnet)]);
        let group = [("Action", "CreateSecurityGroup"), ("GroupName", "web"), ("GroupDescription", "web")];
        let group = ec2(&[&group[..], &[("VpcId", &vpc)]].concat(), "groupId");
        let world = World { vpc, subnet, group, table };
        let role = world.role(moto);
        moto.ecr("CreateRepository", &json!({"repositoryName": "web"}));
        world.push(moto, "v1", 0);
        moto.logs("CreateLogGroup", &json!({"logGroupName": "/ecs/web"}));
        world.service(moto, &role);
        world
    }

    fn role(&self, moto: &Moto) -> String {
        let trust = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}]});
        let create =
            [("Action", "CreateRole"), ("RoleName", "web-execution"), ("AssumeRolePolicyDocument", &trust.to_string())];
        let role = moto.query("iam", &create).element("Arn");
        let rights = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Resource": "*", "Action": [
            "ecr:GetAuthorizationToken", "ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage",
            "logs:CreateLogStream", "logs:PutLogEvents"]}]});
        let put = [("Action", "PutRolePolicy"), ("RoleName", "web-execution"), ("PolicyName", "start")];
        moto.query("iam", &[&put[..], &[("PolicyDocument", &rights.to_string())]].concat());
        role
    }

    /// Pushes an image; the number makes it another one.
    pub fn push(&self, moto: &Moto, tag: &str, number: usize) {
        let digest = format!("sha256:{number:064x}");
        let kind = "application/vnd.docker.distribution.manifest.v2+json";
        let manifest = json!({"schemaVersion": 2, "mediaType": kind,
            "config": {"mediaType": "application/vnd.docker.container.image.v1+json", "size": 1, "digest": digest},
            "layers": [{"mediaType": "application/vnd.docker.image.rootfs.diff.tar.gzip", "size": 1, "digest": digest}]});
        let image = json!({"repositoryName": "web", "imageTag": tag, "imageManifest": manifest.to_string(),
            "imageManifestMediaType": kind});
        moto.ecr("PutImage", &image);
    }

    fn service(&self, moto: &Moto, role: &str) {
        moto.ecs("CreateCluster", &json!({"clusterName": "prod"}));
        moto.ecs("RegisterTaskDefinition", &json!({
            "family": "web", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"], "cpu": "256", "memory": "512",
            "executionRoleArn": role,
            "containerDefinitions": [{
                "name": "web", "image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/web:v1", "essential": true,
                "environment": [{"name": "PASSWORD", "value": HIDDEN}],
                "logConfiguration": {"logDriver": "awslogs", "options": {
                    "awslogs-group": "/ecs/web", "awslogs-region": "us-east-1", "awslogs-stream-prefix": "web"}},
            }],
        }));
        self.another(moto, "web");
    }

    /// Makes another service of the same definition.
    pub fn another(&self, moto: &Moto, name: &str) {
        moto.ecs("CreateService", &json!({
            "cluster": "prod", "serviceName": name, "taskDefinition": "web", "desiredCount": 1, "launchType": "FARGATE",
            "platformVersion": "1.4.0",
            "networkConfiguration": {"awsvpcConfiguration": {
                "subnets": [self.subnet], "securityGroups": [self.group], "assignPublicIp": "ENABLED"}},
        }));
    }
}
