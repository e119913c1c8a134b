"""What people ask on a bad day: where, when, about which task, and what the answer must say."""

import random
import time
from dataclasses import dataclass, field

SERVICE = "service:"


@dataclass
class Question:
    """One question, and what came of it."""

    room: object
    person: str
    kind: str  # "slash" or "mention"
    text: str
    cause: str
    # What an answer to a command shows, since no thread says what it belongs to: the first digits of the task's id.
    sign: str
    at: float  # seconds after the beginning
    asked: float = 0.0
    delivery: object = None
    # As the bot's state file calls it.
    id: str = ""
    # What a mention is, so that its answer is known.
    message: str = ""
    answered: float | None = None
    cards: list = field(default_factory=list)

    @property
    def platform(self) -> str:
        return self.room.chat.name

    def ask(self):
        chat, channel = self.room.chat, self.room.channel
        person = chat.person(self.person)
        self.asked = time.monotonic()
        if self.kind == "slash":
            self.delivery = chat.slash(channel, person, self.text)
            payload = getattr(self.delivery, "payload", None)
            self.id = f"slack:command:{payload['trigger_id']}" if payload else f"discord:{self.delivery.id}"
        elif self.platform == "slack":
            self.delivery = chat.mention(channel, person, self.text)
            self.message = self.delivery.payload["event"]["ts"]
            self.id = f"slack:message:{channel.id}:{self.message}"
        else:
            self.message = chat.run(chat.fake.mention(channel, self.text, person))["id"]
            self.id = f"discord:{self.message}"

    @property
    def acknowledgement(self) -> float | None:
        """Seconds; none if there was none, or none is due."""
        if self.delivery is None:
            return None
        return self.delivery.acknowledged if self.platform == "slack" else self.delivery.waited

    @property
    def was_acknowledged(self) -> bool:
        """The platform knows that it arrived."""
        return self.acknowledgement is not None

    @property
    def comes_again(self) -> bool:
        """The platform delivers it again until somebody has it."""
        return self.platform == "slack" and self.kind == "mention"

    def look(self, cards: list):
        """Takes what belongs to it of what stands there now."""
        chat = self.room.chat
        if self.message:
            self.cards = [card for card in cards if chat.is_reply(card, self.message)]
        else:
            self.cards = [card for card in cards if self.sign in card.text and not is_under_a_question(card)]
        if self.answered is None and self.answer is not None:
            self.answered = time.monotonic() - self.asked

    @property
    def answer(self):
        """The card that tells a cause, if there is one."""
        return next((card for card in self.cards if not card.waits and card.cause), None)

    @property
    def is_right(self) -> bool:
        return self.answer is not None and self.answer.cause[0] == self.cause


def is_under_a_question(card) -> bool:
    """It stands in a thread (Slack), or is a reply (Discord)."""
    return bool(card.thread) or (card.platform == "discord" and bool(card.raw.get("message_reference")))


def made(rooms: list, tasks: list[tuple[dict, dict]], count: int, seconds: float, seed: int) -> list[Question]:
    """So many questions over all rooms, in this time: commands and mentions, tasks by id, by ARN, in plain words, and services."""
    chance = random.Random(seed)
    tasks = chance.sample(tasks, count)
    # Of the rooms, each has as many as the others; when, is chance.
    order = [rooms[number % len(rooms)] for number in range(count)]
    chance.shuffle(order)
    found = []
    for number, ((task, group), room) in enumerate(zip(tasks, order)):
        cluster, id = task["taskArn"].split("/")[-2:]
        kind = chance.choice(["slash", "slash", "mention"] if room.chat.name == "discord" else ["slash", "mention", "mention"])
        if kind == "slash":
            text = chance.choice([f"{cluster}/{id}", id, task["taskArn"]])
        else:
            words = [f"why did task {id} stop?", f"what happened to {id} in {cluster}", f"why did {task['taskArn']} fail"]
            if task["group"].startswith(SERVICE) and not group["deliberate"]:
                words.append(f"why is {cluster}/{task['group'].removeprefix(SERVICE)} failing")
            text = chance.choice(words)
        at = chance.uniform(0, seconds)
        found.append(Question(room, f"p{number}", kind, text, group["cause"], id[:12], at))
    return sorted(found, key=lambda one: one.at)
