#!/usr/bin/env python3
"""Make the sample conversation of docs/mcp.md from real calls against the emulated account of tests/crowd.

    tests/mcp/conversation.py target/debug/ecs-why-mcp

What the person and the assistant say stands here; every call is made, and what is printed under it is what came back, cut where `…` stands.
"""

import json
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import account  # noqa: E402
from wire import over_stdio  # noqa: E402

PAGE = Path(__file__).resolve().parents[2] / "docs" / "mcp.md"
# How much of an answer is printed.
MOST = 1400


def main() -> int:
    binary = Path(sys.argv[1]).resolve()
    with account.served(2000) as here, over_stdio(account.asking(binary, here)) as talk:
        said: list[str] = []

        def call(name: str, **arguments) -> dict:
            told = talk.call(name, arguments, 180)["result"]
            text = "\n".join(part["text"] for part in told["content"] if part["type"] == "text")
            shown = text if len(text) <= MOST else text[:MOST].rsplit("\n", 1)[0] + "\n…"
            said.append(f"> `{name}` `{json.dumps(arguments)}`\n\n```text\n{shown}\n```\n")
            assert not told.get("isError"), text
            return told["structuredContent"]

        said.append("**Person:** Half of our shop is down. What is going on?\n")
        failures = call("list_failures", cluster="prod")
        said.append("**Assistant:** Several services in `prod` fail, for different reasons. I look at payments first.\n")
        assert failures
        brief = call("diagnose", target="prod/payments")
        cause = brief["causes"][0]
        said.append(f"**Assistant:** {brief['headline']} (`{cause['id']}`, {cause['status']}). I look at what proves it.\n")
        call("get_evidence", report_id=brief["report_id"], evidence_id=cause["evidence"][0])
        said.append("**Person:** And how do I mend it?\n")
        call("show_fix", report_id=brief["report_id"], fix_id=brief["fixes"][0]["id"])
        said.append("**Assistant:** These are the commands, and the fix was tried on the evidence. I cannot run them: that is for you to decide.\n")
    page = PAGE.read_text()
    pattern = re.compile(r"(<!-- made: conversation -->\n).*?(<!-- end -->)", re.DOTALL)
    PAGE.write_text(pattern.sub(lambda found: found[1] + "\n".join(said) + found[2], page))
    return 0


if __name__ == "__main__":
    sys.exit(main())
