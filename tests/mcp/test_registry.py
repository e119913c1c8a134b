"""`mcp-server/server.json`, by which the MCP registry knows the server: https://modelcontextprotocol.io/registry/package-types."""

import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def told() -> dict:
    return json.loads((PROJECT / "mcp-server" / "server.json").read_text())


def test_it_keeps_the_registrys_rules(told):
    assert re.fullmatch(r"[a-zA-Z0-9.-]+/[a-zA-Z0-9._-]+", told["name"]) and 3 <= len(told["name"]) <= 200
    assert 1 <= len(told["description"]) <= 100 and 1 <= len(told["title"]) <= 100
    for package in told["packages"]:
        assert {"registryType", "identifier", "transport"} <= package.keys()
        assert package["version"] == told["version"]
        for argument in package["packageArguments"]:
            assert argument["type"] == "named" and argument["name"].startswith("--")


def test_it_speaks_of_this_version_and_this_package(told):
    workspace = tomllib.loads((PROJECT / "Cargo.toml").read_text())["workspace"]["package"]
    package = tomllib.loads((PROJECT / "mcp-server" / "Cargo.toml").read_text())["package"]
    assert told["version"] == workspace["version"]
    assert told["repository"]["url"] == workspace["repository"]
    assert [one["identifier"] for one in told["packages"]] == [package["name"]]


def test_the_readme_shows_who_owns_the_package(told):
    # crates.io drops comments, so it has to be visible text.
    readme = re.sub(r"<!--.*?-->", "", (PROJECT / "mcp-server" / "README.md").read_text(), flags=re.DOTALL)
    assert re.search(rf"mcp-name: {re.escape(told['name'])}\b", readme)


def test_the_options_are_the_programs(told, binary):
    usage = subprocess.run([binary, "--help"], capture_output=True, text=True, check=True).stdout
    for package in told["packages"]:
        for argument in package["packageArguments"]:
            assert f"{argument['name']} " in usage, f"there is no {argument['name']}"
