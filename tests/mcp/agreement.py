"""What the server and the command line must have in common."""

import json
import subprocess
import sys
from pathlib import Path

from server import Program

sys.path.append(str(Path(__file__).resolve().parents[1]))
from triage_lab import first_cause  # noqa: E402


def of_cli(cli: Path, words: list[str], environment: dict[str, str]) -> dict:
    """The report of the command line, as JSON."""
    program = Program(cli, [*words, "--output", "json"], environment)
    done = subprocess.run(program.command, env=program.env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=180)
    if not done.stdout:
        raise AssertionError(f"{words}: status {done.returncode}: {done.stderr.strip()[-300:]}")
    return json.loads(done.stdout)


def agree(brief: dict, report: dict):
    """Same outcome, same first cause, as sure and of the same container and endpoint; the lists are in the same order."""
    assert brief["outcome"] == report["outcome"]
    assert first_cause(brief) == first_cause(report)
    if report["causes"]:
        assert brief["causes"], "no cause is left in the brief"
        for field in ("id", "status", "latent"):
            assert brief["causes"][0].get(field, False) == report["causes"][0].get(field, False), field
    shown = [cause["id"] for cause in brief["causes"]]
    remaining = iter(cause["id"] for cause in report["causes"])
    assert all(cause in remaining for cause in shown), f"another order: {shown}"
