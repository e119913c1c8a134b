#!/usr/bin/env python3
"""Serve an AWS account with thousands of stopped tasks on a loopback port, until standard input ends or it is killed.

    tests/crowd/serve.py [--tasks 10000] [--clusters 2] [--throttle 3/10] [--latency-ms 20] [--port 0] < /dev/tty

The first line that it prints is JSON: where it listens, and what is right. See the README beside this file.
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))


def main() -> int:
    arguments = parser().parse_args()
    from environment import with_moto

    python = with_moto()
    if python != sys.executable:
        os.execv(python, [python, __file__, *sys.argv[1:]])
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        os.environ.setdefault(name, "testing")

    import resources
    from ecs import Ecs
    from front import Front, date_back, groups, listen
    from present import Present
    from tasks import Crowd

    front = Front(arguments.latency_ms / 1000, arguments.throttle)
    server = listen(front, arguments.port)
    endpoint = f"http://127.0.0.1:{server.server_port}"
    account, now = resources.build(endpoint), float(int(time.time()))
    date_back()
    crowd = Crowd(arguments.tasks, arguments.clusters, account, now)
    front.ecs = Ecs(crowd, Present(crowd, arguments.clusters, now), arguments.clusters, now)
    served = {
        "endpoint_url": endpoint,
        "region": resources.REGION,
        "account": resources.ACCOUNT,
        "credentials": {"access_key_id": "AKIAIOSFODNN7EXAMPLE", "secret_access_key": "not-a-secret-of-anybody"},
        "canary": resources.CANARY,
        "clusters": front.ecs.clusters,
        "tasks": arguments.tasks,
        "hanging": len(front.ecs.present.hanging),
        "running": [arn for arn, task in front.ecs.present.tasks.items() if task["lastStatus"] == "RUNNING"],
        "groups": groups(front.ecs),
    }
    print(json.dumps(served), flush=True)
    try:
        sys.stdin.read()  # no server outlives who started it
    except KeyboardInterrupt:
        pass
    return 0


def parser() -> argparse.ArgumentParser:
    def fraction(text: str) -> tuple[int, int]:
        some, _, of = text.partition("/")
        if not (some.isdigit() and of.isdigit() and int(some) < int(of)):
            raise argparse.ArgumentTypeError("such as 3/10, and not all of them")
        return int(some), int(of)

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", type=int, default=10_000, help="stopped tasks (default: 10,000)")
    parser.add_argument("--clusters", type=int, choices=(1, 2), default=2, help="clusters that they are in (default: 2)")
    parser.add_argument("--throttle", type=fraction, default=(0, 1), metavar="3/10", help="so many of so many requests, in a fixed pattern")
    parser.add_argument("--latency-ms", type=float, default=0, help="each answer comes later (default: 0)")
    parser.add_argument("--port", type=int, default=0, help="loopback port (default: a free one)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
