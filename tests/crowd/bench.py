#!/usr/bin/env python3
"""Measure `ecs-why triage` against accounts with many stopped tasks, and hold it to its bounds.

    tests/crowd/bench.py target/release/ecs-why [--quick] [--keep FOLDER]
    tests/crowd/bench.py target/release/ecs-why --one-by-one

Three accounts are served, one after the other: 10,000 stopped tasks, the same with three of every ten requests throttled, and
100,000 (`--quick`: 2,000 and 10,000 instead). Exit status 1 if a bound is broken. With `--one-by-one` no triage is run: one task of
every kind is asked about by itself, which shows that the accounts mean what they say. Linux only (memory is read from /proc).
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from environment import with_moto  # noqa: E402

CALLS, MEMORY_MIB, MORE_MEMORY, MORE_CALLS, PATIENCE = 150, 150, 1.20, 1.6, 900
# What ten times the tasks may take of time, besides what does not grow with them.
LINEAR = 13


@dataclass
class Measured:
    name: str
    tasks: int
    seconds: float
    cpu: float
    memory_mib: float
    requests: int
    throttled: int
    besides: int
    groups: int
    by_action: dict
    faults: list[str] = field(default_factory=list)
    # By ARN, the cause and the owner of its group: what must not depend on throttling.
    placed: dict = field(default_factory=dict, repr=False)


def main() -> int:
    arguments = parser().parse_args()
    binary = arguments.binary.resolve()
    if arguments.one_by_one:
        return one_by_one(binary)
    small, large = (2_000, 10_000) if arguments.quick else (10_000, 100_000)
    plain = measure(binary, "as it is", small, [], arguments.keep)
    throttled = measure(binary, "3 of 10 throttled", small, ["--throttle", "3/10"], arguments.keep)
    crowd = measure(binary, "ten times" if not arguments.quick else "five times", large, [], arguments.keep)
    for one in (plain, throttled, crowd):
        show(one)
    broken = bounds(plain, throttled, crowd)
    for bound, holds, words in broken:
        print(f"{'ok  ' if holds else 'FAIL'} {bound}: {words}")
    return 0 if all(holds for _, holds, _ in broken) else 1


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", type=Path, help="the ecs-why to measure: a release build")
    parser.add_argument("--quick", action="store_true", help="2,000 and 10,000 tasks instead of 10,000 and 100,000")
    parser.add_argument("--one-by-one", action="store_true", help="ask about one task of each kind by itself, and compare the cause")
    parser.add_argument("--keep", type=Path, help="a folder where the JSON that it printed is kept")
    return parser


def bounds(plain: Measured, throttled: Measured, crowd: Measured) -> list[tuple[str, bool, str]]:
    found = [(f"right groups, {one.name}", not one.faults, "; ".join(one.faults[:5]) or f"{one.tasks:,} tasks in {one.groups} groups")
             for one in (plain, throttled, crowd)]  # fmt: skip
    for one in (plain, crowd):
        found.append((f"calls besides the pages, {one.name}", one.besides <= CALLS, f"{one.besides} of at most {CALLS}"))
    for one in (plain, throttled, crowd):
        found.append((f"memory, {one.name}", one.memory_mib < MEMORY_MIB, f"{one.memory_mib:.0f} MiB of less than {MEMORY_MIB}"))
    share = crowd.memory_mib / max(1, plain.memory_mib)
    found.append(("memory does not grow", share <= MORE_MEMORY, f"{share:.2f} times, of at most {MORE_MEMORY}"))
    grown, factor = crowd.cpu / max(0.01, plain.cpu), crowd.tasks / plain.tasks
    found.append(("time is linear", grown <= LINEAR * factor / 10, f"{grown:.1f} times the CPU time for {factor:.0f} times the tasks"))
    calls = throttled.requests / max(1, plain.requests)
    found.append(("calls when throttled", calls <= MORE_CALLS, f"{calls:.2f} times, of at most {MORE_CALLS}"))
    differing = sum(throttled.placed.get(arn) != place for arn, place in plain.placed.items())
    found.append(("same result when throttled", not differing, f"{differing} tasks are placed otherwise"))
    return found


def show(one: Measured):
    print(f"{one.tasks:>9,} tasks, {one.name}: {one.seconds:.1f} s, {one.cpu:.1f} s of CPU, {one.memory_mib:.0f} MiB; "
          f"{one.requests:,} requests ({one.throttled:,} throttled), {one.besides} besides the pages of tasks; "
          f"{one.groups} groups")  # fmt: skip
    most = ", ".join(f"{action} {count}" for action, count in list(one.by_action.items())[:12])
    print(f"{'':>9}  {most}")


# --------------------------------------------------------------------------------- running and asking


@contextmanager
def served(*options: str):
    """An account in a process of its own; gives what it says of itself."""
    command = [with_moto(), str(Path(__file__).with_name("serve.py")), *options]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        try:
            line = server.stdout.readline()
            if not line:
                raise SystemExit("the account cannot be served: see above")
            yield json.loads(line)
        finally:
            server.stdin.close()  # it ends with its standard input


def get(url: str) -> dict:
    with urllib.request.urlopen(url) as answer:
        return json.load(answer)


def environment(here: dict, home: str) -> dict[str, str]:
    """The account as AWS, keys that mean nothing, and nobody's configuration."""
    return {
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


def measure(binary: Path, name: str, tasks: int, options: list[str], keep: Path | None) -> Measured:
    with served("--tasks", str(tasks), *options) as here, tempfile.TemporaryDirectory() as home:
        output = (keep or Path(home)) / f"triage-{tasks}{'-throttled' if options else ''}.json"
        output.parent.mkdir(parents=True, exist_ok=True)
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        with open(output, "w") as out, open(Path(home) / "errors", "w+") as errors:
            process = subprocess.Popen(
                [binary, "triage", "--output", "json"], stdin=subprocess.DEVNULL, stdout=out, stderr=errors,
                env=environment(here, home), cwd=home,
            )  # fmt: skip
            peak, status = watched(process)
            seconds = time.monotonic() - began
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            stats = get(f"{here['endpoint_url']}/_stats")
            errors.seek(0)
            told = errors.read().strip()
        answered = stats["requests"] - stats["throttled"]
        one = Measured(
            name, tasks, seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, peak, stats["requests"],
            stats["throttled"], answered - stats["pages_needed"], 0, stats["answered_by_action"],
        )  # fmt: skip
        if status != 0:
            one.faults.append(f"exit status {status}: {told[-300:]}")
        try:
            told = json.loads(output.read_text())
        except ValueError as problem:
            one.faults.append(f"what it printed is not JSON: {problem}")
        else:
            judge(one, here, told)
        return one


def watched(process: subprocess.Popen) -> tuple[float, int | None]:
    """Waits for the end; gives the most memory that it had (MiB), and its exit status."""
    peak, patience = 0.0, time.monotonic() + PATIENCE
    while process.poll() is None:
        try:
            lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
            peak = next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:")), peak)
        except (OSError, ValueError):
            pass
        if time.monotonic() > patience:
            process.kill()
            process.wait()
            return peak, None
        time.sleep(0.02)
    return peak, process.returncode


# --------------------------------------------------------------------------------------- judging


def judge(one: Measured, here: dict, told: dict):
    """Whether every task is in the right group, and the groups hold together."""
    if told.get("schema_version") != 1:
        one.faults.append(f"schema_version is {told.get('schema_version')}")
    groups = {group["id"]: group for group in told["groups"]}
    one.groups = len(groups)
    if len(groups) != len(told["groups"]):
        one.faults.append("two groups have one id")
    causes = {name: first_cause(group["report"]) for name, group in groups.items()}
    index, counts, owners = told["tasks"], dict.fromkeys(groups, 0), {}
    wrong, missing, first_wrong, first_missing = 0, 0, None, None
    for arn, place in expected(here):
        right, group = here["groups"][place], index.get(arn)
        if group is None or group not in groups:
            missing, first_missing = missing + 1, first_missing or arn
            continue
        counts[group] += 1
        owners.setdefault(group, set()).add((right["owner"]))
        one.placed[arn] = (causes[group], right["owner"])
        if causes[group] != right["cause"]:
            wrong, first_wrong = wrong + 1, first_wrong or f"{arn} is in {group}, {causes[group]}, and not {right['cause']}"
    if wrong:
        one.faults.append(f"{wrong} tasks are in the wrong group: {first_wrong}")
    if missing:
        one.faults.append(f"{missing} tasks are in no group: {first_missing}")
    if made_up := len(index) - sum(counts.values()):
        one.faults.append(f"{made_up} tasks are listed that neither stopped nor hang")
    for name, group in groups.items():
        if group["count"] != counts[name]:
            one.faults.append(f"{name} says {group['count']} tasks, and has {counts[name]}")
        if not moment(group["first"]) <= moment(group["last"]):
            one.faults.append(f"{name} ends before it begins: {group['first']}, {group['last']}")
        if len(owners.get(name, ())) > 1:
            one.faults.append(f"{name} mixes {', '.join(sorted(owners[name]))}")


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def first_cause(report: dict) -> str | None:
    return next((cause["id"] for cause in report["causes"]), None)


def expected(here: dict):
    """Every task with the place of what is right in the list of groups."""
    for first in range(0, here["tasks"], 10_000):
        yield from get(f"{here['endpoint_url']}/_expected?first={first}&count=10000").items()


def one_by_one(binary: Path) -> int:
    """One task of each kind, asked about by itself."""
    wrong = 0
    with served("--tasks", "1000") as here, tempfile.TemporaryDirectory() as home:
        examples = {place: arn for arn, place in expected(here)}
        for place, arn in sorted(examples.items()):
            right = here["groups"][place]
            command = [binary, arn, "--output", "json"]
            done = subprocess.run(command, env=environment(here, home), cwd=home, capture_output=True, text=True)
            cause = first_cause(json.loads(done.stdout)) if done.returncode == 0 else done.stderr.strip()[-200:]
            wrong += cause != right["cause"]
            print(f"{'ok  ' if cause == right['cause'] else 'FAIL'} {right['owner']:24} {right['cause']:24} {cause}", flush=True)
    print(f"{len(examples) - wrong} of {len(examples)} have the right first cause")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
