"""What plays Slack speaks as Slack does: Slack's own client is content with it, and it refuses what Slack refuses."""

import json
import threading

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.signature import SignatureVerifier
from slack_sdk.socket_mode import SocketModeClient
from slack_sdk.socket_mode.response import SocketModeResponse

from fake_slack import Delivery

QUIET = {"unfurl_links": False, "unfurl_media": False}


@pytest.fixture
def client(slack):
    return WebClient(token=slack.bot_token, base_url=slack.api_url + "/")


class Listener:
    """Slack's own client for Socket Mode: acknowledges all that it hears, if it shall."""

    def __init__(self, slack, acknowledges=True):
        self.heard = []
        self.acknowledges = acknowledges
        self.changed = threading.Event()
        web = WebClient(base_url=slack.api_url + "/")
        self.client = SocketModeClient(app_token=slack.app_token, web_client=web, ping_interval=1)
        self.client.socket_mode_request_listeners.append(self._hear)
        self.client.connect()
        slack.wait_connected()

    def _hear(self, client, request):
        self.heard.append(request)
        if self.acknowledges:
            payload = {"options": [{"text": {"type": "plain_text", "text": "prod/web"}, "value": "prod/web"}]}
            answer = payload if request.payload.get("type") == "block_suggestion" else None
            client.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id, payload=answer))
        self.changed.set()

    def close(self):
        self.client.close()


def test_a_message_is_posted_changed_and_found_by_its_metadata(slack, client):
    channel = slack.channel("C1")
    metadata = {"event_type": "ecs_why", "event_payload": {"key": "k1"}}
    posted = client.chat_postMessage(channel="C1", text="one", metadata=metadata, **QUIET)
    client.chat_update(channel="C1", ts=posted["ts"], text="two", metadata=metadata)
    assert [m.text for m in channel.said] == ["two"] and channel.said[0].edits == 1
    seen = client.conversations_history(channel="C1", include_all_metadata=True)["messages"]
    assert seen[0]["metadata"]["event_payload"]["key"] == "k1"
    assert "metadata" not in client.conversations_history(channel="C1")["messages"][0]


def test_threads_have_replies_and_replies_have_none(slack, client):
    channel = slack.channel("C1")
    question = slack.say(channel, "U1", "why?")
    reply = client.chat_postMessage(channel="C1", text="because", thread_ts=question.ts, **QUIET)
    assert [m["text"] for m in client.conversations_replies(channel="C1", ts=question.ts)["messages"]] == ["why?", "because"]
    assert [m["text"] for m in client.conversations_history(channel="C1")["messages"]] == ["why?"]
    assert client.conversations_replies(channel="C1", ts=reply["ts"])["messages"][0]["thread_ts"] == question.ts
    with pytest.raises(SlackApiError, match="cannot_reply_to_message"):
        client.chat_postMessage(channel="C1", text="x", thread_ts=reply["ts"], **QUIET)


def test_pages_are_as_long_as_wanted_and_go_on(slack, client):
    channel = slack.channel("C1")
    for number in range(5):
        slack.say(channel, "U1", str(number))
    first = client.conversations_history(channel="C1", limit=2)
    second = client.conversations_history(channel="C1", limit=2, cursor=first["response_metadata"]["next_cursor"])
    assert [m["text"] for m in first["messages"] + second["messages"]] == ["4", "3", "2", "1"]
    after = client.conversations_history(channel="C1", oldest=channel.messages[2].ts)
    assert [m["text"] for m in after["messages"]] == ["4", "3"]


def test_a_file_goes_into_its_thread(slack, client):
    channel = slack.channel("C1")
    question = slack.say(channel, "U1", "why?")
    client.files_upload_v2(channel="C1", thread_ts=question.ts, content="all of it", filename="why.txt", title="All of it")
    assert channel.uploads[0].files[0]["content"] == "all of it" and channel.uploads[0].thread == question.ts


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"channel": "C9"}, "channel_not_found"),
        ({"channel": "C2"}, "not_in_channel"),
        ({"text": ""}, "no_text"),
        ({"text": "x" * 40_001}, "msg_too_long"),
        ({"thread_ts": "1.2"}, "invalid_thread_ts"),
        ({"blocks": [{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}]}, "invalid_blocks"),
        ({"blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}]}, "invalid_blocks"),
        ({"blocks": [{"type": "divider"}] * 51}, "invalid_blocks"),
        ({"blocks": [{"type": "actions", "elements": []}]}, "invalid_blocks"),
        ({"metadata": {"event_type": "x"}}, "invalid_metadata_format"),
    ],
)
def test_what_slack_refuses_is_refused(slack, client, change, code):
    slack.channel("C1")
    slack.channel("C2", member=False)
    with pytest.raises(SlackApiError) as refused:
        client.chat_postMessage(**{"channel": "C1", "text": "x", **QUIET, **change})
    assert refused.value.response["error"] == code
    assert slack.refusals


