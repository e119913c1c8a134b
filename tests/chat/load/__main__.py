#!/usr/bin/env python3
"""Questions and events at once, on both platforms, while AWS throttles; then the same with the process killed in the middle.

    tests/chat/load --binary target/release/ecs-why-bot              # some minutes
    tests/chat/load --binary target/release/ecs-why-bot --quick      # less of all: is it right at all?

Prints a table; exit status 1 if a bound is broken. See the README beside this file.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[0:1] = [str(HERE.parent), str(HERE.parents[1] / "mcp")]

from load import aws, day, figures  # noqa: E402


def main() -> int:
    arguments = parser().parse_args()
    size = day.QUICK if arguments.quick else day.FULL
    only = arguments.only or ("kills" if arguments.quick else None)
    began = time.monotonic()
    with aws.served("--tasks", str(size.tasks), "--throttle", "1/20", "--latency-ms", "10") as account:
        tasks = account.stopped(size.tasks)
        runs = []
        for name, kills in [("no kill", 0), (f"{size.kills} kills", size.kills)]:
            if only and only != ("kills" if kills else "calm"):
                continue
            folder = arguments.keep / name.replace(" ", "-") if arguments.keep else Path(tempfile.mkdtemp(prefix="ecs-why-load-"))
            runs.append(day.run(name, size, kills, arguments.binary.resolve(), folder, account, tasks, arguments.seed))
            print(f"{name}: {folder} ({time.monotonic() - began:.0f} s so far)", file=sys.stderr, flush=True)
    print(figures.table(runs))
    broken = [sentence for run in runs for sentence in run.broken]
    for sentence in broken:
        print(f"BROKEN: {sentence}")
    return 1 if broken else 0


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", "--bot", dest="binary", type=Path, required=True, help="the ecs-why-bot to try, with the live account")
    parser.add_argument("--quick", action="store_true", help="20 questions, 300 events, 3 kills, and that run alone")
    parser.add_argument("--only", choices=("calm", "kills"), help="one of the two runs (default: both; with --quick: kills)")
    parser.add_argument("--seed", type=int, default=8, help="of all that is chance (default: 8)")
    parser.add_argument("--keep", type=Path, help="a folder for configurations, logs, state files and messages")
    return parser


if __name__ == "__main__":
    sys.exit(main())
