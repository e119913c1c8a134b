#!/usr/bin/env python3
"""Use `ecs-why` alone on a real terminal (a pty): choose, filter, leave, interrupt, resize; and where there is none.

    tests/crowd/terminal.py target/debug/ecs-why

Prints what differs from what a person would expect; exit status 1 if anything does.
"""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from bench import served  # noqa: E402

PATIENCE = 90
QUESTION = "Why did which of them?"
UP_DOWN_ENTER = {"down": "\x1b[B", "enter": "\r", "escape": "\x1b", "interrupt": "\x03"}


class Terminal:
    """A program on a pty of its own, as its session's controlling terminal."""

    def __init__(self, command: list[str], environment: dict, size=(30, 100)):
        self.seen = ""
        self.child, self.pty = pty.fork()
        if self.child == 0:
            os.execve(command[0], command, environment)
        self.resize(*size)

    def resize(self, lines: int, columns: int):
        fcntl.ioctl(self.pty, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def press(self, keys: str):
        os.write(self.pty, UP_DOWN_ENTER.get(keys, keys).encode())

    def read(self, patience: float) -> bool:
        """Reads what there is; false at the end."""
        ready, _, _ = select.select([self.pty], [], [], patience)
        if not ready:
            return True
        try:
            piece = os.read(self.pty, 65536).decode("utf-8", "replace")
        except OSError:  # the other end is closed
            return False
        # A terminal would answer where its cursor is; crossterm asks for it.
        if "\x1b[6n" in piece:
            os.write(self.pty, b"\x1b[1;1R")
        self.seen += piece
        return bool(piece)

    def plain(self) -> str:
        return re.sub(r"\x1b(?:\[[0-9;?]*[A-Za-z]|[78])", "", self.seen).replace("\r", "")

    def wait_for(self, text: str) -> bool:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if text in self.plain():
                return True
            if not self.read(0.2):
                return text in self.plain()
        return False

    def still(self, seconds: float = 0.6) -> str:
        """What was written until nothing came for a while, since the last time that was asked."""
        before = len(self.seen)
        last = time.monotonic()
        while time.monotonic() - last < seconds:
            length = len(self.seen)
            if not self.read(0.1):
                break
            if len(self.seen) > length:
                last = time.monotonic()
        return re.sub(r"\x1b(?:\[[0-9;?]*[A-Za-z]|[78])", "", self.seen[before:])

    def end(self) -> int:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if not self.read(0.1):
                break
        while time.monotonic() < end:
            done, status = os.waitpid(self.child, os.WNOHANG)
            if done:
                os.close(self.pty)
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.05)
        os.kill(self.child, signal.SIGKILL)
        os.waitpid(self.child, 0)
        return -1


def environment(account: dict) -> dict:
    return {
        # Reports are longer than the screen, and nobody turns their pages here.
        "AWS_PAGER": "",
        "PATH": os.environ["PATH"],
        "HOME": "/nonexistent",
        "TERM": "xterm-256color",
        "LANG": "C.UTF-8",
        "AWS_REGION": account["region"],
        "AWS_ENDPOINT_URL": account["endpoint_url"],
        "AWS_ACCESS_KEY_ID": account["credentials"]["access_key_id"],
        "AWS_SECRET_ACCESS_KEY": account["credentials"]["secret_access_key"],
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": "127.0.0.1",
    }


def main() -> int:
    binary = str(Path(sys.argv[1]).resolve())
    wrong = []

    def expect(what: str, holds: bool, seen: str = ""):
        if not holds:
            wrong.append(f"{what}\n{seen[-2000:]}")

    with served("--tasks", "300") as account:
        env = environment(account)

        # Choosing: the filter leaves what fits, Enter shows its report and nothing else.
        one = Terminal([binary], env)
        expect("it asks", one.wait_for(QUESTION), one.plain())
        one.still()
        one.press("secret-access")
        narrowed = one.still()
        expect("the filter keeps what fits", "secret-access-denied" in narrowed, narrowed)
        expect("the filter leaves out the rest", "out-of-memory" not in narrowed.split("secret-access", 1)[-1], narrowed)
        one.press("enter")
        code = one.end()
        expect("the chosen report is shown", "secret-access-denied" in one.plain().split("\nWhy ", 1)[-1], one.plain())
        expect(f"it ends well, and not with {code}", code == 0, one.plain())

        # Going down chooses another one than the first.
        one = Terminal([binary], env)
        one.wait_for(QUESTION)
        listed = one.still() or one.plain()
        second = [line for line in one.plain().splitlines() if " · " in line and " tasks" in line][1]
        one.press("down")
        one.still()
        one.press("enter")
        code = one.end()
        cause = second.split(" · ")[1].split(" ")[0]
        expect(f"the second is shown ({cause})", code == 0 and cause in one.plain().split("Why  ", 1)[-1], one.plain() + listed)

        # A terminal that becomes narrow on the way.
        one = Terminal([binary], env)
        one.wait_for(QUESTION)
        one.still()
        one.resize(12, 40)
        os.kill(one.child, signal.SIGWINCH)
        one.press("down")
        narrow = one.still()
        expect("it goes on when the terminal becomes narrow", "panic" not in narrow, narrow)
        one.press("enter")
        code = one.end()
        expect(f"and shows its report (exit code {code})", code == 0 and "Why" in one.plain(), one.plain())

        # Leaving, and being interrupted at the list.
        for key, expected in (("escape", 0), ("interrupt", 130)):
            one = Terminal([binary], env)
            one.wait_for(QUESTION)
            one.still()
            one.press(key)
            code = one.end()
            expect(f"{key} ends with {expected}, and not with {code}", code == expected, one.plain())

        # No terminal: a plain list, which can be piped.
        plain = subprocess.run([binary], env=env, capture_output=True, text=True, timeout=PATIENCE)
        expect("a list where there is no terminal", plain.returncode == 0 and "  ecs-why " in plain.stdout, plain.stdout + plain.stderr)
        expect("it does not ask", QUESTION not in plain.stdout + plain.stderr, plain.stderr)
        expect("no colours, and nothing that acts unseen", "\x1b" not in plain.stdout + plain.stderr, plain.stderr)

    # Interrupted while it reads: what is known by then is printed.
    with served("--tasks", "3000", "--latency-ms", "400") as account:
        one = Terminal([binary, "triage"], environment(account))
        one.wait_for("tasks read")
        time.sleep(2)
        one.press("interrupt")
        code = one.end()
        expect(f"an interruption ends with 130, and not with {code}", code == 130, one.plain())
        expect("what is known is printed", "TRIAGE" in one.plain() and "interrupted" in one.plain(), one.plain())

    for fault in wrong:
        print(f"FAIL {fault}\n")
    print(f"{len(wrong)} faults")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
