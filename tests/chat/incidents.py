"""Recorded incidents (tests/scenarios) for the bot to answer from."""

from pathlib import Path

from evidence import Incident, named, recorded  # tests/mcp

__all__ = ["Incident", "in_cluster", "named", "recorded", "usual"]

# A task with two fixes, one with log lines, a service, one that was stopped deliberately, one that completed, one that runs, a network.
USUAL = ["image-tag-missing", "application-error", "execution-role-renamed", "stopped-by-user", "job-completed",
         "healthy-service-after-mended-release", "no-way-out", "secret-missing"]  # fmt: skip


def usual(folder: Path) -> list[Incident]:
    """What the shared bot knows: all in cluster `prod`; `invoices` stands in `prod-eu` as well, and `hidden` is nobody's to see."""
    folder.mkdir(parents=True, exist_ok=True)
    twins = [named("execution-role-trust"), in_cluster(named("execution-role-trust"), folder, "prod-eu")]
    hidden = [in_cluster(named("log-group-missing"), folder, "hidden")]
    # Services first: a task's report names its service too, and the first that fits is asked.
    return sorted([named(name) for name in USUAL] + twins + hidden, key=lambda one: "task/" in one.target)


def in_cluster(incident: Incident, folder: Path, name: str) -> Incident:
    """The same account with its cluster under another name, whatever it is that is asked about there."""
    made = incident.in_cluster(folder, name)
    if "task/" not in made.target:
        made.target = f"{name}/{made.target.split('/')[1]}"
    return made
