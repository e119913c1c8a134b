"""Channels and people, the same for both platforms: what somebody asks somewhere, and the cards that stand there then.

What is tested is the bot; that two platforms differ in how a question gets to it stands here, once.
"""

import time
from dataclasses import dataclass

from reading import Card

# Longer than any answer takes on a busy machine.
PATIENCE = 30.0


@dataclass
class Asked:
    """A question or a press, and what came of it."""

    room: "Room"
    before: dict[str, int]
    delivery: object  # the platform's own; none of a message on Discord, which acknowledges none

    def acknowledged(self) -> float:
        """Seconds until the platform was told that the question arrived."""
        return self.room.chat.acknowledged(self.delivery)

    def new(self) -> list[Card]:
        """What is said or changed since."""
        return [card for card in self.room.all() if self.before.get(card.id, -1) != card.edits]

    def answer(self, says: str = "", seconds: float = PATIENCE, **wanted) -> Card:
        """The first card since that says this, and is no sign of waiting."""
        return self.room.until(lambda: next((c for c in self.new() if not c.waits and says.lower() in c.text.lower()), None), seconds, says)

    def refused(self, says: str = "", seconds: float = PATIENCE) -> Card:
        """What only who asked reads."""
        fits = lambda: next((c for c in self.room.whispers() if c.id not in self.before and says.lower() in c.text.lower()), None)  # noqa: E731
        return self.room.until(fits, seconds, f"a whisper {says}")

    def silence(self, seconds: float = 1.0):
        """Nothing is said in this time, to nobody."""
        time.sleep(seconds)
        said = [card.text for card in self.new() + self.room.whispers() if self.before.get(card.id, -1) != card.edits]
        assert not said, said


class Room:
    """A channel, or the direct messages of one person."""

    def __init__(self, chat, channel, user: str | None = None):
        self.chat, self.channel, self.user = chat, channel, user

    @property
    def id(self) -> str:
        return self.channel.id

    # What people do

    def slash(self, text: str = "", user: str = "ann") -> Asked:
        return self._asked(lambda: self.chat.slash(self.channel, self.chat.person(user), text))

    def mention(self, text: str, user: str = "ann", thread=None) -> Asked:
        return self._asked(lambda: self.chat.mention(self.channel, self.chat.person(user), text, thread))

    def words(self, text: str) -> Asked:
        """In direct messages: just words."""
        return self._asked(lambda: self.chat.dm(self.user, text))

    def press(self, card: Card, button: str, user: str = "ann") -> Asked:
        return self.forge(card, card.buttons[button], user)

    def forge(self, card: Card, value: str, user: str = "ann") -> Asked:
        """A press of something that may not be there: a client can send what it likes."""
        return self._asked(lambda: self.chat.press(self.channel, card, value, self.chat.person(user)))

    def suggest(self, typed: str, user: str = "ann", card: Card | None = None) -> list[str]:
        """What is offered while somebody types: in the command (Discord), or in the list of a card (Slack)."""
        return self.chat.suggest(self.channel, self.chat.person(user), typed, card)

    def _asked(self, ask) -> Asked:
        before = {card.id: card.edits for card in self.all() + self.whispers()}
        return Asked(self, before, ask())

    # What stands there

    def all(self) -> list[Card]:
        """What the bot said for all, here and in threads."""
        return self.chat.cards(self.channel)

    def cards(self) -> list[Card]:
        """The same without what only says that it is being answered."""
        return [card for card in self.all() if not card.waits]

    def whispers(self) -> list[Card]:
        return self.chat.whispers(self.channel)

    def files(self) -> dict[str, str]:
        """What was put there as files, by name."""
        return self.chat.files(self.channel)

    def until(self, holds, seconds: float = PATIENCE, what: str = ""):
        end = time.monotonic() + seconds
        while not (got := holds()):
            if time.monotonic() > end:
                said = [card.text[:300] for card in self.all()] + [f"(whispered) {card.text[:300]}" for card in self.whispers()]
                raise AssertionError(f"not in {seconds} s: {what!r}; there stands {said}; refused: {self.chat.refusals()[-3:]}")
            time.sleep(0.01)
        return got
