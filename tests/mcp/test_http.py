"""What a stranger on the network may not do, and what a careless client may not break."""

import json
import socket
import subprocess
import time

import pytest
from server import Program, free_port, home
from wire import MODERN, Http, Refused, in_parallel, initialize, message

TOKEN = "canary-token-0123456789abcdef0123456789abcdef"
HELLO = message(1, "initialize", initialize())


@pytest.fixture(scope="module")
def here(program):
    with program.listening() as here:
        yield here
        assert here.is_alive


def test_a_foreign_origin_is_refused(here):
    for origin in ("https://evil.example", "http://127.0.0.1.evil.example", "null", "http://localhost.evil.example:80", "file://"):
        assert Http(here).post(HELLO, {"Origin": origin})[0] == 403, origin


def test_a_foreign_host_is_refused(here):
    for host in ("evil.example", f"evil.example:{here.port}", "127.0.0.1.evil.example", "169.254.169.254"):
        assert Http(here).post(HELLO, {"Host": host})[0] == 403, host
    assert Http(here).post(HELLO, {"Host": f"localhost:{here.port}"})[0] == 200


def test_no_answer_lets_another_page_read_it(here):
    for headers in ({}, {"Origin": "https://evil.example"}):
        told = Http(here).post(HELLO, headers)[1]
        assert "access-control-allow-origin" not in told
    status, told, _ = Http(here).post(b"", {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}, method="OPTIONS")
    assert status >= 400 and "access-control-allow-origin" not in told


def test_without_a_token_only_the_loopback_is_listened_on(program):
    for address in ("0.0.0.0", "[::]"):
        command = [*program.command, "--http", f"{address}:{free_port()}"]
        done = subprocess.run(command, env=program.env, cwd=home(), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20)
        assert done.returncode == 2, done
        assert "token" in done.stderr and len(done.stderr.strip().splitlines()) <= 3, done.stderr


@pytest.fixture(scope="module")
def guarded(program):
    with program.listening(ECS_WHY_MCP_TOKEN=TOKEN) as here:
        yield here
        assert TOKEN not in here.log()


def test_no_and_wrong_tokens_are_refused(guarded):
    wrong = [None, "", "x", TOKEN[:-1], TOKEN + "x", TOKEN.upper(), f"{TOKEN} {TOKEN}", "\u00e9"]
    for token in wrong:
        header = None if token is None else f"Bearer {token}".encode("latin-1")
        status, told, body = Http(guarded).post(HELLO, {"Authorization": header})
        assert status == 401, token
        assert "bearer" in told.get("www-authenticate", "").lower()
        assert b"canary" not in body
    for scheme in (f"Basic {TOKEN}", TOKEN, f"bearer{TOKEN}"):
        assert Http(guarded).post(HELLO, {"Authorization": scheme})[0] == 401, scheme
    assert Http(guarded, TOKEN).post(HELLO)[0] == 200


def test_a_session_alone_is_no_ticket(guarded):
    friend = Http(guarded, TOKEN)
    friend.hello()
    stranger = Http(guarded)
    stranger.session = friend.session
    for method in ("POST", "GET", "DELETE"):
        assert stranger.post(message(1, "tools/list"), method=method)[0] == 401, method
    assert friend.request("tools/list")["result"]["tools"]


def test_what_is_not_a_request_is_refused(here):
    friend = Http(here)
    friend.hello()
    refused = {
        "invalid UTF-8": b'{"jsonrpc":"2.0","id":1,"method":"ping\xff\xfe"}',
        "no JSON": b"{",
        "empty": b"",
        "no object": b'"ping"',
        "a nest of lists": b"[" * 200_000,
        "a nest of objects": b'{"a":' * 200_000,
        "no version": b'{"id":1,"method":"ping"}',
    }
    for name, body in refused.items():
        status, _, told = friend.post(body)
        assert 400 <= status < 500, f"{name}: {status} {told[:200]}"
    assert friend.post(HELLO, {"Content-Type": "text/plain"})[0] == 415
    assert friend.post(HELLO, {"Accept": "text/html"})[0] == 406
    assert friend.request("tools/list")["result"]["tools"]


def test_a_body_that_is_too_large_is_refused(here):
    body = json.dumps(message(1, "tools/call", {"name": "explain_stop_reason", "arguments": {"text": "x" * 8_000_000}})).encode()
    friend = Http(here)
    friend.hello()
    try:
        assert friend.post(body)[0] == 413
    except (BrokenPipeError, ConnectionResetError):
        pass  # it need not read all of it
    assert friend.request("tools/list")["result"]["tools"]


