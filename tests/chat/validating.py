"""Every message that was sent, against what the platforms publish: see `validate/`."""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent / "validate"


def validate(files: list[Path], installed: Path | None):
    """Fails with what is wrong."""
    files = [file for file in files if file.stat().st_size]
    if not files:
        return
    found = []
    for name, command in validators(installed).items():
        done = subprocess.run([*command, *map(str, files)], capture_output=True, text=True, timeout=300)
        if done.returncode:
            found.append(f"{name}: status {done.returncode}\n{done.stdout[-3000:]}\n{done.stderr[-1000:]}")
    assert not found, "\n".join(found)


def validators(installed: Path | None) -> dict[str, list[str]]:
    return {"slack_sdk": [sys.executable, str(HERE / "slack.py")]} if (HERE / "slack.py").exists() else {}
