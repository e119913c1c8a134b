"""What must hold of every answer, whoever asked: it fits its schema, it is bounded, and it is clean text."""

import json
import re
import unicodedata

from jsonschema import Draft202012Validator

# What a model is given at once, unless it asks for all (`detail: full`).
BRIEF, FULL = 6_000, 400_000
# JSON Schema's own: any other is one of the generator's, which clients warn about.
FORMATS = {"date-time", "date", "time", "duration", "uri", "uri-reference", "uri-template", "email", "hostname", "ipv4", "ipv6", "uuid",
           "regex", "json-pointer"}  # fmt: skip


def structured(tool: dict, result: dict):
    """The structured part of an answer fits the schema that the tool declared; an error has none, or one that fits."""
    if result.get("isError"):
        assert texts(result), f"{tool['name']}: an error without words"
        return
    assert "structuredContent" in result, f"{tool['name']} declares a schema and gives nothing structured"
    problems = list(Draft202012Validator(tool["outputSchema"]).iter_errors(result["structuredContent"]))
    assert not problems, f"{tool['name']}: {problems[0].json_path}: {problems[0].message[:500]}"


def texts(result: dict) -> list[str]:
    return [part["text"] for part in result.get("content", []) if part["type"] == "text"]


def bounded(name: str, result: dict, limit: int = BRIEF):
    """Both halves of an answer, each in bytes."""
    text = sum(len(part.encode()) for part in texts(result))
    body = len(json.dumps(result.get("structuredContent"), ensure_ascii=False, separators=(",", ":")).encode())
    assert text <= limit, f"{name}: a text of {text} bytes"
    assert body <= limit, f"{name}: {body} bytes of structured content"


def clean(answer, where: str = "$"):
    """No string in it holds what steers a terminal, or hides or turns text."""
    for path, value in strings(answer, where):
        for letter in value:
            kind = unicodedata.category(letter)
            assert kind not in ("Cc", "Cf", "Cs", "Co") or letter in "\n\t", f"{path}: {letter!r} in {value[:200]!r}"


def strings(part, where: str = "$"):
    """Every string with its path, keys of objects too."""
    if isinstance(part, str):
        yield where, part
    elif isinstance(part, dict):
        for key, value in part.items():
            yield f"{where}.(key)", key
            yield from strings(value, f"{where}.{key}")
    elif isinstance(part, list):
        for place, value in enumerate(part):
            yield from strings(value, f"{where}[{place}]")


def schema_faults(tool: dict) -> list[str]:
    """What clients would warn about, or could not use."""
    found = []
    for kind in ("inputSchema", "outputSchema"):
        schema = tool.get(kind)
        if schema is None:
            found.append(f"{tool['name']} has no {kind}")
            continue
        Draft202012Validator.check_schema(schema)
        if schema.get("type") != "object":
            found.append(f"{tool['name']}.{kind} is no object")
        found += [f"{tool['name']}.{kind}{path}" for path in _odd(schema, "", schema)]
    if not tool.get("title") or len(tool.get("description", "")) < 60:
        found.append(f"{tool['name']} has no title, or a description that tells too little")
    for name, one in tool.get("inputSchema", {}).get("properties", {}).items():
        if "description" not in one:
            found.append(f"{tool['name']}: the argument {name} is not described")
    hints = tool.get("annotations") or {}
    wanted = {"readOnlyHint": True, "destructiveHint": False, "idempotentHint": True}
    if any(hints.get(hint) is not value for hint, value in wanted.items()) or "openWorldHint" not in hints:
        found.append(f"{tool['name']}: annotations {hints}")
    if not re.fullmatch(r"[a-z][a-z_]{0,63}", tool["name"]):
        found.append(f"{tool['name']}: not a name that every client takes")
    return found


def _odd(part, path: str, root):
    if isinstance(part, list):
        for place, one in enumerate(part):
            yield from _odd(one, f"{path}[{place}]", root)
    if not isinstance(part, dict):
        return
    if isinstance(part.get("type"), list):
        yield f"{path}: `type` is an array"
    if isinstance(part.get("format"), str) and part["format"] not in FORMATS:
        yield f"{path}: no known format: {part['format']}"
    if str(part.get("$ref", "#")).startswith("#") is False:
        yield f"{path}: a reference to elsewhere"
    for key, one in part.items():
        if key not in ("default", "examples", "enum", "const"):
            yield from _odd(one, f"{path}.{key}", root)
