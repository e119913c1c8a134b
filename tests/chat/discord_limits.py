"""What Discord refuses in a message, an answer to an interaction or a command, as its documentation says.

Every check returns a dict of errors in Discord's own form: {"embeds": {"0": {"title": {"_errors": [...]}}}}; an empty one is none.
<https://discord.com/developers/docs/resources/message>, <https://discord.com/developers/docs/components/reference>,
<https://discord.com/developers/docs/interactions/application-commands>
"""

import re

EPHEMERAL, LOADING = 1 << 6, 1 << 7


def units(text):
    """Lengths are counted in UTF-16, the strictest that anybody has seen."""
    return len(text.encode("utf-16-le")) // 2


class Errors:
    """Errors by the path of their field."""

    def __init__(self):
        self.tree = {}

    def add(self, path, message):
        node = self.tree
        for part in path:
            node = node.setdefault(str(part), {})
        node.setdefault("_errors", []).append({"code": "INVALID", "message": message})

    def text(self, value, path, most, least=0):
        if not isinstance(value, str):
            self.add(path, "Must be a string.")
        elif units(value) > most:
            self.add(path, f"Must be {most} or fewer in length.")
        elif units(value.strip()) < least:
            self.add(path, "This field is required" if least == 1 else f"Must be {least} or more in length.")

    def list(self, value, path, most):
        if not isinstance(value, list):
            self.add(path, "Must be a list.")
            return []
        if len(value) > most:
            self.add(path, f"Must be {most} or fewer in length.")
        return value

    def url(self, value, path):
        if not isinstance(value, str) or not re.match(r"^(https?|attachment)://[^\s]+$", value):
            self.add(path, "Not a well formed URL.")


def message(body, files=0, editing=False):
    """A message that is made or edited."""
    errors = Errors()
    if not isinstance(body, dict):
        errors.add(["body"], "Must be an object.")
        return errors.tree
    if body.get("content") is not None:
        errors.text(body["content"], ["content"], 2000)
    nonce = body.get("nonce")
    if nonce is not None and not isinstance(nonce, int):
        errors.text(nonce, ["nonce"], 25)
    embeds = errors.list(body.get("embeds") or [], ["embeds"], 10)
    total = sum(embed(value, ["embeds", index], errors) for index, value in enumerate(embeds))
    if total > 6000:
        errors.add(["embeds"], "Embed size exceeds maximum size of 6000")
    components(body.get("components") or [], errors)
    mentions(body.get("allowed_mentions"), errors)
    attachments(body.get("attachments"), files, errors)
    empty = not any([body.get("content"), embeds, files, body.get("components"), body.get("sticker_ids"), body.get("poll")])
    if empty and not editing:
        errors.add(["_message"], "Cannot send an empty message")
    return errors.tree


def embed(value, path, errors):
    """One embed; how long its texts are together."""
    if not isinstance(value, dict):
        errors.add(path, "Must be an object.")
        return 0
    texts = []

    def text(value, at, most, least=0):
        errors.text(value, path + at, most, least)
        texts.append(value if isinstance(value, str) else "")

    if value.get("title") is not None:
        text(value["title"], ["title"], 256)
    if value.get("description") is not None:
        text(value["description"], ["description"], 4096)
    for index, field in enumerate(errors.list(value.get("fields") or [], path + ["fields"], 25)):
        text(field.get("name"), ["fields", index, "name"], 256, 1)
        text(field.get("value"), ["fields", index, "value"], 1024, 1)
    if value.get("footer") is not None:
        text(value["footer"].get("text"), ["footer", "text"], 2048, 1)
    if value.get("author") is not None:
        text(value["author"].get("name"), ["author", "name"], 256, 1)
    for part, at in [(value, "url"), (value.get("author") or {}, "url"), (value.get("footer") or {}, "icon_url")]:
        if part.get(at) is not None:
            errors.url(part[at], path + [at])
    colour = value.get("color")
    if colour is not None and not (isinstance(colour, int) and 0 <= colour <= 0xFFFFFF):
        errors.add(path + ["color"], "Must be between 0 and 16777215.")
    if not any(texts) and not any(value.get(part) for part in ("image", "thumbnail", "fields")):
        errors.add(path, "This embed is empty")
    return sum(units(part) for part in texts)


def components(rows, errors):
    ids = []
    for index, row in enumerate(errors.list(rows, ["components"], 5)):
        path = ["components", index]
        if not isinstance(row, dict) or row.get("type") != 1:
            errors.add(path + ["type"], "Only action rows stand here.")
            continue
        inner = errors.list(row.get("components"), path + ["components"], 5)
        if not inner:
            errors.add(path + ["components"], "Must be between 1 and 5 in length.")
        if len(inner) > 1 and any(part.get("type") != 2 for part in inner):
            errors.add(path + ["components"], "A select stands alone in its row.")
        for at, part in enumerate(inner):
            ids += component(part, path + ["components", at], errors)
    for twice in sorted({value for value in ids if ids.count(value) > 1}):
        errors.add(["components"], f"Component custom id cannot be duplicated: {twice}")


