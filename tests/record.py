#!/usr/bin/env python3
"""Record the evidence that the tests and the demo replay: a tool for developers, and no part of any test.

    tests/record.py --lab PATH/TO/lab --binary target/debug/ecs-why [--only NAME ...] [--jobs N] [--python PATH]

Each scenario of the lab is served, the binary asks that account with `--save-evidence`, and the lab's truth (never our own
answer) becomes what is expected. Where the lab knows a remedy, it is applied with the AWS CLI and the service is checked
again: that is the fault's sound twin. The clock of the lab and of the binary stands still, salted digests are numbered anew and
answers are sorted, so that recording twice gives the same files. Linux only (the clock is held by a preloaded library).

`--python` is the interpreter with the lab's requirements; `aws` is taken from beside it, or else from the path.
"""

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

TESTS = Path(__file__).resolve().parent
SCENARIOS = TESTS / "scenarios"
# Scenarios of our own, beside those of the lab.
OWN = TESTS / "lab"
STORIES = TESTS.parent / "cli" / "stories"
NOW = "2026-01-31T09:20:00+00:00"
NOW_SECONDS = 1769851200
# The demo's stories, and the scenarios that they are.
DEMO = {
    "ecr-auth-denied": "ecr-auth-missing",
    "s3-endpoint-missing": "endpoints-without-s3",
    "image-expired": "image-expired-by-lifecycle",
}
# A moment that never passes; everything that waits uses the monotonic clock, which goes on.
CLOCK = """
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
#define NOW 1769851200L
int clock_gettime(clockid_t id, struct timespec *at) {
    if (id != CLOCK_REALTIME && id != CLOCK_REALTIME_COARSE) return syscall(SYS_clock_gettime, id, at);
    at->tv_sec = NOW, at->tv_nsec = 0;
    return 0;
}
int gettimeofday(struct timeval *restrict at, void *restrict zone) {
    (void)zone;
    at->tv_sec = NOW, at->tv_usec = 0;
    return 0;
}
time_t time(time_t *at) {
    if (at) *at = NOW;
    return NOW;
}
"""


def main() -> int:
    arguments = parser().parse_args()
    lab, binary = arguments.lab.resolve(), arguments.binary.resolve()
    truths = json.loads(run([arguments.python, "lab.py", "list", "--json", *folders(lab)], cwd=lab))
    chosen = [one for one in truths if not arguments.only or one["name"] in arguments.only]
    if missing := set(arguments.only or []) - {one["name"] for one in chosen}:
        print(f"the lab has no {', '.join(sorted(missing))}", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="ecs-why-record-") as folder:
        recorder = Recorder(lab, binary, arguments.python, Path(folder))
        with ThreadPoolExecutor(arguments.jobs) as pool:
            failed = [name for name in pool.map(recorder.record, chosen) if name]
    if not arguments.only:
        forget_others({one["name"] for one in chosen})
    size = sum(path.stat().st_size for path in SCENARIOS.rglob("*.json"))
    print(f"{len(chosen) - len(failed)} recorded, {len(failed)} failed; {size / 1e6:.1f} MB in all")
    return 1 if failed else 0


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lab", type=Path, required=True, help="the folder with lab.py")
    parser.add_argument("--binary", type=Path, required=True, help="the ecs-why to record with")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these scenarios (default: all, and others are deleted)")
    parser.add_argument("--jobs", type=int, default=2, help="scenarios at a time (default: 2)")
    parser.add_argument("--python", default=sys.executable, help="an interpreter with the lab's requirements (default: this one)")
    return parser


