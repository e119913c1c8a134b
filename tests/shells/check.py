#!/usr/bin/env python3
"""`ecs-why` in real shells and on real terminals: pager, links, and what Tab offers.

    tests/shells/check.py target/debug/ecs-why

It needs bash, zsh and fish. PowerShell is not to be had everywhere: of that, only what the program answers it is looked at.
"""

import fcntl
import http.server
import json
import os
import pty
import re
import select
import shlex
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
import unittest
from pathlib import Path

PROGRAM = Path(sys.argv.pop(1)).resolve() if len(sys.argv) > 1 else None
CLUSTERS = {"prod": ["payments", "web"], "staging": []}


def on_terminal(command, environment, rows=20, keys=(), patience=30):
    """What a program writes on a terminal of so many rows, and its exit code. Keys are pressed once their text is seen."""
    child, terminal = pty.fork()
    if child == 0:
        os.execvpe(command[0], command, environment)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, 100, 0, 0))
    seen, keys, end = "", list(keys), time.monotonic() + patience
    while time.monotonic() < end:
        if select.select([terminal], [], [], 0.2)[0]:
            try:
                piece = os.read(terminal, 65536)
            except OSError:
                break
            if not piece:
                break
            seen += piece.decode("utf-8", "replace")
        if keys and keys[0][0] in seen:
            os.write(terminal, keys.pop(0)[1].encode())
    else:
        os.kill(child, signal.SIGKILL)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    os.close(terminal)
    return seen, code


