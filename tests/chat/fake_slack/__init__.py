"""Slack, played on this machine: Web API, Socket Mode, events over HTTP, and what people do.

    with FakeSlack(Path("sent.jsonl")) as slack:
        incidents = slack.channel("C0INCIDENTS")
        ...                                     # start the bot with slack.api_url, slack.bot_token, slack.app_token
        slack.wait_connected()
        asked = slack.mention(incidents, "U0ANN", "why is prod/payments failing?")
        asked.wait_acknowledged()
        incidents.wait_said(1)

Everything may be called from any thread: what is played runs in a thread of its own. It is strict: what Slack refuses is refused.
"""

from .played import FakeSlack
from .deliveries import Delivery
from .channels import Channel, Message
from .troubles import Trouble

__all__ = ["FakeSlack", "Delivery", "Channel", "Message", "Trouble"]
