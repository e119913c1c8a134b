"""The server against an emulated account: what only a live one can show. Nothing that is secret in it comes out."""

import json
import time

import account
import judge
import pytest
from wire import Http, over_stdio


@pytest.fixture(scope="module")
def here():
    with account.served() as here:
        yield here


@pytest.fixture(scope="module")
def program(binary, here):
    return account.asking(binary, here)


@pytest.fixture(scope="module")
def visit(program, here) -> dict:
    """All tools, once, with what they answered; and all that the process wrote."""
    services = sorted({(group["owner"].removeprefix("service:"), group["cause"]) for group in here["groups"] if group["owner"].startswith("service:")
                       and not group["deliberate"]})  # fmt: skip
    told, tools = {}, {}
    with over_stdio(program) as talk:
        tools = {tool["name"]: tool for tool in talk.request("tools/list")["result"]["tools"]}

        def call(name: str, **arguments):
            answer = talk.call(name, arguments, 180)
            told[f"{name} {json.dumps(arguments)}"] = (name, answer)
            return answer.get("result") or answer

        call("whoami")
        call("list_targets")
        for cluster in here["clusters"]:
            call("list_targets", cluster=cluster)
            call("list_failures", cluster=cluster)
        call("list_failures")
        for service, _ in services:
            for cluster in here["clusters"]:
                answer = call("diagnose", target=f"{cluster}/{service}")
                if answer.get("isError"):
                    continue
                call("diagnose", target=f"{cluster}/{service}", detail="full")
                call("check", target=f"{cluster}/{service}")
                brief = answer["structuredContent"]
                for one in brief.get("evidence", []):
                    call("get_evidence", report_id=brief["report_id"], evidence_id=one["id"])
                for one in brief.get("fixes", []):
                    call("show_fix", report_id=brief["report_id"], fix_id=one["id"])
        for uri in [one["uri"] for one in talk.request("resources/list")["result"]["resources"]]:
            told[uri] = (uri, talk.request("resources/read", {"uri": uri}))
        call("diagnose", target="prod/storefrnt")
        call("diagnose", target="prdo/storefront")
        call("list_failures", cluster="prodd")
        call("diagnose", target=here["running"][0])
        completions = talk.request("completion/complete", {"ref": {"type": "ref/prompt", "name": "triage_incident"}, "argument": {"name": "cluster", "value": "p"}})
    return {"told": told, "tools": tools, "log": talk.log(), "services": services, "completions": completions}


def answers(visit: dict, tool: str) -> list[tuple[dict, dict]]:
    return [(json.loads(asked.split(" ", 1)[1]), told["result"]) for asked, (name, told) in visit["told"].items() if name == tool and "result" in told]


def test_nothing_that_is_secret_in_the_account_comes_out(visit, here):
    for asked, (_, told) in visit["told"].items():
        assert here["canary"] not in json.dumps(told), asked
        assert here["credentials"]["secret_access_key"] not in json.dumps(told), asked
    assert here["canary"] not in visit["log"]
    assert here["credentials"]["secret_access_key"] not in visit["log"]


def test_every_answer_fits_its_schema_and_is_bounded_and_clean(visit):
    for asked, (name, told) in visit["told"].items():
        judge.clean(told, asked)
        if name in visit["tools"]:
            judge.structured(visit["tools"][name], told["result"])
            judge.bounded(asked, told["result"], judge.FULL if '"full"' in asked or name in ("get_evidence",) else judge.BRIEF)


def test_every_service_has_the_cause_that_the_account_was_made_with(visit):
    right = dict(visit["services"])
    found = {}
    for asked, told in answers(visit, "diagnose"):
        if not told.get("isError") and asked.get("detail") != "full" and not asked["target"].startswith("arn:"):
            found[told["structuredContent"]["target"]["service"]] = told["structuredContent"]["causes"][0]["id"]
    assert found.items() >= right.items(), {name: (cause, found.get(name)) for name, cause in right.items() if found.get(name) != cause}


def test_a_name_that_is_nearly_right_is_answered_with_those_that_are(visit):
    def words(target: dict) -> str:
        return next(json.dumps(told) for asked, told in answers(visit, "diagnose" if "target" in target else "list_failures") if asked == target)

    assert "storefront" in words({"target": "prod/storefrnt"})
    assert "prod" in words({"target": "prdo/storefront"}).replace("prdo", "")
    assert "prod" in words({"cluster": "prodd"}).replace("prodd", "")


def test_clusters_are_completed_as_they_are_in_the_account(visit):
    assert visit["completions"]["result"]["completion"]["values"] == ["prod"]


def test_what_the_account_refuses_is_told_with_what_to_do(binary, here):
    refused = {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{9}"}
    program = account.asking(binary, here)
    program.environment |= refused
    began = time.monotonic()
    with over_stdio(program) as talk:
        told = talk.call("diagnose", {"target": "prod/storefront"}, 120)["result"]
    assert told["isError"] and time.monotonic() - began < 100
    program.environment |= {"AWS_ENDPOINT_URL": here["endpoint_url"], "AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}
    with over_stdio(program) as talk:
        told = talk.call("diagnose", {"target": "prod/storefront"}, 120)["result"]
    assert told["isError"] and "credentials" in json.dumps(told)


def test_a_slow_account_is_answered_in_time_or_cancelled(binary):
    with account.served(500, "--latency-ms", "1500") as slow:
        program = account.asking(binary, slow)
        with over_stdio(program) as talk:
            params = {"name": "diagnose", "arguments": {"target": "prod/storefront"}, "_meta": {"progressToken": "p1"}}
            number = talk.ask("tools/call", params)
            time.sleep(4)
            assert [told for told in talk.others if told.get("method") == "notifications/progress"], "no progress while questions are out"
            talk.send({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": number}})
            time.sleep(2.5)
            before = requests(slow)
            time.sleep(4)
            assert requests(slow) <= before + 1, "it goes on asking after it was told not to"
            talk.ask("tools/call", {"name": "diagnose", "arguments": {"target": "prod/storefront"}})
            time.sleep(1)
        # The client has gone in the middle of a call; what was out already is still answered.
        time.sleep(2.5)
        before = requests(slow)
        time.sleep(4)
        assert requests(slow) <= before + 1


def requests(here: dict) -> int:
    from urllib.request import urlopen

    with urlopen(f"{here['endpoint_url']}/_stats") as told:
        return json.load(told)["requests"]


def test_answers_are_kept_until_fresh_ones_are_asked_for(program, here):
    with over_stdio(program) as talk:
        target = {"target": "prod/storefront"}
        talk.call("diagnose", target)
        before = requests(here)
        talk.call("diagnose", target)
        again = requests(here) - before
        talk.call("diagnose", target | {"fresh": True})
        assert again == 0 and requests(here) > before


def test_redaction_is_consistent_and_taken_back_in_arguments(binary, here):
    with over_stdio(account.asking(binary, here, "--redact")) as talk:
        told = talk.call("diagnose", {"target": "prod/storefront"})
        assert here["account"] not in json.dumps(told)
        task = told["result"]["structuredContent"]["target"].get("task")
        assert task and "arn:aws:ecs" not in task
        again = talk.call("diagnose", {"target": task})
        assert not again["result"].get("isError"), again
        assert again["result"]["structuredContent"]["target"]["task"] == task
        assert here["account"] not in json.dumps(again)


def test_over_http_it_is_the_same(program, here):
    with program.listening() as listening:
        caller = Http(listening)
        caller.hello()
        assert here["canary"] not in json.dumps(caller.call("list_failures", {}, 180)) + listening.log()
