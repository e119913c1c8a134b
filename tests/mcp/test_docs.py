"""The made parts of docs/mcp.md are what the program says of itself. `ECS_WHY_BLESS=1` makes them again."""

import os
import re
import subprocess
from pathlib import Path

import pytest
from server import home
from test_conformance import RUNS, listed
from wire import over_stdio

PAGE = Path(__file__).resolve().parents[2] / "docs" / "mcp.md"


def replaced(page: str, name: str, made: str) -> str:
    pattern = re.compile(rf"(<!-- made: {name} -->\n).*?(<!-- end -->)", re.DOTALL)
    assert pattern.search(page), f"docs/mcp.md has no place for {name}"
    return pattern.sub(lambda found: found[1] + made.rstrip() + "\n" + found[2], page)


def tools(program) -> str:
    with over_stdio(program) as talk:
        listed_tools = talk.request("tools/list")["result"]["tools"]
        templates = talk.request("resources/templates/list")["result"]["resourceTemplates"]
        resources = talk.request("resources/list")["result"]["resources"]
        prompts = talk.request("prompts/list")["result"]["prompts"]
    lines = ["| tool | what it gives | arguments (*needed*) |", "|---|---|---|"]
    for tool in listed_tools:
        needed = tool["inputSchema"].get("required", [])
        names = [f"*`{name}`*" if name in needed else f"`{name}`" for name in tool["inputSchema"].get("properties", {})]
        lines.append(f"| `{tool['name']}` | {first_sentence(tool['description'])} | {', '.join(names) or 'none'} |")
    lines += ["", "| resource | what it is |", "|---|---|"]
    lines += [f"| `{one['uri']}` | {first_sentence(one.get('description') or one['name'])} |" for one in resources]
    lines += [f"| `{one['uriTemplate']}` | {first_sentence(one.get('description') or one['name'])} |" for one in templates]
    lines += ["", "| prompt | what it asks for | arguments (*needed*) |", "|---|---|---|"]
    for prompt in prompts:
        names = [f"*`{one['name']}`*" if one.get("required") else f"`{one['name']}`" for one in prompt.get("arguments") or []]
        lines.append(f"| `{prompt['name']}` | {first_sentence(prompt['description'])} | {', '.join(names) or 'none'} |")
    return "\n".join(lines)


def first_sentence(text: str) -> str:
    return re.split(r"(?<=[.?!])\s", " ".join(text.split()), maxsplit=1)[0].replace("|", "\\|")


def options(program) -> str:
    done = subprocess.run([program.binary, "--help"], env=program.env | {"COLUMNS": "100"}, cwd=home(), capture_output=True, text=True, check=True)
    text = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout)
    rows = re.findall(r"^ +(?:-\w, )?(--[\w-]+)(?: <([^>]+)>)?\n((?: {10}.+\n)+)", text, re.MULTILINE)
    assert len(rows) > 5, text
    lines = ["| option | what it does |", "|---|---|"]
    for name, value, words in rows:
        if name not in ("--help", "--version"):
            lines.append(f"| `{name}{' ' + value if value else ''}` | {' '.join(words.split())} |")
    return "\n".join(lines)


def conformance() -> str:
    wanted: dict[str, tuple[str, list[str]]] = {}
    for revision, *_ in RUNS:
        for scenario, demands in listed(revision).items():
            wanted.setdefault(scenario, (demands, []))[1].append(revision)
    lines = ["| scenario | demands | of |", "|---|---|---|"]
    return "\n".join(lines + [f"| `{scenario}` | {demands} | {', '.join(of)} |" for scenario, (demands, of) in wanted.items()])


@pytest.mark.parametrize("part", ["tools", "options", "conformance"])
def test_a_made_part_is_what_the_program_says(part, program):
    made = {"tools": lambda: tools(program), "options": lambda: options(program), "conformance": conformance}[part]()
    page = PAGE.read_text()
    wanted = replaced(page, part, made)
    if os.environ.get("ECS_WHY_BLESS"):
        PAGE.write_text(wanted)
    assert PAGE.read_text() == wanted, f"the part `{part}` of docs/mcp.md is old: ECS_WHY_BLESS=1 makes it again"


def test_every_tool_of_the_conversation_is_one_of_the_servers(program):
    with over_stdio(program) as talk:
        known = {tool["name"] for tool in talk.request("tools/list")["result"]["tools"]}
    spoken = PAGE.read_text().split("<!-- made: conversation -->")[1].split("<!-- end -->")[0]
    called = set(re.findall(r"^> `(\w+)`", spoken, re.MULTILINE))
    assert called and called <= known, called - known