def test_a_wrong_token_is_refused(slack):
    for token, code in [("xoxb-other", "not_allowed_token_type"), ("rubbish", "invalid_auth")]:
        with pytest.raises(SlackApiError, match=code):
            WebClient(token=token, base_url=slack.api_url + "/").auth_test()


def test_troubles_come_as_often_as_wanted(slack, client):
    slack.channel("C1")
    slack.trouble("chat.postMessage", "429", wait=7)
    with pytest.raises(SlackApiError) as refused:
        client.chat_postMessage(channel="C1", text="x", **QUIET)
    assert refused.value.response.headers["Retry-After"] == "7"
    slack.trouble("chat.postMessage", "lost")
    with pytest.raises(SlackApiError):
        client.chat_postMessage(channel="C1", text="lost", **QUIET)
    assert [m.text for m in slack.channel("C1").said] == ["lost"]
    client.chat_postMessage(channel="C1", text="x", **QUIET)


def test_slacks_own_limit_holds_for_each_channel(slack, client):
    slack.rates.enforced = True
    for channel in ("C1", "C2"):
        slack.channel(channel)
        for _ in range(slack.rates.BURST):
            client.chat_postMessage(channel=channel, text="x", **QUIET)
    with pytest.raises(SlackApiError, match="ratelimited"):
        client.chat_postMessage(channel="C1", text="x", **QUIET)


def test_socket_mode_delivers_and_measures_the_acknowledgement(slack):
    listener = Listener(slack)
    channel = slack.channel("C1")
    said = slack.mention(channel, "U1", "why?")
    asked = slack.slash(channel, "U1", "prod/web")
    assert said.wait_acknowledged() < 3 and asked.wait_acknowledged() < 3
    kinds = sorted(request.type for request in listener.heard)
    assert kinds == ["events_api", "slash_commands"]
    listener.close()


def test_an_event_that_is_not_acknowledged_comes_again_and_a_command_does_not(slack):
    slack.deliveries.RETRIES = (0.1,)
    listener = Listener(slack, acknowledges=False)
    channel = slack.channel("C1")
    said, asked = slack.mention(channel, "U1", "why?"), slack.slash(channel, "U1", "prod/web")
    assert asked.wait_done() and said.wait_done()
    assert (len(said.attempts), len(asked.attempts)) == (2, 1) and said.failed and asked.failed
    listener.close()


def test_connections_break_and_are_renewed(slack):
    listener = Listener(slack)
    slack.renew_connections(linger=0.1)
    assert slack.mention(slack.channel("C1"), "U1", "why?").wait_acknowledged(20) < 3
    slack.kill_connections()
    said = slack.mention(slack.channel("C1"), "U1", "and now?")
    said.wait_acknowledged(30)
    assert slack.deliveries.opened >= 3
    listener.close()


def test_a_list_is_filled_while_somebody_types(slack, client):
    listener = Listener(slack)
    slack.channel("C1")
    select = {"type": "external_select", "action_id": "pick", "placeholder": {"type": "plain_text", "text": "Which?"}}
    client.chat_postMessage(channel="C1", text="x", blocks=[{"type": "actions", "elements": [select]}], **QUIET)
    card = slack.channel("C1").said[0]
    assert slack.suggest(card, "we", "U1") == ["prod/web"]
    slack.choose(card, "prod/web", "U1").wait_acknowledged()
    assert listener.heard[-1].payload["actions"][0]["selected_option"]["value"] == "prod/web"
    listener.close()


def test_requests_over_http_are_signed_as_slacks_own_client_wants(slack):
    body = json.dumps({"type": "event_callback"})
    signed = slack.deliveries.signed(body)
    assert SignatureVerifier(slack.signing_secret).is_valid_request(body, signed)
    assert not SignatureVerifier("another").is_valid_request(body, signed)


def test_every_message_is_kept_for_the_validators(slack, client, sent):
    slack.channel("C1")
    client.chat_postMessage(channel="C1", text="x", **QUIET)
    (line,) = [json.loads(line) for line in sent.read_text().splitlines()]
    assert (line["platform"], line["method"], line["body"]["text"], line["ok"]) == ("slack", "chat.postMessage", "x", True)


def test_a_response_url_may_be_used_five_times(slack):
    channel = slack.channel("C1", member=False)
    delivery = Delivery("slash_commands", {"response_url": slack.web.response_url(channel, "U1")})
    import urllib.error
    import urllib.request

    def respond():
        body = json.dumps({"response_type": "ephemeral", "text": "x"}).encode()
        request = urllib.request.Request(delivery.payload["response_url"], body, {"Content-Type": "application/json"})
        return urllib.request.urlopen(request).read()

    for _ in range(5):
        assert respond() == b"ok"
    with pytest.raises(urllib.error.HTTPError, match="404"):
        respond()
    assert len(channel.whispers) == 5
