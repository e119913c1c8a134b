#!/usr/bin/env python3
"""Holds a score against the committed list of what does not pass yet, which may only shrink.

    compare.py lab    SCORES.json LIST.txt [--update [--force]]
    compare.py corpus SCORES.json LIST.txt [--update [--force]]
    compare.py --self-check

Fails when something fails that is not listed, when something listed passes or is not there any more, and, whatever the lists
say, when something that is not a cause was confirmed. `--update` takes out of the list what passes; `--force` with it also adds
what fails. Lines of a list are names; `#` begins a comment.
"""

import doctest
import json
import pathlib
import sys


def read_lab(scores):
    """Name -> passed, and what must never be.

    >>> read_lab({"scores": [{"scenario": "a", "passed": True, "wrong_confirmed": False, "control_blamed": False},
    ...                      {"scenario": "b", "passed": False, "wrong_confirmed": True, "control_blamed": False}]})
    ({'a': True, 'b': False}, ['b: a cause is confirmed that is none'])
    """
    rows, never = scores["scores"], []
    for row in rows:
        if row["wrong_confirmed"]:
            never.append(f"{row['scenario']}: a cause is confirmed that is none")
        if row["control_blamed"]:
            never.append(f"{row['scenario']}: a sound account is blamed")
    return {row["scenario"]: bool(row["passed"]) for row in rows}, never


def read_corpus(scores):
    """The same for messages.

    >>> read_corpus([{"id": "m1", "top": True, "wrong": False, "early": False},
    ...              {"id": "m2", "top": False, "wrong": False, "early": False},
    ...              {"id": "m3", "top": True, "wrong": False, "early": True}])
    ({'m1': True, 'm2': False, 'm3': False}, ['m3: confirmed although the message cannot settle it'])
    """
    passed, never = {}, []
    for row in scores:
        if row["wrong"]:
            never.append(f"{row['id']}: a cause is confirmed that the message does not allow")
        if row["early"]:
            never.append(f"{row['id']}: confirmed although the message cannot settle it")
        passed[row["id"]] = bool(row["top"] and not row["wrong"] and not row["early"])
    return passed, never


def read_list(text):
    """
    >>> read_list("# why\\nb\\n\\na  # because\\n")
    ['a', 'b']
    """
    return sorted({line.split("#")[0].strip() for line in text.splitlines()} - {""})


def faults(passed, never, listed):
    """What is wrong, in words; nothing where the score is as the list says.

    >>> faults({"a": True, "b": False}, [], ["b"])
    []
    >>> faults({"a": True, "b": False}, [], [])
    ['b: fails, and is not listed']
    >>> faults({"a": True, "b": True}, [], ["b"])
    ['b: is listed, and passes: take it out of the list (.ci/run --update-lists)']
    >>> faults({"a": True}, [], ["b"])
    ['b: is listed, and was not scored']
    >>> faults({"a": False}, ["a: a sound account is blamed"], ["a"])
    ['a: a sound account is blamed']
    >>> faults({}, [], [])
    ['nothing was scored']
    """
    if not passed:
        return ["nothing was scored"]
    found = list(never)
    for name, good in passed.items():
        if not good and name not in listed:
            found.append(f"{name}: fails, and is not listed")
        if good and name in listed:
            found.append(f"{name}: is listed, and passes: take it out of the list (.ci/run --update-lists)")
    found += [f"{name}: is listed, and was not scored" for name in listed if name not in passed]
    return found


def updated(passed, listed, force):
    """The list as it may be: shorter, or (forced) as the score is.

    >>> updated({"a": True, "b": False, "c": False}, ["a", "b", "gone"], force=False)
    ['b']
    >>> updated({"a": True, "b": False, "c": False}, ["a", "b", "gone"], force=True)
    ['b', 'c']
    """
    failing = sorted(name for name, good in passed.items() if not good)
    return failing if force else [name for name in failing if name in listed]


def main(arguments):
    if arguments == ["--self-check"]:
        failed, tried = doctest.testmod()
        print(f"compare.py: {tried - failed} of {tried} examples hold")
        return 1 if failed or not tried else 0
    options = {one for one in arguments if one.startswith("--")}
    words = [one for one in arguments if not one.startswith("--")]
    kinds = {"lab": read_lab, "corpus": read_corpus}
    if len(words) != 3 or words[0] not in kinds or options - {"--update", "--force"}:
        print(__doc__, file=sys.stderr)
        return 2
    scores, file = pathlib.Path(words[1]), pathlib.Path(words[2])
    if not scores.exists():
        print(f"{words[0]}: there is no score: the scorer itself failed, see above", file=sys.stderr)
        return 1
    passed, never = kinds[words[0]](json.loads(scores.read_text()))
    text = file.read_text() if file.exists() else ""
    if "--update" in options and passed:
        comments = [line for line in text.splitlines() if line.startswith("#")]
        names = updated(passed, read_list(text), "--force" in options)
        text = "".join(f"{line}\n" for line in comments + names)
        file.write_text(text)
    listed = read_list(text)
    found = faults(passed, never, listed)
    print(f"{words[0]}: {sum(passed.values())} of {len(passed)} pass, {len(listed)} are listed as not passing yet ({file})")
    for fault in found:
        print(f"  {fault}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
