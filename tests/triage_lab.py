#!/usr/bin/env python3
"""Compare `ecs-why triage` with `ecs-why TARGET` in every account of the lab: a tool for developers, and no part of any test.

    tests/triage_lab.py --lab PATH/TO/lab --binary target/debug/ecs-why [--only PATTERN ...] [--jobs N] [--python PATH]

Each scenario that is about a task or a service is served, and asked about twice: by its target, and by its whole cluster, in which
a neighbour fails too. The group that holds the target must have the first cause of the target's own report. What differs is printed;
exit status 1 if anything does.

`--python` is the interpreter with the lab's requirements.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatch
from pathlib import Path

from record import folders

TIMEOUT = 180


def main() -> int:
    arguments = parser().parse_args()
    lab, binary = arguments.lab.resolve(), arguments.binary.resolve()
    listed = [arguments.python, "lab.py", "list", *folders(lab)]  # its JSON would build every account
    lines = subprocess.run(listed, cwd=lab, check=True, capture_output=True, text=True).stdout.splitlines()
    names = [name for name, mode, *_ in map(str.split, lines) if mode != "check"]
    names = [name for name in names if any(fnmatch(name, pattern) for pattern in arguments.only or ["*"])]
    if not names:
        print("no such scenario", file=sys.stderr)
        return 2

    def run(name: str) -> bool:
        began = time.monotonic()
        try:
            holds, words = compare(lab, binary, arguments.python, name)
        except Exception as problem:  # one that fails must not lose the others
            holds, words = False, str(problem)
        print(f"{'ok  ' if holds else 'FAIL'} {name:44} {words} ({time.monotonic() - began:.1f} s)", flush=True)
        return holds

    with ThreadPoolExecutor(arguments.jobs) as pool:
        held = list(pool.map(run, names))
    print(f"{sum(held)} of {len(held)} agree")
    return 0 if all(held) else 1


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lab", type=Path, required=True, help="the folder with lab.py")
    parser.add_argument("--binary", type=Path, required=True, help="the ecs-why to try")
    parser.add_argument("--only", nargs="+", metavar="PATTERN", help="these scenarios, with wildcards (default: all)")
    parser.add_argument("--jobs", type=int, default=2, help="scenarios at a time (default: 2)")
    parser.add_argument("--python", default=sys.executable, help="an interpreter with the lab's requirements (default: this one)")
    return parser


def compare(lab: Path, binary: Path, python: str, name: str) -> tuple[bool, str]:
    """Whether the two agree in a scenario, and what they say."""
    command = [python, "lab.py", "serve", name, *folders(lab)]
    with (
        subprocess.Popen(command, cwd=lab, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server,
        tempfile.TemporaryDirectory(prefix="ecs-why-triage-") as home,
    ):
        try:
            here = json.loads(server.stdout.readline())
            target = here["target"]
            cluster, service = target["service"].split("/")
            report = ask(binary, here, home, target["argument"])
            triage = ask(binary, here, home, "triage", cluster)
        finally:
            server.terminate()
    right, groups = first_cause(report), {group["id"]: group for group in triage["groups"]}
    if faults := damaged(groups, triage):
        return False, faults
    if target["mode"] == "task":
        group = groups.get(triage["tasks"].get(target["argument"]))
        if group is None:
            return False, f"{right}: the task is in no group"
        found = first_cause(group["report"])
        return found == right, f"{right}" if found == right else f"{right}, and in the group {found}"
    if right is None and report["outcome"] in ("running", "sound"):
        return True, "nothing to blame: no group is needed"
    found = [first_cause(group["report"]) for group in groups.values() if is_about(group["report"], cluster, service)]
    return right in found, f"{right}" if right in found else f"{right}, and in the groups of {service} {found or 'nothing: there are none'}"


def ask(binary: Path, here: dict, home: str, *words: str) -> dict:
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "HOME": home,
        "LANG": "C.UTF-8",
        "AWS_ENDPOINT_URL": here["endpoint_url"],
        "AWS_REGION": here["region"],
        "AWS_DEFAULT_REGION": here["region"],
        "AWS_ACCESS_KEY_ID": here["credentials"]["access_key_id"],
        "AWS_SECRET_ACCESS_KEY": here["credentials"]["secret_access_key"],
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": "127.0.0.1",
    }
    command = [str(binary), *words, "--output", "json"]
    done = subprocess.run(command, env=environment, cwd=home, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=TIMEOUT)
    if done.returncode:
        raise RuntimeError(f"`{' '.join(words)}`: status {done.returncode}: {done.stderr.strip()[-300:]}")
    return json.loads(done.stdout)


def first_cause(report: dict) -> str | None:
    """The answer: what comes first, unless it was ruled out or waits for the next attempt."""
    first = next(iter(report["causes"]), None)
    return first["id"] if first and first["status"] != "ruled-out" and not first.get("latent") else None


def is_about(report: dict, cluster: str, service: str) -> bool:
    target = report["target"]
    return (target.get("cluster"), target.get("service")) == (cluster, service)


def damaged(groups: dict, triage: dict) -> str:
    """What is wrong with the groups themselves; nothing if they hold together."""
    if len(groups) != len(triage["groups"]):
        return "two groups have one id"
    if strange := set(triage["tasks"].values()) - set(groups):
        return f"tasks are in groups that are not there: {sorted(strange)}"
    listed = list(triage["tasks"].values())
    for name, group in groups.items():
        # A service whose tasks never come into being has a group without any.
        if listed.count(name) not in (group["count"], 0):
            return f"{name} says {group['count']} tasks, and {listed.count(name)} are listed"
    return ""


if __name__ == "__main__":
    sys.exit(main())
