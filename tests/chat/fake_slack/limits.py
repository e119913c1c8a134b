"""What Slack refuses of a message: the limits of https://docs.slack.dev/reference/block-kit and of chat.postMessage."""

import json

BLOCKS = {"header", "section", "context", "actions", "divider", "rich_text", "markdown", "image", "input", "file", "video", "table"}


def refusal(body: dict) -> str | None:
    """Slack's code, and after a space what is meant."""
    text = body.get("text")
    blocks = body.get("blocks")
    if not text and not blocks:
        return "no_text"
    if text is not None and not isinstance(text, str):
        return "invalid_arguments text is no text"
    if text and len(text) > 40_000:
        return "msg_too_long"
    if isinstance(blocks, str):
        blocks = json.loads(blocks)
    if blocks is not None:
        wrong = wrong_blocks(blocks)
        if wrong:
            return f"invalid_blocks {wrong}"
    return wrong_metadata(body.get("metadata"))


def wrong_metadata(metadata) -> str | None:
    if metadata is None:
        return None
    good = isinstance(metadata, dict) and isinstance(metadata.get("event_type"), str) and isinstance(metadata.get("event_payload"), dict)
    if not good:
        return "invalid_metadata_format"
    if len(json.dumps(metadata["event_payload"])) > 16_000:
        return "metadata_too_large"
    return None


def wrong_blocks(blocks) -> str | None:
    if not isinstance(blocks, list) or len(blocks) > 50:
        return "more than 50 blocks, or no list"
    ids = [b.get("block_id") for b in blocks if b.get("block_id")]
    if len(ids) != len(set(ids)) or any(len(i) > 255 for i in ids):
        return "block_id twice, or longer than 255"
    actions = []
    for number, block in enumerate(blocks):
        wrong = _block(block, actions)
        if wrong:
            return f"block {number} ({block.get('type')}): {wrong}"
    if len(actions) != len(set(actions)):
        return "an action_id twice"
    return None


def _block(block: dict, actions: list) -> str | None:
    kind = block.get("type")
    if kind not in BLOCKS:
        return "no such block"
    if kind == "header":
        return _text(block.get("text"), 150, ("plain_text",))
    if kind == "section":
        return _section(block, actions)
    if kind == "context":
        elements = block.get("elements") or []
        if not 1 <= len(elements) <= 10:
            return "1 to 10 elements"
        return next((w for e in elements if e.get("type") != "image" and (w := _text(e, 2000))), None)
    if kind == "actions":
        elements = block.get("elements") or []
        if not 1 <= len(elements) <= 25:
            return "1 to 25 elements"
        return next((w for e in elements if (w := _element(e, actions))), None)
    if kind == "rich_text":
        return _rich(block)
    if kind == "markdown":
        return None if 0 < len(block.get("text") or "") <= 12_000 else "1 to 12000 characters"
    return None


def _section(block: dict, actions: list) -> str | None:
    text, fields = block.get("text"), block.get("fields")
    if text is None and not fields:
        return "neither text nor fields"
    if text is not None and (wrong := _text(text, 3000)):
        return wrong
    if fields is not None:
        if not 1 <= len(fields) <= 10:
            return "1 to 10 fields"
        if wrong := next((w for f in fields if (w := _text(f, 2000))), None):
            return wrong
    accessory = block.get("accessory")
    return _element(accessory, actions) if accessory else None


def _text(text, most: int, kinds=("plain_text", "mrkdwn")) -> str | None:
    if not isinstance(text, dict) or text.get("type") not in kinds:
        return f"a text of {kinds} is wanted"
    if not isinstance(text.get("text"), str) or not 1 <= len(text["text"]) <= most:
        return f"a text of 1 to {most} characters is wanted"
    allowed = {"plain_text": {"type", "text", "emoji"}, "mrkdwn": {"type", "text", "verbatim"}}[text["type"]]
    return None if set(text) <= allowed else f"unknown: {sorted(set(text) - allowed)}"


def _element(element: dict, actions: list) -> str | None:
    action = element.get("action_id")
    if action is not None:
        if not 1 <= len(action) <= 255:
            return "an action_id of 1 to 255 characters is wanted"
        actions.append(action)
    kind = element.get("type")
    if kind == "button":
        if len(element.get("value") or "") > 2000:
            return "a value of at most 2000 characters is wanted"
        if len(element.get("url") or "") > 3000:
            return "an address of at most 3000 characters is wanted"
        return _text(element.get("text"), 75, ("plain_text",))
    if kind == "external_select":
        return _text(element.get("placeholder"), 150, ("plain_text",)) if element.get("placeholder") else None
    return f"no element {kind} is expected"


def _rich(block: dict) -> str | None:
    if not block.get("elements"):
        return "no elements"
    for element in block["elements"]:
        kind = element.get("type")
        if kind not in ("rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote"):
            return f"no {kind}"
        if not isinstance(element.get("elements"), list):
            return f"{kind} without elements"
        inner = element["elements"]
        if kind == "rich_text_list":
            if element.get("style") not in ("bullet", "ordered"):
                return "a list has a style"
            inner = [leaf for item in inner for leaf in item.get("elements", [])]
        for leaf in inner:
            if leaf.get("type") == "text" and not (isinstance(leaf.get("text"), str) and leaf["text"]):
                return "an empty text"
            if leaf.get("type") == "link" and not leaf.get("url"):
                return "a link without an address"
            if leaf.get("type") in ("broadcast", "user", "usergroup", "channel"):
                return f"{leaf['type']}: the bot mentions nobody"
    return None


def wrong_options(payload) -> str | None:
    """Of the answer to a list that is typed into."""
    options = (payload or {}).get("options")
    if not isinstance(options, list) or len(options) > 100:
        return "a list of at most 100 options is wanted"
    for option in options:
        if wrong := _text(option.get("text"), 75, ("plain_text",)):
            return wrong
        if not 1 <= len(option.get("value") or "") <= 150:
            return "a value of 1 to 150 characters is wanted"
    return None
