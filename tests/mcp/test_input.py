"""Input that no client should send: over pipes, and in the arguments of every tool."""

import json

import judge
import pytest
from server import faults
from wire import LEGACY, Stdio, initialize, message, over_stdio

GARBAGE = {
    "invalid UTF-8": b'{"jsonrpc":"2.0","id":7,"method":"ping","params":{"x":"\xff\xfe\xc0\x80"}}\n',
    "a lone byte": b"\x80\n",
    "nothing": b"\n\n\n",
    "no JSON": b"hello?\n",
    "half of it": b'{"jsonrpc":"2.0","id":\n',
    "a number": b"17\n",
    "a null": b"null\n",
    "an empty list": b"[]\n",
    "no method": b'{"jsonrpc":"2.0","id":8}\n',
    "another version": b'{"jsonrpc":"1.0","id":9,"method":"ping"}\n',
    "an id that is an object": b'{"jsonrpc":"2.0","id":{},"method":"ping"}\n',
    "params that are a string": b'{"jsonrpc":"2.0","id":10,"method":"tools/call","params":"diagnose"}\n',
    "an answer that nobody asked for": b'{"jsonrpc":"2.0","id":999,"result":{}}\n',
    "a cancellation of nothing": b'{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":12345}}\n',
    "a header of another protocol": b"Content-Length: 52\r\n\r\n",
    "zeros": b"\x00" * 4096 + b"\n",
    "half a letter": b'{"jsonrpc":"2.0","id":12,"method":"tools/call","params":{"name":"diagnose","arguments":{"target":"\\ud800"}}}\n',
    "a nest of lists": b"[" * 100_000 + b"\n",
    "a nest of objects": b'{"a":' * 100_000 + b"\n",
    "an old end of line": b'{"jsonrpc":"2.0","id":11,"method":"ping"}\r\n',
}


@pytest.mark.parametrize("name", GARBAGE)
def test_after_garbage_it_goes_on(program, name):
    with over_stdio(program) as talk:
        talk.send(GARBAGE[name])
        assert talk.request("tools/list")["result"]["tools"]
        assert not [told for told in talk.others if "not-json" in told]
    assert not faults(talk.log())


def test_garbage_before_the_first_word_does_not_end_it(program):
    talk = Stdio(program)
    talk.send(GARBAGE["no JSON"])
    talk.send(GARBAGE["invalid UTF-8"])
    assert "result" in talk.hello()
    assert talk.close() == 0


def test_a_line_of_64_mib_is_refused_and_not_kept(program):
    from server import memory_mib

    talk = Stdio(program)
    talk.hello()
    body = json.dumps(message(5, "tools/call", {"name": "explain_stop_reason", "arguments": {"text": "x" * (64 << 20)}})).encode() + b"\n"
    try:
        talk.send(body)
        if talk.is_alive:
            assert talk.request("tools/list")["result"]["tools"]
            assert memory_mib(talk.process.pid) < 200
            talk.close()
    except (BrokenPipeError, AssertionError):
        pass
    assert not faults(talk.log())


def test_what_comes_before_initialize_is_refused(program):
    talk = Stdio(program)
    talk.send(message(1, "tools/call", {"name": "whoami", "arguments": {}}))
    try:
        assert "error" in talk.answer(1, 5)
    except AssertionError:
        pass  # it may leave, too
    if talk.is_alive:
        talk.close()
    assert not faults(talk.log())


def test_every_revision_is_answered_in_its_own(program):
    for version in ("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"):
        talk = Stdio(program)
        assert talk.request("initialize", initialize(version))["result"]["protocolVersion"] == version
        talk.close()
    talk = Stdio(program)
    assert talk.request("initialize", initialize("1999-01-01"))["result"]["protocolVersion"] == LEGACY
    talk.close()


def test_methods_and_names_that_do_not_exist_are_errors(program):
    with over_stdio(program) as talk:
        assert talk.request("tools/destroy")["error"]["code"] == -32601
        assert talk.call("delete_service")["error"]["code"] == -32602
        for uri in ("file:///etc/passwd", "ecs-why://causes/../../etc/passwd", "ecs-why://reports/1", "ecs-why://", "", "ecs-why://causes/no-such"):
            told = talk.request("resources/read", {"uri": uri})
            assert "error" in told, f"{uri}: {json.dumps(told)[:300]}"
            assert "root:" not in json.dumps(told)
        assert "error" in talk.request("prompts/get", {"name": "no_such"})
        told = talk.request("completion/complete", {"ref": {"type": "ref/prompt", "name": "no_such"}, "argument": {"name": "x", "value": ""}})
        assert "error" in told or told["result"]["completion"]["values"] == []


# ------------------------------------------------------------------------------ schema violations

WRONG = [None, True, 17, -1, 1e308, [], ["x"], {}, {"a": {"b": []}}, "", " ", "\x00", "\x1b[2J", "x" * 100_000, "../../etc/passwd",
         "$(touch /tmp/x)", "'; DROP TABLE", "%s%n", "👩‍👩‍👧", "arn:aws:ecs:::", "/", "a/b/c/d/e", "-", "--help"]  # fmt: skip


@pytest.fixture(scope="module")
def tools(program) -> list[dict]:
    with over_stdio(program) as talk:
        return talk.request("tools/list")["result"]["tools"]


def sound(tool: dict) -> dict:
    """Arguments that fit the schema, and mean nothing."""
    properties = tool["inputSchema"].get("properties", {})
    return {name: "x" for name in tool["inputSchema"].get("required", []) if properties[name].get("type") == "string"}


def test_no_argument_of_any_tool_breaks_it_and_answers_stay_bounded(program, tools):
    with over_stdio(program) as talk:
        asked = []
        for tool in tools:
            for name in tool["inputSchema"].get("properties", {}):
                for value in WRONG:
                    asked.append((tool, name, value, talk.ask("tools/call", {"name": tool["name"], "arguments": sound(tool) | {name: value}})))
        for tool, name, value, number in asked:
            told = talk.answer(number)
            where = f"{tool['name']}({name}={str(value)[:40]!r})"
            if "error" in told:
                assert told["error"]["code"] == -32602, f"{where}: {told}"
                assert len(json.dumps(told)) < judge.BRIEF, where
            else:
                judge.bounded(where, told["result"])
                judge.clean(told["result"], where)
        assert talk.is_alive
    assert not faults(talk.log())


def test_a_missing_or_misspelled_argument_is_named(program, tools):
    with over_stdio(program) as talk:
        for tool in tools:
            for missing in tool["inputSchema"].get("required", []):
                arguments = {name: value for name, value in sound(tool).items() if name != missing}
                told = json.dumps(talk.call(tool["name"], arguments))
                assert missing in told, f"{tool['name']} without {missing}: {told[:400]}"
            told = talk.call(tool["name"], sound(tool) | {"tarrget": "x"})
            assert told.get("error") or told["result"].get("isError"), f"{tool['name']} ignores an argument that it does not know"
            assert "tarrget" in json.dumps(told), f"{tool['name']}: {json.dumps(told)[:300]}"


def test_arguments_that_are_no_object_are_refused(program, tools):
    with over_stdio(program) as talk:
        for arguments in ("x", 17, [], [{}], True):
            for tool in tools:
                told = talk.request("tools/call", {"name": tool["name"], "arguments": arguments})
                assert "error" in told or told["result"].get("isError"), f"{tool['name']}: {arguments!r}"
