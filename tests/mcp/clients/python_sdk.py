"""The walk with the Python SDK (PyPI `mcp`), in each of its modes. Steps on standard input, answers on standard output."""

import asyncio
import json
import re
import sys
import warnings

import httpx2
from mcp import Client
from mcp.client.stdio import StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError
from mcp_types import ElicitResult, PromptReference, ResourceTemplateReference

warnings.simplefilter("ignore")  # logging is deprecated in the protocol, and asked for all the same


def value(answer, pointer: str):
    for key in pointer.split("/")[1:]:
        answer = answer[int(key)] if isinstance(answer, list) else answer[key]
    return answer


def filled(part, kept: dict):
    if isinstance(part, str):
        return re.sub(r"\$\{(\w+)\}", lambda found: str(kept[found[1]]), part)
    if isinstance(part, list):
        return [filled(one, kept) for one in part]
    if isinstance(part, dict):
        return {key: filled(one, kept) for key, one in part.items()}
    return part


def plain(result) -> dict:
    return result.model_dump(mode="json", by_alias=True, exclude_none=True)


async def everything(listing, key: str) -> list[dict]:
    found, cursor = [], None
    while True:
        page = plain(await listing(cursor=cursor))
        found += page[key]
        cursor = page.get("nextCursor")
        if not cursor:
            return found


async def choose_first(_context, params) -> ElicitResult:
    """An agent that offers elicitation chooses what is offered first."""
    properties = (plain(params).get("requestedSchema") or {}).get("properties") or {}

    def choose(one: dict):
        offered = one.get("enum") or [part["const"] for part in one.get("oneOf") or one.get("anyOf") or []]
        return offered[0] if offered else True if one.get("type") == "boolean" else "prod"

    return ElicitResult(action="accept", content={name: choose(one) for name, one in properties.items()})


async def make(client: Client, step: dict, progress: list) -> dict:
    async def on_progress(done, _total=None, _words=None):
        progress.append(done)

    kind = step["do"]
    if kind == "tool":
        return plain(await client.call_tool(step["name"], step.get("arguments") or {}, progress_callback=on_progress))
    if kind == "resource":
        return plain(await client.read_resource(step["uri"]))
    if kind == "prompt":
        return plain(await client.get_prompt(step["name"], step.get("arguments") or {}))
    if kind == "complete":
        ref = step["ref"]
        reference = PromptReference(**ref) if ref["type"] == "ref/prompt" else ResourceTemplateReference(**ref)
        return plain(await client.complete(reference, step["argument"]))
    if kind == "log_level":
        return plain(await client.set_logging_level(step["level"]))
    return plain(await client.send_ping())


async def main() -> dict:
    asked = json.load(sys.stdin)
    command, *arguments = asked["command"]
    if asked["url"]:
        headers = {"Authorization": f"Bearer {asked['token']}"} if asked.get("token") else {}
        server = streamable_http_client(asked["url"], http_client=httpx2.AsyncClient(headers=headers, timeout=60))
    else:
        server = StdioServerParameters(command=command, args=arguments, env=asked["env"], cwd=asked["cwd"])
    elicit = choose_first if asked.get("elicitation") else None
    async with Client(server, mode=asked["mode"], elicitation_callback=elicit, cache=None) as client:
        lists = {
            "tools": await everything(client.list_tools, "tools"),
            "resources": await everything(client.list_resources, "resources"),
            "templates": await everything(client.list_resource_templates, "resourceTemplates"),
            "prompts": await everything(client.list_prompts, "prompts"),
        }
        kept, answers = {}, []
        for step in asked["steps"]:
            progress: list = []
            try:
                result = await make(client, filled(step, kept), progress)
                kept |= {name: value(result, pointer) for name, pointer in (step.get("keep") or {}).items()}
                told = {"result": result}
            except MCPError as problem:
                told = {"error": {"code": problem.error.code, "message": problem.error.message}}
            except Exception as problem:  # the client's own complaint about an answer is a finding, too
                told = {"error": {"code": None, "message": f"{type(problem).__name__}: {problem}"}}
            answers.append(told | {"progress": progress})
        return {
            "lists": lists,
            "answers": answers,
            "protocol": client.protocol_version,
            "server": plain(client.server_info) if client.server_info else None,
            "capabilities": plain(client.server_capabilities),
            "instructions": client.instructions,
        }


print(json.dumps(asyncio.run(main())))