def test_only_one_path_and_its_methods_are_served(here):
    for method, path in (("GET", "/"), ("POST", "/"), ("GET", "/mcp/../etc/passwd"), ("PUT", "/mcp"), ("PATCH", "/mcp"), ("GET", "/mcp")):
        with socket.create_connection(("127.0.0.1", here.port), timeout=10) as line:
            line.sendall(f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
            status = int(line.makefile("rb").readline().split()[1])
            assert 400 <= status < 500, f"{method} {path}: {status}"


def test_a_session_that_is_not_known_is_said_to_be_gone(here):
    stranger = Http(here)
    stranger.session = "00000000-0000-4000-8000-000000000000"
    assert stranger.post(message(1, "tools/list"))[0] == 404
    friend = Http(here)
    friend.hello()
    assert friend.leave() < 300
    with pytest.raises(Refused) as told:
        friend.request("tools/list")
    assert told.value.status == 404


def test_too_many_sessions_are_refused_and_those_that_are_there_go_on(program):
    with program.listening() as here:
        friend = Http(here)
        friend.hello()
        statuses = []
        for _ in range(400):
            statuses.append(Http(here).post(HELLO)[0])
            if statuses[-1] != 200:
                break
        assert statuses[-1] in (429, 503), f"{len(statuses)} sessions, and no end"
        assert friend.request("tools/list")["result"]["tools"]
        assert friend.leave() < 300
        assert Http(here).post(HELLO)[0] == 200, "the place of who left is free again"


def test_a_modern_caller_needs_no_session_and_gets_none(here):
    caller = Http(here, version=MODERN)
    status, headers, _ = caller.post(caller.message("tools/list", None), caller.routing("tools/list", None))
    assert status == 200
    assert "mcp-session-id" not in headers


def test_connections_that_say_nothing_keep_nobody_out(here):
    silent = [socket.create_connection(("127.0.0.1", here.port)) for _ in range(200)]
    for number, line in enumerate(silent):
        line.sendall(b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n"[: 10 + number])
    friend = Http(here)
    friend.hello()
    assert friend.request("tools/list", patience=10)["result"]["tools"]
    for line in silent:
        line.close()


def test_bodies_that_never_come_keep_nobody_out_for_long(program):
    with program.listening() as here:
        stalled = [socket.create_connection(("127.0.0.1", here.port)) for _ in range(600)]
        head = b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\n"
        for line in stalled:
            line.sendall(head + b"Content-Length: 1000\r\n\r\n{")
        time.sleep(3)  # until it has taken them all in
        until, status = time.monotonic() + 40, 0
        while time.monotonic() < until and status != 200:
            status = Http(here).post(HELLO)[0]
            time.sleep(0.5)
        for line in stalled:
            line.close()
        assert status == 200


def test_callers_do_not_see_each_others_reports(program, incidents):
    with program.listening() as here:
        one, other = Http(here), Http(here)
        one.hello()
        other.hello()
        made = one.call("diagnose", {"target": incidents[0].target})["result"]
        listed = [resource["uri"] for resource in one.request("resources/list")["result"]["resources"]]
        strangers = [resource["uri"] for resource in other.request("resources/list")["result"]["resources"]]
        own = [uri for uri in listed if uri not in strangers]
        assert own, f"no report is listed after {made}"
        assert "error" in other.request("resources/read", {"uri": own[0]})
        assert "result" in one.request("resources/read", {"uri": own[0]})


def test_it_ends_by_itself_while_callers_are_there(program, incidents):
    with program.listening() as here:
        friend = Http(here)
        friend.hello()
        with socket.create_connection(("127.0.0.1", here.port)) as listener:
            listener.sendall(
                f"GET /mcp HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\nMcp-Session-Id: {friend.session}\r\n\r\n".encode()
            )
            assert b"200" in listener.recv(100)
            in_parallel(20, 10, lambda _: friend.call("diagnose", {"target": incidents[0].target}))
            here.process.terminate()
            assert here.process.wait(10) == 0, here.log()


def test_a_port_that_is_taken_is_said_in_one_sentence(program, here):
    command = [*program.command, "--http", f"127.0.0.1:{here.port}"]
    done = subprocess.run(command, env=program.env, cwd=home(), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20)
    assert done.returncode != 0 and str(here.port) in done.stderr and len(done.stderr.strip().splitlines()) <= 3, done.stderr


def test_an_evidence_file_that_is_not_there_is_said_in_one_sentence(binary, tmp_path):
    program = Program(binary, ["--evidence", str(tmp_path / "absent.json")])
    done = subprocess.run(program.command, env=program.env, cwd=home(), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20)
    assert done.returncode == 2 and "absent.json" in done.stderr and len(done.stderr.strip().splitlines()) <= 3, done
