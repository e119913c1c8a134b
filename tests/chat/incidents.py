"""Recorded incidents (tests/scenarios) for the bot to answer from."""

from pathlib import Path

from evidence import Incident, named, recorded  # tests/mcp

__all__ = ["Incident", "named", "recorded", "usual", "target"]

# A task with two fixes, one with log lines, a service, one that was stopped deliberately, one that completed, one that runs, a network.
USUAL = ["image-tag-missing", "application-error", "execution-role-renamed", "stopped-by-user", "job-completed",
         "healthy-service-after-mended-release", "no-way-out", "secret-missing"]  # fmt: skip


def usual(folder: Path) -> list[Incident]:
    """What the shared bot knows: all in cluster `prod`; `invoices` stands in `prod-eu` as well, and `hidden` is nobody's to see."""
    folder.mkdir(parents=True, exist_ok=True)
    twins = [named("execution-role-trust"), named("execution-role-trust").in_cluster(folder, "prod-eu")]
    hidden = [named("log-group-missing").in_cluster(folder, "hidden")]
    # Services first: a task's report names its service too, and the first that fits is asked.
    return sorted([named(name) for name in USUAL] + twins + hidden, key=lambda one: "task/" in one.target)


def target(incident: Incident) -> str:
    """As a person would write it after `/why`."""
    return incident.target
