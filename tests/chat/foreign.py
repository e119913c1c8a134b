"""What must hold of every message on a platform, whatever stands in it: it calls nobody, links nowhere, and shows what it says."""

import json
import re
import unicodedata

# What our escapes put between letters.
OURS = {"slack": "\u2060", "discord": "\u200b"}
# Where our own links lead.
AWS = re.compile(r"^https://(docs\.aws\.amazon\.com|([a-z0-9-]+\.)*console\.aws\.amazon\.com|([a-z0-9-]+\.)*console\.amazonaws\.cn)/")
# Pieces of a rich text that only show something.
SHOW = {"rich_text", "rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote", "text", "link"}
CALLS = re.compile(r"@(here|channel|everyone)\b|<[!@#]")


def harmless(platform: str, body: dict):
    """A payload as it was sent."""
    for path, text in strings(body, "$"):
        for letter in text:
            bad = unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Co")
            assert not bad or letter in "\n\t" + OURS[platform], f"{path}: {letter!r} in {text[:300]!r}"
    assert len(json.dumps(body)) < 100_000
    (_slack if platform == "slack" else _discord)(body)


def _slack(body: dict):
    if "text" in body:
        _mrkdwn(body["text"], "$.text")
    assert body.get("unfurl_links", False) is False and body.get("link_names", False) is False
    for path, part in objects(body.get("blocks") or [], "$.blocks"):
        kind = part.get("type")
        if kind == "mrkdwn":
            _mrkdwn(part["text"], path)
        elif kind == "plain_text":
            assert part.get("emoji") is False or ":" not in part["text"], f"{path}: emoji"
        elif kind == "link":
            assert AWS.match(part["url"]), f"{path}: {part}"
        elif path.count("elements") and "rich" in str(kind):
            assert kind in SHOW, f"{path}: {part}"
        assert kind not in ("user", "usergroup", "channel", "broadcast", "image", "video", "emoji", "date", "color", "team"), f"{path}: {part}"
        assert "url" not in part or AWS.match(part["url"]), f"{path}: {part}"


def _mrkdwn(text: str, path: str):
    bare = re.sub(r"<(https://[^|>]*)(\|[^<>]*)?>", lambda found: "" if AWS.match(found[1]) else found[0], text)
    assert not re.search(r"[<>]", bare), f"{path}: a mark in {text[:300]!r}"
    assert not CALLS.search(bare), f"{path}: it calls: {text[:300]!r}"
    assert not re.search(r"https?://", bare), f"{path}: a link: {text[:300]!r}"
    assert not re.search(r"&(?!amp;|lt;|gt;)", bare), f"{path}: not escaped: {text[:300]!r}"


def _discord(body: dict):
    if "embeds" in body or "content" in body:
        assert body.get("allowed_mentions", {}).get("parse") == [], f"somebody may be called: {body.get('allowed_mentions')}"
    for number, embed in enumerate(body.get("embeds") or []):
        texts = [("title", embed.get("title", "")), ("description", embed.get("description", ""))]
        texts += [(f"field {place}", one[part]) for place, one in enumerate(embed.get("fields") or []) for part in ("name", "value")]
        for name, text in texts:
            _markdown(text, f"embeds[{number}].{name}")
        assert not {"image", "thumbnail", "video", "provider"} & set(embed), f"embeds[{number}]: pictures"
        assert "url" not in embed or AWS.match(embed["url"]), embed["url"]
        assert not ({"url", "icon_url"} & set(embed.get("author") or {})), embed["author"]
        assert "icon_url" not in (embed.get("footer") or {})
    _markdown(body.get("content") or "", "content")


def _markdown(text: str, path: str):
    for block in re.findall(r"```.*?```", text, re.S):
        assert block.count("```") == 2
    rest = re.sub(r"```(?:[a-z]+\n)?.*?```", " ", text, flags=re.S)
    assert "```" not in rest, f"{path}: a block of code that nobody ends: {text[:300]!r}"
    rest = re.sub(r"(?<!\\)`[^`\n]+`", " ", rest)
    for found in re.finditer(r"(?<!\\)\[[^\]]*\]\(<?([^)>\s]+)>?\)", rest):
        assert AWS.match(found[1]), f"{path}: a link to {found[1]}"
    rest = re.sub(r"(?<!\\)\[[^\]]*\]\(<?([^)>\s]+)>?\)", " ", rest)
    rest = re.sub(r"<?https://(docs\.aws|[a-z0-9-]*\.?console\.aws)\.amazon\.com/[^\s>]*>?", " ", rest)
    bare = re.sub(r"\\.", " ", rest)
    assert not re.search(r"https?://", bare), f"{path}: a link: {text[:300]!r}"
    assert not re.search(r"<(@|#|t:|a?:|/|id:)", bare), f"{path}: a mention or time: {text[:300]!r}"
    assert not re.search(r"@(everyone|here)\b", rest), f"{path}: it calls: {text[:300]!r}"
    assert "||" not in bare, f"{path}: a spoiler: {text[:300]!r}"


def objects(part, path: str):
    if isinstance(part, dict):
        yield path, part
        for key, value in part.items():
            yield from objects(value, f"{path}.{key}")
    elif isinstance(part, list):
        for place, value in enumerate(part):
            yield from objects(value, f"{path}[{place}]")


def strings(part, path: str):
    if isinstance(part, str):
        yield path, part
    for key, value in part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ():
        yield from strings(value, f"{path}.{key}")
