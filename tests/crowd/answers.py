"""How a service answers in pages, says what it did not find, and refuses."""

from tasks import mixed

PAGE = 100


class Refusal(Exception):
    """An error of the service: its name and its words."""

    def __init__(self, name: str, message: str):
        super().__init__(message)
        self.name, self.message = name, message


def sort_out(names: list[str], known: dict, arn) -> tuple[list, list[dict]]:
    found, failures = [], []
    for name in (name.split("/")[-1] for name in names):
        if name in known:
            found.append(known[name])
        else:
            failures.append({"arn": arn(name), "reason": "MISSING"})
    return found, failures


def token(first: int) -> str:
    """Opaque, as AWS's are."""
    return f"{first:x}.{mixed(first):016x}"


def bounds(asked: dict, default: int = PAGE) -> tuple[int, int]:
    """Where a page begins, and how long it is at most."""
    size = min(int(asked.get("maxResults") or default), PAGE)
    given = asked.get("nextToken")
    if not given:
        return 0, size
    first = int(given.split(".")[0], 16) if "." in given else 0
    if given != token(first):
        raise Refusal("InvalidParameterException", "Invalid token.")
    return first, size


def page(field: str, items: list, asked: dict, default: int = PAGE) -> dict:
    first, size = bounds(asked, default)
    told = {field: items[first : first + size]}
    if first + size < len(items):
        told["nextToken"] = token(first + size)
    return told


def named(asked: dict, clusters) -> str:
    """The cluster that is asked about."""
    name = (asked.get("cluster") or "default").split("/")[-1]
    if name not in clusters:
        raise Refusal("ClusterNotFoundException", "Cluster not found.")
    return name
