"""Clients that nobody here wrote, over both transports and in every revision that they speak: all that is offered is asked for."""

import json
import subprocess
import sys
from pathlib import Path

import evidence
import judge
import pytest
from server import Program, home
from steps import steps, tool

HERE = Path(__file__).resolve().parent
# The client, and its way to agree on a revision with the one that must come of it.
CLIENTS = [
    ("python", "legacy", "2025-11-25"),
    ("python", "auto", "2026-07-28"),
    ("python", "2026-07-28", "2026-07-28"),
    ("typescript_1", "legacy", "2025-11-25"),
    ("typescript_2", "legacy", "2025-11-25"),
    ("typescript_2", "auto", "2026-07-28"),
    ("typescript_2", "2026-07-28", "2026-07-28"),
]
# What the newest revision has no more.
GONE = {"2026-07-28": {"log_level", "ping"}}


def speak(client: str, mode: str, program, url: str | None, node: Path, asked: list[dict], **more) -> dict:
    """Let a client make the steps, and give what it was answered."""
    question = {"command": program.command, "env": program.env, "cwd": home(), "url": url, "mode": mode, "steps": asked, **more}
    command = [sys.executable, HERE / "clients" / "python_sdk.py"] if client == "python" else ["node", node / f"{client}.mjs"]
    done = subprocess.run(command, input=json.dumps(question), capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout) | {"errors": done.stderr}


@pytest.fixture(scope="module", params=CLIENTS, ids=lambda one: f"{one[0]}-{one[1]}")
def client(request):
    return request.param


@pytest.fixture(scope="module", params=["stdio", "http"])
def walk(request, client, program, node, incidents) -> dict:
    """One client's whole visit."""
    name, mode, revision = client
    asked = [step for step in steps(incidents) if step["do"] not in GONE.get(revision, ())]
    if request.param == "stdio":
        told = speak(name, mode, program, None, node, asked)
    else:
        with program.listening() as here:
            told = speak(name, mode, program, here.url, node, asked)
            assert here.is_alive
    return told | {"steps": asked, "revision": revision, "client": name}


def test_the_revision_is_the_newest_that_both_know(walk):
    assert walk["protocol"] in (walk["revision"], None)  # the SDK 1.x does not tell over pipes


def test_every_step_is_answered(walk):
    for step, answer in zip(walk["steps"], walk["answers"], strict=True):
        if "fails" in step:
            told = json.dumps(answer)
            assert answer.get("error") or answer["result"].get("isError"), f"{step}: {told[:300]}"
            assert step["fails"] in told, f"{step}: {told[:500]}"
        else:
            assert "result" in answer, f"{step}: {answer}"
            assert not answer["result"].get("isError"), f"{step}: {answer['result']}"


def test_every_structured_answer_fits_its_declared_schema(walk):
    tools = {tool["name"]: tool for tool in walk["lists"]["tools"]}
    for step, answer in zip(walk["steps"], walk["answers"], strict=True):
        if step["do"] == "tool" and "result" in answer:
            judge.structured(tools[step["name"]], answer["result"])


def test_every_answer_is_bounded_and_clean(walk):
    for step, answer in zip(walk["steps"], walk["answers"], strict=True):
        if step["do"] == "tool" and "result" in answer:
            full = (step.get("arguments") or {}).get("detail") == "full"
            judge.bounded(step["name"], answer["result"], judge.FULL if full else judge.BRIEF)
        judge.clean(answer)


def test_all_that_is_offered_was_asked_for(walk):
    done = {(kind, step.get(key)) for step in walk["steps"] for kind, key in [(step["do"], "name"), (step["do"], "uri")]}
    for tool in walk["lists"]["tools"]:
        assert ("tool", tool["name"]) in done, f"no step calls {tool['name']}"
    for prompt in walk["lists"]["prompts"]:
        assert ("prompt", prompt["name"]) in done, f"no step gets {prompt['name']}"
        for argument in prompt.get("arguments") or []:
            given = [step for step in walk["steps"] if step["do"] == "prompt" and step["name"] == prompt["name"]]
            assert any(argument["name"] in (step.get("arguments") or {}) for step in given), f"{prompt['name']}: no step gives {argument['name']}"
    read = [step["uri"] for step in walk["steps"] if step["do"] == "resource"]
    for resource in walk["lists"]["resources"]:
        known = resource["uri"] in read or any(resource["uri"].startswith(uri.split("$")[0]) for uri in read if "$" in uri)
        assert known, f"no step reads {resource['uri']}"
    for template in walk["lists"]["templates"]:
        start = template["uriTemplate"].split("{")[0]
        assert any(uri.startswith(start) and uri != start for uri in read), f"no step fills {template['uriTemplate']}"


def test_no_schema_gives_a_client_cause_to_warn(walk):
    faults = [fault for tool in walk["lists"]["tools"] for fault in judge.schema_faults(tool)]
    assert not faults + walk.get("schemaFaults", []), "\n".join(faults + walk.get("schemaFaults", []))
    assert "warn" not in walk["errors"].lower() and "unknown format" not in walk["errors"], walk["errors"][-2000:]


def test_progress_rises(walk):
    for step, answer in zip(walk["steps"], walk["answers"], strict=True):
        assert answer["progress"] == sorted(answer["progress"]), f"{step}: {answer['progress']}"


def test_who_it_is_and_what_it_can_is_said(walk):
    if walk["server"] is None:
        pytest.skip("this client was told the revision, and asked nothing")
    assert walk["server"]["name"] == "ecs-why"
    assert {"tools", "resources", "prompts", "completions"} <= set(walk["capabilities"])
    assert walk["instructions"], "models are told nothing about how to use it"


@pytest.fixture(scope="module")
def twice(binary, incidents, tmp_path_factory) -> Program:
    """An account with the same task in two clusters."""
    return Program(binary, evidence.options(incidents[0], incidents[0].in_cluster(tmp_path_factory.mktemp("evidence"), "staging")))


@pytest.mark.parametrize("transport", ["stdio", "http"])
def test_a_client_that_can_ask_is_asked_which_cluster_is_meant(client, twice, node, incidents, transport):
    name, mode, _ = client
    bare = tool("diagnose", target=incidents[0].target.split("/")[-1])

    def visit(**more) -> dict:
        if transport == "stdio":
            return speak(name, mode, twice, None, node, [bare], **more)["answers"][0]["result"]
        with twice.listening() as here:
            return speak(name, mode, twice, here.url, node, [bare], **more)["answers"][0]["result"]

    asked = visit(elicitation=True)
    assert not asked.get("isError"), asked
    assert asked["structuredContent"]["target"]["cluster"] == "prod"
    not_asked = visit()
    assert not_asked["isError"]
    assert "prod, staging" in judge.texts(not_asked)[0] and "cluster" in judge.texts(not_asked)[0]