def component(part, path, errors):
    """One button or select; its custom_id."""
    if part.get("type") == 2:
        if not part.get("label") and not part.get("emoji"):
            errors.add(path + ["label"], "A button needs a label or an emoji.")
        if part.get("label") is not None:
            errors.text(part["label"], path + ["label"], 80)
        if part.get("style") == 5:
            errors.url(part.get("url"), path + ["url"])
            if part.get("custom_id") is not None:
                errors.add(path + ["custom_id"], "A custom id and url cannot both be specified")
            return []
        if part.get("style") not in (1, 2, 3, 4):
            errors.add(path + ["style"], "Value must be one of {1, 2, 3, 4, 5, 6}.")
    elif part.get("type") == 3:
        options = errors.list(part.get("options"), path + ["options"], 25)
        if not options:
            errors.add(path + ["options"], "Must be between 1 and 25 in length.")
        for index, option in enumerate(options):
            errors.text(option.get("label"), path + ["options", index, "label"], 100, 1)
            errors.text(option.get("value"), path + ["options", index, "value"], 100, 1)
        values = [option.get("value") for option in options]
        if len(set(values)) != len(values):
            errors.add(path + ["options"], "The specified option value is already used")
        if part.get("placeholder") is not None:
            errors.text(part["placeholder"], path + ["placeholder"], 150)
    else:
        errors.add(path + ["type"], "Value must be one of {2, 3}.")
        return []
    errors.text(part.get("custom_id"), path + ["custom_id"], 100, 1)
    return [part.get("custom_id")]


def mentions(allowed, errors):
    if allowed is None:
        return
    for index, kind in enumerate(allowed.get("parse") or []):
        if kind not in ("roles", "users", "everyone"):
            errors.add(["allowed_mentions", "parse", index], "Value must be one of {'users', 'roles', 'everyone'}.")


def attachments(listed, files, errors):
    new = [part for part in listed or [] if str(part.get("id")).isdigit() and int(part["id"]) < 10]
    for index, part in enumerate(new):
        if int(part["id"]) >= files:
            errors.add(["attachments", index], "The file that it names was not sent.")
        if part.get("description") is not None:
            errors.text(part["description"], ["attachments", index, "description"], 1024)
    if listed is not None and files > len(new):
        errors.add(["attachments"], "A file was sent that is not named.")


def callback(body, kind, files=0):
    """An answer to an interaction; kind: command, autocomplete, component."""
    errors = Errors()
    allowed = {"command": (4, 5, 9), "autocomplete": (8,), "component": (4, 5, 6, 7, 9)}[kind]
    answer, data = body.get("type"), body.get("data") or {}
    if answer not in allowed:
        errors.add(["type"], f"Value must be one of {set(allowed)}.")
    elif answer == 8:
        for index, choice in enumerate(errors.list(data.get("choices"), ["data", "choices"], 25)):
            errors.text(choice.get("name"), ["data", "choices", index, "name"], 100, 1)
            errors.text(choice.get("value"), ["data", "choices", index, "value"], 100, 1)
    elif answer in (4, 7):
        inner = message(data, files, editing=answer == 7)
        if inner:
            errors.tree["data"] = inner
    return errors.tree


def commands(body, everywhere):
    errors = Errors()
    names = []
    for index, command in enumerate(errors.list(body, ["commands"], 100)):
        path = [index]
        names.append(command.get("name"))
        if not re.fullmatch(r"[-_'\w]{1,32}", str(command.get("name"))) or command["name"] != command["name"].lower():
            errors.add(path + ["name"], "Command name is invalid")
        errors.text(command.get("description"), path + ["description"], 100, 1)
        if not everywhere and ("contexts" in command or "integration_types" in command):
            errors.add(path + ["contexts"], "Only for commands of all guilds.")
        for at, option in enumerate(errors.list(command.get("options") or [], path + ["options"], 25)):
            errors.text(option.get("name"), path + ["options", at, "name"], 32, 1)
            errors.text(option.get("description"), path + ["options", at, "description"], 100, 1)
            if option.get("autocomplete") and option.get("choices"):
                errors.add(path + ["options", at], "Autocomplete and choices exclude each other.")
            if not 1 <= option.get("max_length", 6000) <= 6000:
                errors.add(path + ["options", at, "max_length"], "Must be between 1 and 6000.")
    if len(set(names)) != len(names):
        errors.add(["commands"], "Application command names must be unique")
    return errors.tree


def pings(body):
    """Whom a message calls: embeds call nobody, and the content only whom `allowed_mentions` lets it."""
    content, allowed = body.get("content") or "", body.get("allowed_mentions")
    parse = ["roles", "users", "everyone"] if allowed is None else allowed.get("parse") or []
    called = []
    if "everyone" in parse:
        called += re.findall(r"@everyone|@here", content)
    if "users" in parse:
        called += re.findall(r"<@!?\d+>", content)
    if "roles" in parse:
        called += re.findall(r"<@&\d+>", content)
    replied = body.get("message_reference") and (allowed is None or allowed.get("replied_user", False))
    return called + (["reply"] if replied else [])
