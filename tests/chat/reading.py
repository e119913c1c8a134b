"""Messages of the bot as a person reads them, the same for both platforms: what they say, and what can be pressed."""

import html
import re
from dataclasses import dataclass, field

# What our escapes put between letters; a reader does not see it.
UNSEEN = dict.fromkeys(map(ord, "\u200b\u2060"))
# Titles of answers: the outcome's word comes first.
WORDS = {
    "FAILED": "failed", "HANGING": "hanging", "STOPPED": "stopped-deliberately", "COMPLETED": "completed", "DONE": "completed",
    "RUNNING": "running", "SOUND": "sound", "UNCLEAR": "undetermined",
}  # fmt: skip
CAUSE = re.compile(r"^(?P<id>[a-z0-9]+(?:-[a-z0-9]+)+)(?: \((?P<of>[^()]+)\))?, (?P<status>confirmed|likely|possible)\b")


@dataclass
class Card:
    """A message as it stands now."""

    platform: str
    id: str
    thread: str | None
    title: str
    lines: list[str]
    buttons: dict[str, str] = field(default_factory=dict)  # label: value
    files: dict[str, str] = field(default_factory=dict)  # name: content
    edits: int = 0
    raw: object = None  # what the platform has of it

    @property
    def text(self) -> str:
        return "\n".join([self.title, *self.lines])

    @property
    def waits(self) -> bool:
        """It only says that the answer is being made."""
        return self.title.startswith("Looking at") or not self.text.strip()

    @property
    def outcome(self) -> str | None:
        """The outcome in the report's word, if it is an answer."""
        return WORDS.get(self.title.split(":")[0])

    @property
    def cause(self) -> tuple[str, str | None, str] | None:
        """The first cause: its id, of what endpoint or container, and how sure it is."""
        for line in self.lines:
            if found := CAUSE.match(line):
                return found["id"], found["of"], found["status"]
        return None


def of_slack(message) -> Card:
    """From a message of `fake_slack`."""
    texts = [_plain_slack(text, kind) for block in message.blocks for text, kind in _texts(block)]
    title = _bare(texts[0] if texts else _plain_slack(message.text, "mrkdwn"))
    lines = [line for text in texts[1:] for line in text.split("\n")]
    files = {file["name"]: file.get("content", "") for file in message.files}
    return Card("slack", message.ts, message.thread, title, lines, message.buttons(), files, message.edits, message)


def _texts(block: dict):
    """Every text of a block with its kind: a rich text's pieces as one for each of its sections."""
    kind = block.get("type")
    if kind in ("rich_text_section", "rich_text_preformatted", "rich_text_quote"):
        yield "".join(piece.get("text") or piece.get("url") or "" for piece in block.get("elements", [])), "rich"
    elif kind in ("rich_text", "rich_text_list", "context"):
        for part in block.get("elements", []):
            yield from _texts(part)
    elif kind in ("mrkdwn", "plain_text"):
        yield block["text"], kind
    elif kind in ("header", "section"):
        for part in [block.get("text"), *(block.get("fields") or [])]:
            if part:
                yield from _texts(part)


def _bare(title: str) -> str:
    """Without the sign of how bad it is."""
    return re.sub(r"^[^\w\s]+ (?=[A-Z])", "", title)


def _plain_slack(text: str, kind: str) -> str:
    text = html.unescape(text) if kind == "mrkdwn" else text
    return text.translate(UNSEEN)


def of_discord(message: dict) -> Card:
    """From a message of `fake_discord`."""
    embeds = message.get("embeds") or []
    title = embeds[0].get("title", "") if embeds else message.get("content", "")
    texts = [message.get("content", "")] if embeds and message.get("content") else []
    for number, embed in enumerate(embeds):
        texts += [embed.get("title", "")] if number else []
        texts.append(embed.get("description", ""))
        for one in embed.get("fields") or []:
            texts += [one["name"], one["value"]]
        texts.append((embed.get("footer") or {}).get("text", ""))
    buttons = [part for row in message.get("components") or [] for part in row.get("components", [])]
    return Card(
        "discord",
        message["id"],
        None,
        _bare(_plain_discord(title)),
        [_plain_discord(line) for text in texts if text for line in text.split("\n")],
        {part["label"]: part["custom_id"] for part in buttons if part.get("custom_id")},
        {file["filename"]: file.get("_text", "") for file in message.get("attachments") or []},
        message.get("_edits", 0),
        message,
    )


def _plain_discord(line: str) -> str:
    """Without markup: styles at the line's ends, escapes, names as code."""
    line = re.sub(r"^(#{1,3} |-# |> |- |\d+\. )", "", line.translate(UNSEEN))
    line = re.sub(r"^(\*\*|\*|__)(.*)\1$", r"\2", line)
    return re.sub(r"\\([\\`*_~|<>\[\]():#+.\-])", r"\1", line)
