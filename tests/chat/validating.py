"""Every message that was sent, against what the platforms publish: see `validate/`."""

import json
import subprocess
import sys
import warnings
from pathlib import Path

HERE = Path(__file__).resolve().parent / "validate"


def validate(folder: Path, node: Path | None, discord: Path | None):
    """Fails with what is wrong. `node`: where `validate/slack-types` is installed; `discord`: the example `validate_discord`, built."""
    lines = [line for file in sorted(folder.glob("*.jsonl")) for line in file.read_text().splitlines()]
    sent = {platform: [line for line in lines if json.loads(line)["platform"] == platform] for platform in ("slack", "discord")}
    commands = [("slack", [sys.executable, str(HERE / "slack.py")])]
    commands += [("slack", ["node", str(node / "check.mjs")])] if node else []
    commands += [("discord", [str(discord)])] if discord else []
    if not (node and discord):
        warnings.warn("not every message is validated: give --slack-types and --validate-discord (tests/chat/README.md)", stacklevel=1)
    found = []
    for platform, command in commands:
        if sent[platform]:
            text = "\n".join(sent[platform]) + "\n"
            done = subprocess.run(_with(command, folder, text), input=text, capture_output=True, text=True, timeout=300)
            print(f"{len(sent[platform])} messages held to their limits by {Path(command[-1]).name}: status {done.returncode}")
            if done.returncode:
                found.append(f"{command}: status {done.returncode}\n{done.stdout[-3000:]}\n{done.stderr[-2000:]}")
    assert not found, "\n".join(found)


def _with(command: list[str], folder: Path, text: str) -> list[str]:
    """The first two want a file, the third its standard input."""
    if len(command) == 1:
        return command
    file = folder / "all.sent"
    file.write_text(text)
    return [*command, str(file)]
