"""What every client does: each tool, resource, template, prompt and completion, in the order in which an assistant would come to them.

`keep` takes a value of an answer for later steps (`${name}`); `fails` is what a refusal must say. What the server offers and no step
asks for fails in test_clients.py.
"""

from evidence import Incident

PASTED = "CannotPullContainerError: failed to resolve ref docker.io/library/web:v9: docker.io/library/web:v9: not found"
# A definition that nobody registered.
DEFINITION = {
    "family": "web",
    "requiresCompatibilities": ["FARGATE"],
    "networkMode": "awsvpc",
    "cpu": "256",
    "memory": "512",
    "containerDefinitions": [{"name": "web", "image": "docker.io/library/web:v9", "essential": True}],
}


def steps(incidents: list[Incident]) -> list[dict]:
    """`incidents`: a task first; and somewhere one to check."""
    task = incidents[0]
    cluster = task.target.split("task/")[1].split("/")[0]
    checked = next(one for one in incidents if one.is_check)
    return [
        {"do": "ping"},
        {"do": "log_level", "level": "info"},
        tool("whoami"),
        tool("list_targets"),
        tool("list_targets", cluster=cluster),
        tool("list_failures"),
        tool("list_failures", cluster=cluster),
        tool("diagnose", target=task.target) | {"keep": {"report": "/structuredContent/report_id"}},
        tool("diagnose", target=task.target, detail="full"),
        tool("diagnose", target=task.target, fresh=True),
        *[tool("diagnose", target=one.target) for one in incidents[1:] if not one.is_check],
        tool("get_evidence", report_id="${report}", evidence_id="e1"),
        tool("show_fix", report_id="${report}"),
        tool("show_fix", report_id="${report}", fix_id="f1"),
        tool("check", target=checked.target),
        tool("explain_stop_reason", text=PASTED),
        tool("explain_stop_reason", text=PASTED, stop_code="TaskFailedToStart", detail="full"),
        tool("explain_stop_reason", text="OutOfMemoryError: container killed due to memory usage", exit_code=137),
        {"do": "resource", "uri": "ecs-why://causes"},
        {"do": "resource", "uri": "ecs-why://causes/image-tag-not-found"},
        {"do": "resource", "uri": "ecs-why://schema/report"},
        {"do": "resource", "uri": "ecs-why://permissions"},
        {"do": "resource", "uri": "ecs-why://reports"},
        {"do": "resource", "uri": "ecs-why://reports/${report}"},
        {"do": "prompt", "name": "triage_incident", "arguments": {}},
        {"do": "prompt", "name": "triage_incident", "arguments": {"cluster": cluster, "service": "payments"}},
        {"do": "prompt", "name": "explain_to_stakeholder", "arguments": {"target": task.target}},
        {"do": "prompt", "name": "review_before_deployment", "arguments": {"target": checked.target}},
        complete({"type": "ref/prompt", "name": "triage_incident"}, "cluster", cluster[:1]),
        complete({"type": "ref/prompt", "name": "triage_incident"}, "service", ""),
        complete({"type": "ref/prompt", "name": "explain_to_stakeholder"}, "target", f"{cluster}/"),
        complete({"type": "ref/prompt", "name": "review_before_deployment"}, "target", cluster[:2]),
        complete({"type": "ref/resource", "uri": "ecs-why://reports/{id}"}, "id", "r-"),
        complete({"type": "ref/resource", "uri": "ecs-why://causes/{id}"}, "id", "image-"),
        # What cannot be answered says why.
        tool("diagnose") | {"fails": "target"},
        tool("diagnose", target="no/such/thing/at/all") | {"fails": "target"},
        tool("diagnose", target=task.target, detail="everything") | {"fails": "detail"},
        tool("get_evidence", report_id="r-0", evidence_id="e1") | {"fails": "report_id"},
        tool("get_evidence", report_id="${report}", evidence_id="e99999") | {"fails": "evidence_id"},
        tool("show_fix", report_id="${report}", fix_id="f99") | {"fails": "fix_id"},
        tool("check") | {"fails": "definition"},
        tool("check", definition=DEFINITION | {"containerDefinitions": "web"}) | {"fails": "definition"},
        tool("no_such_tool") | {"fails": "there is no such tool; there are: diagnose"},
        {"do": "resource", "uri": "ecs-why://causes/no-such-cause", "fails": "no"},
        {"do": "prompt", "name": "no_such_prompt", "fails": "prompt"},
    ]


def tool(name: str, **arguments) -> dict:
    return {"do": "tool", "name": name, "arguments": arguments}


def complete(ref: dict, name: str, value: str) -> dict:
    return {"do": "complete", "ref": ref, "argument": {"name": name, "value": value}}
