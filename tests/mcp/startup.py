#!/usr/bin/env python3
"""How long from the start of the server to the first answer to `tools/list`, over pipes: the median of many starts.

    tests/mcp/startup.py target/release/ecs-why-mcp [--starts 41] [--at-most 50]

Exit status 1 if the median is above `--at-most` milliseconds. Both protocols are measured: with the handshake of the older revisions, and
without one (2026-07-28).
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from server import Program  # noqa: E402
from wire import META, initialize, message  # noqa: E402

HANDSHAKE = [message(1, "initialize", initialize()), {"jsonrpc": "2.0", "method": "notifications/initialized"}, message(2, "tools/list")]
WITHOUT = [message(2, "tools/list", {"_meta": META})]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", type=Path, help="the ecs-why-mcp to measure")
    parser.add_argument("--starts", type=int, default=41, help="how often it is started (default: 41)")
    parser.add_argument("--at-most", type=float, default=50, help="milliseconds (default: 50)")
    arguments = parser.parse_args()
    held = True
    for name, words in (("2025-11-25, with its handshake", HANDSHAKE), ("2026-07-28", WITHOUT)):
        found = sorted(once(arguments.binary.resolve(), words) for _ in range(arguments.starts))
        median = statistics.median(found)
        held = held and median <= arguments.at_most
        print(f"{name}: median {median:.1f} ms, best {found[0]:.1f}, worst {found[-1]:.1f}, of {len(found)} starts")
    return 0 if held else 1


def once(binary: Path, words: list[dict]) -> float:
    program = Program(binary)
    program.environment |= {"AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}
    began = time.perf_counter()
    with subprocess.Popen(program.command, env=program.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        process.stdin.write(b"".join(json.dumps(word).encode() + b"\n" for word in words))
        process.stdin.flush()
        for line in process.stdout:
            told = json.loads(line)
            if told.get("id") == 2:
                taken = (time.perf_counter() - began) * 1000
                assert told["result"]["tools"], told
                process.stdin.close()
                return taken
    raise AssertionError("it ended without an answer")


if __name__ == "__main__":
    sys.exit(main())
