#!/usr/bin/env python3
"""Holds what was sent to Slack to its limits: by slack_sdk's own validators, and by a table of what those miss.

    slack.py sent.jsonl ...      (or the lines on the standard input)

A line is `{"platform": "slack", "method": "chat.postMessage", "body": {...}}`; lines of another platform are passed over.
Says what is wrong, and ends with 1 then, and where there was no line at all.
"""

import json
import logging
import sys
from collections.abc import Iterator
from pathlib import Path

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block

MESSAGES = {"chat.postMessage", "chat.update", "chat.postEphemeral", "response_url"}

# https://docs.slack.dev/reference/block-kit: characters of a text, by where it stands.
HEADER, SECTION, FIELD, CONTEXT, BUTTON, RICH = 150, 3000, 2000, 2000, 75, 3000
# https://docs.slack.dev/reference/methods/chat.postMessage: from here on a text is cut. The blocks' sum is not published; this is ours.
TEXT, ALL = 4000, 13000


class Warnings(logging.Handler):
    """slack_sdk only logs what it does not know."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.heard.append(record.getMessage()[:300])


WARNINGS = Warnings()
logging.getLogger("slack_sdk").addHandler(WARNINGS)
logging.getLogger("slack_sdk").propagate = False


def length(text: object) -> int:
    """As Slack's clients count: in UTF-16."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2 if isinstance(text, str) else 0


def objects(value: object) -> Iterator[dict]:
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from objects(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from objects(inner)


def by_the_sdk(blocks: list) -> Iterator[str]:
    WARNINGS.heard.clear()
    for number, block in enumerate(blocks):
        try:
            parsed = Block.parse(block)
            if parsed is None:
                yield f"block {number}: unknown to slack_sdk: {block.get('type')}"
            else:
                parsed.validate_json()
        except (SlackObjectFormationError, AttributeError, TypeError, ValueError) as error:
            yield f"block {number} ({block.get('type')}): slack_sdk: {error}"
    yield from (f"slack_sdk: {heard}" for heard in WARNINGS.heard)


def text_of(text: object, most: int, where: str, kinds: tuple[str, ...] = ("plain_text",)) -> Iterator[str]:
    if not isinstance(text, dict) or text.get("type") not in kinds:
        yield f"{where}: a text of {kinds} is wanted, and not {str(text)[:80]}"
    elif not 1 <= length(text.get("text")) <= most or not text["text"].strip():
        yield f"{where}: {length(text.get('text'))} characters (1 to {most})"
    elif text["type"] == "mrkdwn" and text.get("verbatim") is not True:
        yield f"{where}: markup that makes links and mentions by itself"


def by_the_table(blocks: list) -> Iterator[str]:
    if not 1 <= len(blocks) <= 50:
        yield f"{len(blocks)} blocks (1 to 50)"
    both = ("plain_text", "mrkdwn")
    for number, block in enumerate(blocks):
        kind, where = block.get("type"), f"block {number} ({block.get('type')})"
        many = {key: len(block.get(key) or []) for key in ("fields", "elements")}
        if length(block.get("block_id")) > 255:
            yield f"{where}: block_id"
        if kind == "header":
            yield from text_of(block.get("text"), HEADER, where)
        elif kind == "section":
            if "text" in block:
                yield from text_of(block["text"], SECTION, where, both)
            if many["fields"] > 10 or not (many["fields"] or "text" in block):
                yield f"{where}: {many['fields']} fields"
            for field in block.get("fields") or []:
                yield from text_of(field, FIELD, where, both)
        elif kind == "context":
            if not 1 <= many["elements"] <= 10:
                yield f"{where}: {many['elements']} elements"
            for element in block.get("elements") or []:
                yield from text_of(element, CONTEXT, where, both)
        elif kind == "actions":
            if not 1 <= many["elements"] <= 25:
                yield f"{where}: {many['elements']} elements"
        elif kind == "rich_text":
            yield from rich(block, where)
        elif kind != "divider":
            yield f"{where}: the bot sends no such block"


def rich(block: dict, where: str) -> Iterator[str]:
    sizes = 0
    for element in objects(block.get("elements")):
        kind, inner = element.get("type"), element.get("elements")
        if str(kind).startswith("rich_text_") and not inner:
            yield f"{where}: {kind} without elements"
        if kind == "text":
            sizes += length(element.get("text"))
            if not element.get("text"):
                yield f"{where}: a text without anything in it"
        elif kind == "link":
            if not str(element.get("url")).startswith("https://") or length(element.get("url")) > 3000:
                yield f"{where}: a link to {str(element.get('url'))[:80]}"
        elif kind in ("user", "usergroup", "channel", "broadcast", "team", "emoji"):
            yield f"{where}: a {kind}, and the bot mentions nobody"
    # Slack states no limit; ours is that of a section.
    if not block.get("elements") or sizes > RICH:
        yield f"{where}: {sizes} characters in {len(block.get('elements') or [])} elements"


def buttons(blocks: list) -> Iterator[str]:
    known: set[str] = set()
    for element in objects(blocks):
        action = element.get("action_id")
        if action is None:
            if element.get("type") == "button":
                yield "a button without an action_id"
            continue
        if not 1 <= length(action) <= 255 or action in known:
            yield f"action_id {action[:80]!r}: twice, empty or too long"
        known.add(action)
        if element.get("type") == "button":
            yield from text_of(element.get("text"), BUTTON, f"button {action[:40]!r}")
            if length(element.get("value")) > 2000:
                yield f"button {action[:40]!r}: its value"


def faults(body: dict) -> Iterator[str]:
    text, blocks = body.get("text"), body.get("blocks")
    if isinstance(blocks, str):
        blocks = json.loads(blocks)
    if not text:
        yield "no text for notifications"
    if length(text) > TEXT:
        yield f"a text of {length(text)} characters"
    if any(mark in (text or "") for mark in ("<!", "<@", "<#", "<http")):
        yield f"the text holds a mention or link: {text[:120]!r}"
    if body.get("unfurl_links") is True or body.get("unfurl_media") is True or body.get("link_names") or body.get("parse") == "full":
        yield "links are unfolded, or names made mentions"
    if not blocks:
        return
    yield from by_the_sdk(blocks)
    yield from by_the_table(blocks)
    yield from buttons(blocks)
    everything = sum(length(one.get("text")) for one in objects(blocks))
    if everything > ALL:
        yield f"{everything} characters in all"
    # Of an edit the platform takes each block only once.
    named = [block["block_id"] for block in blocks if block.get("block_id")]
    if len(named) != len(set(named)):
        yield "a block_id twice"


def lines(paths: list[str]) -> Iterator[tuple[str, dict]]:
    for path in paths or ["-"]:
        text = sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8")
        for number, line in enumerate(text.split("\n"), 1):
            if line.strip():
                yield f"{path}:{number}", json.loads(line)


def main() -> int:
    every = sent = bad = 0
    for where, line in lines(sys.argv[1:]):
        every += 1
        if line["platform"] != "slack" or line["method"] not in MESSAGES:
            continue
        sent += 1
        wrong = list(faults(line["body"]))
        bad += bool(wrong)
        for fault in wrong:
            print(f"{where}: {fault}")
    print(f"slack: {sent} messages, {bad} with faults")
    return 1 if bad or not every else 0


if __name__ == "__main__":
    sys.exit(main())
