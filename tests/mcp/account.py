"""An emulated AWS account (tests/crowd) for the server: two clusters, twelve services that fail, thousands of stopped tasks."""

import json
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

from server import Program

CROWD = Path(__file__).resolve().parents[1] / "crowd"
sys.path.append(str(CROWD))
from environment import with_moto  # noqa: E402


@contextmanager
def served(tasks: int = 2000, *options: str):
    """The account in a process of its own; gives what it says of itself."""
    command = [with_moto(), str(CROWD / "serve.py"), "--tasks", str(tasks), *options]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.stdin.close()  # it ends with its standard input


def asking(binary: Path, here: dict, *options: str) -> Program:
    """The server as somebody's of that account."""
    environment = {
        "AWS_ENDPOINT_URL": here["endpoint_url"],
        "AWS_REGION": here["region"],
        "AWS_ACCESS_KEY_ID": here["credentials"]["access_key_id"],
        "AWS_SECRET_ACCESS_KEY": here["credentials"]["secret_access_key"],
    }
    return Program(binary, list(options), environment)
