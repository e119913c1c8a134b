"""Many calls, callers that vanish, and memory that stays."""

import json
import os
import signal
import socket
import subprocess
import time

from server import faults, memory_mib
from steps import PASTED
from wire import Http, Stdio, in_parallel, initialize, message, over_stdio

# How much of what it had after the warm-up a process may gain: an allocator is never quite still.
GROWTH, ALLOWANCE_MIB = 1.10, 8


def outcome(told: dict):
    return told["result"]["structuredContent"]["outcome"]


def test_a_thousand_calls_at_once_over_pipes(program, incidents):
    with over_stdio(program.but("--time-limit", "600")) as talk:
        numbers = [talk.ask("tools/call", {"name": "diagnose", "arguments": {"target": incidents[n % 4].target}}) for n in range(1000)]
        found = [talk.answer(number, 300) for number in numbers]
        for place, told in enumerate(found):
            assert outcome(told) == incidents[place % 4].expected["outcome"]
    assert not faults(talk.log())


def test_a_thousand_calls_at_once_over_http(program, incidents):
    with program.listening("--time-limit", "600") as here:
        callers = [Http(here) for _ in range(50)]
        for caller in callers:
            caller.hello()

        def ask(number: int):
            return outcome(callers[number % 50].call("diagnose", {"target": incidents[number % 4].target}, 300))

        found = in_parallel(1000, 50, ask)
        assert found == [incidents[number % 4].expected["outcome"] for number in range(1000)]
        assert not faults(here.log())


def test_who_waits_too_long_is_told_so(program, incidents):
    """With the least patience: each call is answered rightly, or says that it is busy; nothing is lost."""
    with over_stdio(program.but("--time-limit", "1", "--max-diagnoses", "1")) as talk:
        asked = {"target": incidents[1].target, "fresh": True}
        numbers = [talk.ask("tools/call", {"name": "diagnose", "arguments": asked}) for _ in range(300)]
        for number in numbers:
            told = talk.answer(number, 60)["result"]
            if told.get("isError"):
                assert "busy" in json.dumps(told) or "time-over" in json.dumps(told), told
            else:
                assert told["structuredContent"]["outcome"] == incidents[1].expected["outcome"]


def test_a_client_that_vanishes_in_the_middle_of_a_call_ends_the_server(program, incidents):
    for _ in range(5):
        talk = Stdio(program)
        talk.hello()
        for _ in range(20):
            talk.ask("tools/call", {"name": "diagnose", "arguments": {"target": incidents[0].target}})
        assert talk.close(20) == 0, talk.log()
        assert not faults(talk.log())


def test_a_client_that_reads_no_answers_and_vanishes_ends_the_server(program, incidents):
    """Its answers fill the pipe; then the pipe breaks."""
    call = message(2, "tools/call", {"name": "diagnose", "arguments": {"target": incidents[0].target}})
    words = [message(1, "initialize", initialize()), {"jsonrpc": "2.0", "method": "notifications/initialized"}, *[call] * 200]
    with subprocess.Popen(program.command, env=program.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdin.write(b"".join(json.dumps(word).encode() + b"\n" for word in words))
        process.stdin.flush()
        time.sleep(3)
        process.stdout.close()
        process.stdin.close()
        try:
            process.wait(20)
        finally:
            process.kill()
        assert not faults(process.stderr.read().decode())


def test_it_ends_on_a_signal(program):
    for number in (signal.SIGTERM, signal.SIGINT):
        talk = Stdio(program)
        talk.hello()
        talk.process.send_signal(number)
        talk.process.wait(10)
        assert not faults(talk.log())


def test_connections_that_break_in_the_middle_of_a_call_cost_nobody_anything(program, incidents):
    with program.listening() as here:
        friend = Http(here)
        friend.hello()
        body = json.dumps(message(1, "tools/call", {"name": "diagnose", "arguments": {"target": incidents[0].target}})).encode()
        head = f"POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\n" \
               f"Mcp-Session-Id: {friend.session}\r\nMCP-Protocol-Version: 2025-11-25\r\nContent-Length: {len(body)}\r\n\r\n".encode()  # fmt: skip
        before = descriptors(here.process.pid)
        for number in range(300):
            with socket.create_connection(("127.0.0.1", here.port)) as line:
                line.sendall(head + (body if number % 2 else body[:50]))
                if number % 4 == 1:
                    line.recv(64)
        assert outcome(friend.call("diagnose", {"target": incidents[0].target})) == incidents[0].expected["outcome"]
        until = time.monotonic() + 20
        while descriptors(here.process.pid) > before + 10 and time.monotonic() < until:
            time.sleep(0.2)
        assert descriptors(here.process.pid) <= before + 10, "connections are kept that nobody holds"


def test_a_call_that_is_cancelled_gets_no_answer_and_frees_its_place(program, incidents):
    with over_stdio(program) as talk:
        numbers = []
        for _ in range(500):
            number = talk.ask("tools/call", {"name": "diagnose", "arguments": {"target": incidents[0].target}})
            talk.send({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": number, "reason": "not any more"}})
            numbers.append(number)
        assert outcome(talk.call("diagnose", {"target": incidents[0].target})) == incidents[0].expected["outcome"]


def test_memory_is_flat_over_many_calls(program, incidents, pytestconfig):
    """All tools, all incidents, good and bad arguments; measured after a warm-up and at the end."""
    calls = pytestconfig.getoption("--calls")
    asked = [("diagnose", {"target": one.target}) for one in incidents]
    asked += [("diagnose", {"target": incidents[0].target, "detail": "full", "fresh": True})]
    asked += [("explain_stop_reason", {"text": f"{PASTED} {'x' * 20_000}"}), ("diagnose", {"target": "no/such"}), ("diagnose", {}), ("whoami", {})]
    with over_stdio(program) as talk:

        def some(count: int):
            for start in range(0, count, 20):
                numbers = [
                    talk.ask("tools/call", {"name": name, "arguments": arguments})
                    for name, arguments in (asked[(start + n) % len(asked)] for n in range(min(20, count - start)))
                ]
                for number in numbers:
                    talk.answer(number, 120)
                talk.printed.clear()
                talk.others.clear()

        some(max(500, calls // 5))
        before, samples = memory_mib(talk.process.pid), []
        for _ in range(10):
            some(calls // 10)
            samples.append(round(memory_mib(talk.process.pid), 1))
        print(f"{calls} calls: {before:.1f} MiB before, then {samples}")
        assert samples[-1] <= before * GROWTH + ALLOWANCE_MIB, samples


def test_memory_is_flat_over_many_sessions(program, incidents, pytestconfig):
    with program.listening() as here:

        def visit(number: int):
            caller = Http(here)
            caller.hello()
            told = outcome(caller.call("diagnose", {"target": incidents[number % 4].target}))
            caller.leave()
            return told

        count = pytestconfig.getoption("--calls") // 5
        in_parallel(count, 8, visit)
        before, descriptors_before = memory_mib(here.process.pid), descriptors(here.process.pid)
        found = in_parallel(count, 8, visit)
        assert all(isinstance(told, str) for told in found), [told for told in found if not isinstance(told, str)][:3]
        after = memory_mib(here.process.pid)
        print(f"{count} sessions: {before:.1f} MiB before, {after:.1f} after")
        assert after <= before * GROWTH + ALLOWANCE_MIB
        assert descriptors(here.process.pid) <= descriptors_before + 10


def descriptors(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/fd"))