class Recorder:
    """Serves scenarios with a clock that stands still, and keeps what the binary reads there."""

    def __init__(self, lab: Path, binary: Path, python: str, scratch: Path):
        self.lab, self.binary, self.python, self.scratch = lab, binary, python, scratch
        source, self.clock = scratch / "clock.c", scratch / "clock.so"
        source.write_text(CLOCK)
        run(["cc", "-shared", "-fPIC", "-O1", "-o", str(self.clock), str(source)])

    def record(self, one: dict) -> str | None:
        """Records a scenario; gives its name if that fails."""
        name, started = one["name"], time.monotonic()
        try:
            self._record(one)
        except Exception as problem:  # one that fails must not lose the others
            print(f"FAIL {name}: {problem}", file=sys.stderr, flush=True)
            return name
        print(f"ok   {name} {time.monotonic() - started:.1f} s", flush=True)
        return None

    def _record(self, one: dict):
        name, truth = one["name"], one["truth"]
        folder = SCENARIOS / group(truth) / name
        for old in SCENARIOS.glob(f"*/{name}"):
            shutil.rmtree(old)
        folder.mkdir(parents=True)
        (folder / "expect.toml").write_text(expectation(one))
        command = [self.python, "lab.py", "serve", name, "--now", NOW, *folders(self.lab)]
        with subprocess.Popen(
            command, cwd=self.lab, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=self._stopped_clock()
        ) as server:
            try:
                served = json.loads(server.stdout.readline())
                environment = self._environment(served)
                target = served["target"]
                evidence = self._ask(environment, target["argument"], name, check=target["mode"] == "check")
                write(folder / "account.json", evidence)
                for story in (story for story, scenario in DEMO.items() if scenario == name):
                    write(STORIES / f"{story}.json", evidence)
                if truth["root"] and truth["fixable"]:
                    for line in json.loads(get(f"{served['endpoint_url']}/_lab/remedy")):
                        run(["sh", "-c", line], env=environment, cwd=self.scratch)
                    mended = self._ask(environment, target["service"], name, check=True)
                    write(folder / "mended.json", mended)
            finally:
                server.terminate()

    def _ask(self, environment: dict, target: str, name: str, check: bool) -> dict:
        with tempfile.TemporaryDirectory(dir=self.scratch) as folder:
            path = Path(folder) / "evidence.json"
            command = [str(self.binary), *(["check"] if check else []), target, "--output", "json", "--save-evidence", str(path)]
            done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True)
            if not path.exists():
                raise RuntimeError(f"status {done.returncode}: {done.stderr.strip()[-300:]}")
            return normal(json.loads(path.read_text()), name)

    def _stopped_clock(self) -> dict:
        return os.environ | {"LD_PRELOAD": str(self.clock), "PYTHONHASHSEED": "0"}

    def _environment(self, served: dict) -> dict:
        beside = str(Path(self.python).parent) if os.sep in self.python else ""
        return {
            "PATH": os.pathsep.join(filter(None, [beside, os.environ.get("PATH", "")])),
            "HOME": str(self.scratch),
            "LANG": "C.UTF-8",
            "LD_PRELOAD": str(self.clock),
            "AWS_ENDPOINT_URL": served["endpoint_url"],
            "AWS_REGION": served["region"],
            "AWS_DEFAULT_REGION": served["region"],
            "AWS_ACCESS_KEY_ID": served["credentials"]["access_key_id"],
            "AWS_SECRET_ACCESS_KEY": served["credentials"]["secret_access_key"],
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_PAGER": "",
            "NO_PROXY": "127.0.0.1",
        }


def folders(lab: Path) -> list[str]:
    """Where the lab shall look for scenarios."""
    return ["--scenarios", str(OWN), "--scenarios", str(lab / "scenarios")]


def group(truth: dict) -> str:
    """The folder: the cause that a scenario is about, or `sound`."""
    if truth["outcome"] in ("running", "sound"):
        return "sound"
    return next(iter([*truth["root"], *truth["healed"], *truth["acceptable_top"]]), "sound")


def expectation(one: dict) -> str:
    """The lab's truth as TOML."""
    truth = one["truth"]
    fields = {"scenario": one["name"], "title": one["title"], "mode": one["mode"], "outcome": truth["outcome"]}
    fields |= {"endpoint": truth["endpoint"]} if truth["endpoint"] else {}
    fields |= {name: truth[name] for name in ("root", "resources", "latent", "healed", "acceptable_top", "never_confirm", "fixable")}
    lines = ["# The lab's truth, written by tests/record.py: do not edit."]
    lines += [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in fields.items()]
    return "\n".join(lines) + "\n"


def normal(evidence: dict, name: str) -> dict:
    """The same evidence, without what is different each time: the order of answers, requests made, salted digests."""
    text = json.dumps(evidence, ensure_ascii=False)
    if re.search(r"127\.0\.0\.1:\d", text):
        raise RuntimeError("an answer holds the lab's address, which is another one each time")
    evidence["answers"].sort(key=lambda answer: json.dumps(answer["question"], sort_keys=True))
    numbered: dict[str, str] = {}

    def renamed(value):
        if isinstance(value, dict):
            return {key: renamed(item) for key, item in value.items()}
        if isinstance(value, list):
            return [renamed(item) for item in value]
        if isinstance(value, str) and re.fullmatch(r"[0-9a-f]{16}", value):
            fresh = hashlib.sha256(f"{name} {len(numbered)}".encode()).hexdigest()[:16]
            return numbered.setdefault(value, fresh)
        return value

    evidence["answers"] = renamed(evidence["answers"])
    # How answers were batched depends on which came first, and how long it took on the machine.
    evidence["calls"], evidence["elapsed_ms"] = len(evidence["answers"]), 0
    return evidence


def write(path: Path, evidence: dict):
    """Compact, and an answer a line: a change can be read."""
    short = {"ensure_ascii": False, "separators": (",", ":")}
    answers = evidence.pop("answers")
    head = json.dumps(evidence, **short)[:-1]
    lines = ",\n".join(json.dumps(answer, **short) for answer in answers)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'{head},"answers":[\n{lines}\n]}}\n')
    evidence["answers"] = answers


def forget_others(names: set[str]):
    """Deletes what was recorded of scenarios that the lab has no more."""
    for folder in SCENARIOS.glob("*/*"):
        if folder.is_dir() and folder.name not in names:
            shutil.rmtree(folder)
    for folder in SCENARIOS.glob("*"):
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()


def get(url: str) -> str:
    with urllib.request.urlopen(url) as answer:
        return answer.read().decode()


def run(command: list[str], **options) -> str:
    done = subprocess.run(command, capture_output=True, text=True, **options)
    if done.returncode:
        raise RuntimeError(f"`{' '.join(command)[:200]}`: status {done.returncode}: {done.stderr.strip()[-300:]}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
