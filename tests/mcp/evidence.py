"""Recorded incidents (tests/scenarios) as accounts for the server, and the same with hostile text planted in them."""

import json
import tomllib
from dataclasses import dataclass
from pathlib import Path

SCENARIOS = Path(__file__).resolve().parents[1] / "scenarios"
# Free text of an account: what other people's programs write. Names are not here, since AWS limits their letters.
FREE_TEXT = {"stopped_reason", "reason", "text", "message", "rollout_reason", "status_reason"}


@dataclass
class Incident:
    """One evidence file, and what is asked about it."""

    name: str
    file: Path
    target: str
    is_check: bool
    expected: dict

    def planted(self, folder: Path, words: str) -> "Incident":
        """The same account in which every free text says this besides."""
        file = folder / f"{self.name}.json"
        file.write_text(json.dumps(_planted(json.loads(self.file.read_text()), words)))
        return Incident(self.name, file, self.target, self.is_check, self.expected)

    def in_cluster(self, folder: Path, name: str) -> "Incident":
        """The same account with its cluster under another name."""
        own = self.target.split("task/")[-1].split("/")[0]
        text = json.dumps(json.loads(self.file.read_text()))
        for before, after in (("task/", "/"), ("service/", "/"), ("cluster/", '"'), ('"cluster": "', '"')):
            text = text.replace(f"{before}{own}{after}", f"{before}{name}{after}")
        file = folder / f"{self.name}-{name}.json"
        file.write_text(text)
        return Incident(self.name, file, self.target.replace(f"/{own}/", f"/{name}/"), self.is_check, self.expected)


def recorded() -> list[Incident]:
    return [incident(file) for file in sorted(SCENARIOS.glob("*/*/account.json"))]


def named(name: str) -> Incident:
    return next(one for one in recorded() if one.name == name)


def incident(file: Path) -> Incident:
    asked = json.loads(file.read_text())
    expected = tomllib.loads(file.with_name("expect.toml").read_text())
    return Incident(file.parent.name, file, argument(asked["target"]), asked["check"], expected)


def argument(target: dict) -> str:
    """The target of an evidence file as a person would write it."""
    ((kind, it),) = target.items()
    if kind == "service":
        return f"{it['cluster']}/{it['service']}"
    place = it["place"]
    return f"arn:{place['partition']}:ecs:{place['region']}:{place['account']}:task/{it['cluster']}/{it['task']}"


def options(*incidents: Incident) -> list[str]:
    return [word for one in incidents for word in ("--evidence", str(one.file))]


def _planted(part, words: str):
    if isinstance(part, dict):
        return {
            key: f"{value} {words}" if key in FREE_TEXT and isinstance(value, str) else _planted(value, words) for key, value in part.items()
        }
    if isinstance(part, list):
        return [_planted(one, words) for one in part]
    return part
