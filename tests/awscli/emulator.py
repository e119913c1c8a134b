#!/usr/bin/env python3
"""Two accounts in two regions, by moto, which says of every request whose key asked and where.

    emulator.py FOLDER

Runs with a Python that has moto[server]. In FOLDER it writes `port` when it is ready, `profiles.json` (credentials by account), and a line in
`asked` for each request: access key, region, service. It ends when its standard input does.
"""

import json
import os
import re
import sys
import threading
from pathlib import Path

ACCOUNTS = {"one": ("123456789012", "eu-west-1"), "two": ("222222222222", "us-west-2")}
# In this region ECS refuses everything.
REFUSING = "sa-east-1"
SIGNED = re.compile(r"Credential=([^/]+)/\d+/([^/]+)/([^/]+)/")


def main() -> None:
    folder = Path(sys.argv[1])
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        os.environ[name] = "x"
    from moto.server import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import make_server

    app = DomainDispatcherApplication(create_backend_app)
    asked = (folder / "asked").open("a", buffering=1)

    def recorded(environ, start_response):
        signed = SIGNED.search(environ.get("HTTP_AUTHORIZATION", ""))
        key, region, service = signed.groups() if signed else ("-", "-", "-")
        asked.write(f"{key} {region} {service}\n")
        if region == REFUSING and service == "ecs":
            body = json.dumps({"__type": "AccessDeniedException", "message": "User: nobody is not authorized to perform: anything"})
            start_response("400 Bad Request", [("Content-Type", "application/x-amz-json-1.1"), ("x-amzn-RequestId", "r")])
            return [body.encode()]
        return app(environ, start_response)

    server = make_server("127.0.0.1", 0, recorded, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    profiles = {name: seed(f"http://127.0.0.1:{server.port}", account, region) for name, (account, region) in ACCOUNTS.items()}
    (folder / "profiles.json").write_text(json.dumps(profiles))
    ready = folder / "port.new"
    ready.write_text(str(server.port))
    ready.rename(folder / "port")
    sys.stdin.read()


def seed(url: str, account: str, region: str) -> dict:
    """A service of the same name in each, and credentials that moto takes for those of the account."""
    import boto3

    def client(service: str, **credentials):
        return boto3.client(service, region_name=region, endpoint_url=url, **credentials)

    role = f"arn:aws:iam::{account}:role/reader"
    given = client("sts").assume_role(RoleArn=role, RoleSessionName="reader")["Credentials"]
    credentials = {
        "aws_access_key_id": given["AccessKeyId"],
        "aws_secret_access_key": given["SecretAccessKey"],
        "aws_session_token": given["SessionToken"],
    }
    ecs = client("ecs", **credentials)
    ecs.create_cluster(clusterName="prod")
    container = {"name": "web", "image": "web:1", "memory": 64}
    ecs.register_task_definition(family=f"web-{account}", containerDefinitions=[container])
    ecs.create_service(cluster="prod", serviceName="web", taskDefinition=f"web-{account}", desiredCount=1)
    return credentials


if __name__ == "__main__":
    main()
