#!/usr/bin/env python3
"""What `aws ecs why` costs besides what cannot be avoided: a plug-in that returns at once, and ecs-why itself.

    tests/awscli/overhead.py BINARY AWS [--runs 15] [--bound 1.25]

AWS is a folder with one AWS CLI. Three commands run in turn, so that whatever else the machine does weighs on each; the figures are medians
in milliseconds. Exit status 1 if `aws ecs why demo` takes more than the bound times the sum of the other two, each at its quickest: a
command of the AWS CLI takes half a second, and between two medians of it there may be 50 ms of the machine's own.
"""

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from home import Home  # noqa: E402

# Registered as ours is, and does nothing.
NOTHING = """
def awscli_initialize(hooks):
    hooks.register("building-command-table.ecs", add)

def add(command_table, session, **kwargs):
    from awscli.customizations.commands import BasicCommand
    class Nothing(BasicCommand):
        NAME = "nothing"
        def __call__(self, args, parsed_globals):
            return 0
    command_table["nothing"] = Nothing(session)
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", type=Path)
    parser.add_argument("aws", type=Path)
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--bound", type=float, default=1.25)
    given = parser.parse_args()
    homes = [Home(given.binary.resolve(), [given.aws.resolve()], Path("/usr/bin")) for _ in range(2)]
    ours, theirs = homes
    try:
        ours.install()
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "nothing_plugin.py").write_text(NOTHING)
            theirs.config.parent.mkdir()
            version_two = "aws-cli/2" in theirs.run("aws", "--version").stdout
            where = f"cli_legacy_plugin_path = {folder}\n" if version_two else ""
            theirs.config.write_text(f"[plugins]\nnothing = nothing_plugin\n{where}")
            theirs.env["PYTHONPATH"] = folder
            ours.env["PYTHONPATH"] = folder
            return compare(ours, theirs, given.runs, given.bound)
    finally:
        ours.plugin("uninstall")
        for home in homes:
            home.close()


def compare(ours: Home, theirs: Home, runs: int, bound: float) -> int:
    commands = {
        "aws ecs why demo": (ours, ["aws", "ecs", "why", "demo"]),
        "a plug-in that returns at once": (theirs, ["aws", "ecs", "nothing"]),
        "ecs-why demo": (ours, [ours.binary, "demo"]),
    }
    took: dict[str, list[float]] = {name: [] for name in commands}
    for number in range(runs + 1):
        for name, (home, words) in commands.items():
            words = [shutil.which(str(words[0]), path=home.env["PATH"]), *words[1:]]
            began = time.perf_counter()
            done = subprocess.run(words, env={k: str(v) for k, v in home.env.items()}, capture_output=True)
            if done.returncode:
                raise SystemExit(f"{name}: {done.stderr.decode()}")
            # The first of each warms the caches.
            if number:
                took[name].append(1000 * (time.perf_counter() - began))
    medians = {name: statistics.median(times) for name, times in took.items()}
    for name, median in medians.items():
        print(f"{median:8.1f} ms  {name}")
    whole, *parts = medians.values()
    print(f"{whole - sum(parts):8.1f} ms  more than the two together")
    whole, *parts = (min(times) for times in took.values())
    ratio = whole / sum(parts)
    print(f"{ratio:8.2f} times the two together, each at its quickest (at most {bound})")
    return int(ratio > bound)


if __name__ == "__main__":
    sys.exit(main())