class Ecs(http.server.BaseHTTPRequestHandler):
    """Lists clusters and services as ECS does."""

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])) or "{}")
        arn = "arn:aws:ecs:eu-west-1:111122223333"
        if self.headers["X-Amz-Target"].endswith(".ListClusters"):
            told = {"clusterArns": [f"{arn}:cluster/{name}" for name in CLUSTERS]}
        else:
            cluster = asked["cluster"].rsplit("/")[-1]
            told = {"serviceArns": [f"{arn}:service/{cluster}/{name}" for name in CLUSTERS[cluster]]}
        body = json.dumps(told).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Home(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.home = Path(folder.name)
        (self.home / "bin").mkdir()
        (self.home / "bin/ecs-why").symlink_to(PROGRAM)
        self.environment = {
            "HOME": folder.name,
            "PATH": f"{self.home}/bin:/usr/local/bin:/usr/bin:/bin",
            "TERM": "xterm-256color",
            "LANG": "C.UTF-8",
            "NO_COLOR": "1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_REGION": "eu-west-1",
        }


class Pager(Home):
    MARK = "sed s/^/paged:/"

    def demo(self, *options, rows=20, **environment):
        seen, code = on_terminal(["ecs-why", "demo", *options], self.environment | environment, rows=rows)
        self.assertEqual(code, 0, seen)
        self.assertIn("FAILED", seen)
        return seen

    def test_long_text_goes_through_the_pager_that_is_set(self):
        self.assertIn("paged:FAILED", self.demo(AWS_PAGER=self.MARK, PAGER="false"))
        self.assertIn("paged:FAILED", self.demo(PAGER=self.MARK))

    def test_the_profile_may_name_it(self):
        (self.home / ".aws").mkdir()
        (self.home / ".aws/config").write_text(f"[default]\ncli_pager = {self.MARK}\n[profile plain]\ncli_pager =\n")
        self.assertIn("paged:FAILED", self.demo(PAGER="false"))
        self.assertNotIn("paged:", self.demo(PAGER="false", AWS_PAGER=""))

    def test_nothing_is_paged_where_nobody_wants_it(self):
        self.assertNotIn("paged:", self.demo(AWS_PAGER="", PAGER=self.MARK))
        self.assertNotIn("paged:", self.demo("--no-pager", PAGER=self.MARK))
        self.assertNotIn("paged:", self.demo("--no-cli-pager", PAGER=self.MARK))
        self.assertNotIn("paged:", self.demo(PAGER=self.MARK, rows=300))

    def test_nothing_is_paged_into_a_file(self):
        told = subprocess.run(["ecs-why", "demo"], env=self.environment | {"AWS_PAGER": self.MARK}, capture_output=True, text=True)
        self.assertTrue(told.stdout.startswith("FAILED"), told)

    def test_a_pager_that_is_not_there_hides_nothing(self):
        self.demo(PAGER="no-such-pager")

    def test_who_leaves_the_pager_early_gets_no_error(self):
        seen, code = on_terminal(["ecs-why", "demo", "-v"], self.environment | {"PAGER": "head -n 2"})
        self.assertEqual((code, "rror" in seen, seen.count("\n")), (0, False, 2), seen)

    def test_less_is_left_by_q_and_survives_an_interruption(self):
        # What is typed while less is interrupted is lost: one presses again.
        keys = [("FAILED", "\x03"), *[("FAILED", "q")] * 20]
        seen, code = on_terminal(["ecs-why", "demo", "-v"], self.environment | {"PAGER": "less", "LESS": ""}, keys=keys)
        self.assertEqual(code, 0, seen)

    def test_links_are_for_terminals_that_can(self):
        link = "\x1b]8;;https://"
        self.assertIn(link, self.demo(AWS_PAGER="", FORCE_HYPERLINK="1"))
        self.assertNotIn(link, self.demo(AWS_PAGER="", FORCE_HYPERLINK="0"))
        self.assertNotIn(link, self.demo(AWS_PAGER="more", FORCE_HYPERLINK="1", rows=200))
        self.assertIn(link, self.demo(AWS_PAGER="less -FX", FORCE_HYPERLINK="1", rows=200))


class Completion(Home):
    def bash(self, line):
        words = line.split(" ")
        script = f"""source <(ecs-why completions bash)
COMP_WORDS=({' '.join(shlex.quote(word) for word in words)}); COMP_CWORD={len(words) - 1}; COMP_TYPE=9
_clap_complete_ecs_why ecs-why {shlex.quote(words[-1])} x; printf '%s\\n' "${{COMPREPLY[@]}}" """
        told = subprocess.run(["bash", "--norc", "-c", script], env=self.environment, capture_output=True, text=True, timeout=60)
        self.assertEqual(told.stderr, "")
        return [word for word in re.split(r"[\n\v]", told.stdout) if word]

    def test_bash(self):
        self.assertEqual(self.bash("ecs-why ch"), ["check"])
        self.assertIn("--endpoint-url", self.bash("ecs-why check --en"))
        self.assertIn("image-tag-not-found", self.bash("ecs-why causes image-t"))

    def test_fish(self):
        script = 'ecs-why completions fish | source; complete -C "ecs-why ch"; complete -C "ecs-why causes image-t"'
        told = subprocess.run(["fish", "-c", script], env=self.environment, capture_output=True, text=True, timeout=60)
        self.assertIn("check", told.stdout, told)
        self.assertIn("image-tag-not-found", told.stdout)

    def test_zsh(self):
        (self.home / ".zshrc").write_text("autoload -U compinit; compinit -u; PS1=ready:; source <(ecs-why completions zsh)\n")
        keys = [("ready:", "ecs-why causes image-tag-n\t"), ("image-tag-not-found", "\x15exit\r")]
        seen, _ = on_terminal(["zsh", "-i"], self.environment, keys=keys)
        self.assertIn("image-tag-not-found", seen)

    def test_powershell(self):
        script = subprocess.run(["ecs-why", "completions", "powershell"], env=self.environment, capture_output=True, text=True)
        self.assertIn("Register-ArgumentCompleter", script.stdout)
        told = subprocess.run(
            ["ecs-why", "--", "ecs-why", "ch"], env=self.environment | {"COMPLETE": "powershell"}, capture_output=True, text=True
        )
        self.assertIn("check", told.stdout, told)

    def test_profiles_are_offered(self):
        (self.home / ".aws").mkdir()
        (self.home / ".aws/config").write_text("[default]\n[profile prod]\nregion = x\n")
        self.assertEqual(self.bash("ecs-why --profile p"), ["prod"])

    def test_names_come_from_the_cache_and_nobody_waits_for_aws(self):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Ecs)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.environment["AWS_ENDPOINT_URL"] = f"http://127.0.0.1:{server.server_port}"
        offered, end = [], time.monotonic() + 30
        while not offered and time.monotonic() < end:
            offered = self.bash("ecs-why check prod/")
            time.sleep(0.2)
        self.assertEqual(offered, ["prod/payments", "prod/web"])
        self.assertEqual(self.bash("ecs-why triage st"), ["staging"])
        # Of another region nothing is known yet.
        self.assertEqual(self.bash("ecs-why --region us-east-1 check prod/"), [])
        modes = [path.stat().st_mode & 0o777 for path in (self.home / ".cache/ecs-why").glob("names-*.json")]
        self.assertIn(0o600, modes)

    def test_an_account_that_does_not_answer_holds_up_nobody(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            self.environment["AWS_ENDPOINT_URL"] = f"http://127.0.0.1:{silent.getsockname()[1]}"
            began = time.monotonic()
            self.assertEqual(self.bash("ecs-why check prod/"), [])
            self.assertLess(time.monotonic() - began, 10, "the listing may take 15 seconds, and Tab is not to wait for it")


if __name__ == "__main__":
    if PROGRAM is None:
        sys.exit(__doc__)
    unittest.main(verbosity=1)
