"""Every message that was sent, against what the platforms publish: see `validate/`."""

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent / "validate"


def validate(files: list[Path], installed: Path | None):
    """Fails with what is wrong. `installed` has `node_modules` of `slack-types` and the program `validate_discord`; without it, only
    what Python can say is asked."""
    files = [file for file in files if file.stat().st_size]
    if not files:
        return
    environment = os.environ | ({"ECS_WHY_SLACK_TYPES": str(installed.resolve())} if installed else {})
    found = []
    for name, command in validators(installed).items():
        done = subprocess.run([*command, *map(str, files)], capture_output=True, text=True, timeout=300, env=environment)
        if done.returncode:
            found.append(f"{name}: status {done.returncode}\n{done.stdout[-3000:]}\n{done.stderr[-1000:]}")
    assert not found, "\n".join(found)


def validators(installed: Path | None) -> dict[str, list[str]]:
    known = {"slack_sdk": [sys.executable, str(HERE / "slack.py")]}
    if installed:
        known["Slack's types"] = ["node", str(HERE / "slack-types" / "check.mjs")]
        known["twilight"] = [str(installed / "validate_discord")]
    return known
