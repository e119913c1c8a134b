#!/usr/bin/env python3
"""Compare the MCP server with the command line in every live account of the lab: a tool for developers.

    tests/mcp/lab.py --lab PATH/TO/lab --binary target/debug/ecs-why-mcp --cli target/debug/ecs-why [--only PATTERN ...] [--jobs N] [--python PATH]

Each scenario is served, and asked about by `diagnose` (or `check`) through MCP and by the command line: same outcome, same first cause;
and nothing that the lab hid as a secret stands in any answer, in a report read back in full, or in what the server wrote. What differs is
printed; exit status 1 if anything does. `--python` is the interpreter with the lab's requirements. In CI the recorded incidents stand for
these accounts (test_recorded.py).
"""

import argparse
import json
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatch
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.append(str(Path(__file__).resolve().parents[1]))

import judge  # noqa: E402
from account import asking  # noqa: E402
from agreement import agree, first_cause, of_cli  # noqa: E402
from record import folders  # noqa: E402
from wire import over_stdio  # noqa: E402


def main() -> int:
    arguments = parser().parse_args()
    lab = arguments.lab.resolve()
    listed = [arguments.python, "lab.py", "list", *folders(lab)]
    lines = subprocess.run(listed, cwd=lab, check=True, capture_output=True, text=True).stdout.splitlines()
    names = [line.split()[0] for line in lines if line.strip()]
    names = [name for name in names if any(fnmatch(name, pattern) for pattern in arguments.only or ["*"])]
    if not names:
        print("no such scenario", file=sys.stderr)
        return 2
    found = re.search(r'CANARY = "([^"]+)"', (lab / "ecslab" / "canary.py").read_text())
    canary = found[1] if found else None

    def run(name: str) -> bool:
        began = time.monotonic()
        try:
            holds, words = True, compare(arguments, lab, name, canary)
        except Exception as problem:  # one that fails must not lose the others
            holds, words = False, f"{type(problem).__name__}: {problem}"
        print(f"{'ok  ' if holds else 'FAIL'} {name:44} {words} ({time.monotonic() - began:.1f} s)", flush=True)
        return holds

    with ThreadPoolExecutor(arguments.jobs) as pool:
        held = list(pool.map(run, names))
    print(f"{sum(held)} of {len(held)} agree")
    return 0 if all(held) else 1


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lab", type=Path, required=True, help="the folder with lab.py")
    parser.add_argument("--binary", type=Path, required=True, help="the ecs-why-mcp to try")
    parser.add_argument("--cli", type=Path, required=True, help="the ecs-why that it must agree with")
    parser.add_argument("--only", nargs="+", metavar="PATTERN", help="these scenarios, with wildcards (default: all)")
    parser.add_argument("--jobs", type=int, default=2, help="scenarios at a time (default: 2)")
    parser.add_argument("--python", default=sys.executable, help="an interpreter with the lab's requirements (default: this one)")
    return parser


def compare(arguments, lab: Path, name: str, canary: str | None) -> str:
    """What both say of a scenario; raises where they do not agree."""
    command = [arguments.python, "lab.py", "serve", name, *folders(lab)]
    with subprocess.Popen(command, cwd=lab, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        try:
            here = json.loads(server.stdout.readline())
            target = here["target"]
            program = asking(arguments.binary.resolve(), here)
            words = [target["argument"]] if target["mode"] != "check" else ["check", target["argument"]]
            report = of_cli(arguments.cli.resolve(), words, program.environment)
            heard = []
            with over_stdio(program) as talk:
                tool = "check" if target["mode"] == "check" else "diagnose"
                told = talk.call(tool, {"target": target["argument"]}, 120)["result"]
                heard.append(told)
                judge.bounded(name, told)
                for one in talk.request("resources/list")["result"]["resources"]:
                    heard.append(talk.request("resources/read", {"uri": one["uri"]}))
                heard.append(talk.call(tool, {"target": target["argument"], "detail": "full"}, 120))
                heard.append(talk.call("list_failures", {}, 180))
            heard.append(talk.log())
        finally:
            server.terminate()
    assert not told.get("isError"), judge.texts(told)
    agree(told["structuredContent"], report)
    assert canary is None or canary not in json.dumps(heard), "a secret of the account came out"
    return f"{report['outcome']}, {first_cause(report)}"


if __name__ == "__main__":
    sys.exit(main())
