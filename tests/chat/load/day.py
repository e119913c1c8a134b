"""One run: everything is begun, played to its end, and judged."""

import json
import shutil
import threading
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from discord_chat import DiscordChat
from program import Bot
from slack_chat import SlackChat

from load import alarms, aws, crew, questions, sqs
from load.figures import ACKNOWLEDGED_WITHIN, Figures, p99, spread

# MiB.
MEMORY = 256
# Seconds.
LOOKS_EVERY = 1.0
# As Discord has it, in milliseconds: a machine that is busy for a second loses no connection.
HEARTBEAT = 41_250


@dataclass(frozen=True)
class Size:
    """How much of all."""

    questions: int
    seconds: float  # in which they are asked
    rooms: int  # half of them on each platform
    events: int
    owners: int  # services and families that events are about
    tasks: int  # that have stopped
    kills: int
    patience: float  # after the last question, until everything must be done
    held: int  # seconds for which a message of the queue may be held by a process that is no more
    again: tuple[float, ...]  # when Slack delivers an event again that nobody acknowledged


FULL = Size(200, 60, 20, 5000, 20, 6000, 10, 600, 60, (0.2, 10, 30, 60))
QUICK = Size(20, 8, 4, 300, 6, 2000, 3, 90, 3, (0.2, 2, 5, 10))


class Day:
    """The platforms, the queue, the bot, and what is asked."""

    def __init__(self, size: Size, binary: Path, folder: Path, account: aws.Account, queues: sqs.PlayedQueues, tasks: list, seed: int):
        self.size = size
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self.slack = SlackChat(folder / "slack.jsonl", rates=True).start()
        self.slack.fake.deliveries.RETRIES = size.again
        self.discord = DiscordChat(folder / "discord.jsonl", rates=True).start()
        self.discord.fake.gateway.heartbeat = HEARTBEAT
        self._looked = 0.0
        rooms = [chat.room() for chat in (self.slack, self.discord) for _ in range(size.rooms // 2)]
        self.rooms = rooms
        # Each cluster's alerts go to a channel of their own, one on each platform.
        clusters = account.told["clusters"]
        self.alerts = {cluster: chat.room() for cluster, chat in zip(clusters, (self.slack, self.discord))}
        self.queue = aws.Queue(aws.Account({**account.told, "endpoint_url": queues.url}))
        self.alarms = alarms.Alarms(tasks, size.events, size.owners, seed)
        self.questions = questions.made(rooms, tasks, size.questions, size.seconds, seed)
        tables = {
            "slack": self.slack.table,
            "discord": self.discord.table,
            "channel": [entry(room, clusters) for room in rooms]
            + [entry(room, [cluster], alerts=True) for cluster, room in self.alerts.items()],
            "alerts": {"queue-url": self.queue.url, "dead-letter-url": self.queue.dead_url, "region": account.region},
        }
        environment = {
            **self.slack.environment,
            **self.discord.environment,
            "AWS_ENDPOINT_URL": account.url,
            "AWS_ENDPOINT_URL_SQS": queues.url,
            "AWS_REGION": account.region,
            "AWS_ACCESS_KEY_ID": account.told["credentials"]["access_key_id"],
            "AWS_SECRET_ACCESS_KEY": account.told["credentials"]["secret_access_key"],
        }
        self.crew = crew.Crew(Bot(binary, folder / "bot", tables, environment))

    def play(self, kills: list[float]) -> float:
        """Until everything is done, or nobody waits any longer; the seconds that it took."""
        self.queue.send(self.alarms.bodies)
        self.crew.start()
        self.slack.connected()
        self.discord.connected()
        began = time.monotonic()
        killer = threading.Thread(target=self._killed, args=(began, kills), daemon=True)
        killer.start()
        for question in self.questions:
            self._until(began + question.at)
            question.ask()
            self._look()
        end = time.monotonic() + self.size.patience
        while time.monotonic() < end:
            self._look()
            self.crew.check()
            if not killer.is_alive() and self._is_done():
                break
            time.sleep(0.5)
        killer.join()
        return time.monotonic() - began

    @staticmethod
    def _until(moment: float):
        time.sleep(max(0.0, moment - time.monotonic()))

    def _killed(self, began: float, kills: list[float]):
        for moment in kills:
            self._until(began + moment)
            self.crew.kill()

    def _look(self):
        """Now and then, and at each room once: what plays the platforms lives in this process too, and is not to wait for it."""
        if time.monotonic() < self._looked + LOOKS_EVERY:
            return
        self._looked = time.monotonic()
        for room in self.rooms:
            waits = [one for one in self.questions if one.room is room and one.asked and one.answered is None]
            if waits:
                cards = room.all()
                for question in waits:
                    question.look(cards)

    def _is_done(self) -> bool:
        waits = [one for one in self.questions if one.answered is None and (one.was_acknowledged or one.comes_again)]
        return not waits and not self.queue.left() and self.counted() == self.alarms.failed

    def counted(self) -> int:
        """The tasks that the cards of alerts say that they are about."""
        return sum(alarms.counted(card) for room in self.alerts.values() for card in room.all())

    def close(self):
        self.slack.stop()
        self.discord.stop()


def entry(room, clusters: list[str], **more) -> dict:
    """A room in the configuration."""
    return {"platform": room.chat.name, "id": room.id, "name": f"room-{room.id}", "clusters": clusters, **more}


def run(name: str, size: Size, kills: int, binary: Path, folder: Path, account: aws.Account, tasks: list, seed: int) -> Figures:
    """Plays it, and judges what it left."""
    account.get("/_reset")
    with sqs.PlayedQueues((1, 20), 10, size.held) as queues:
        day = Day(size, binary, folder, account, queues, tasks, seed)
        try:
            took = day.play(crew.moments(kills, size.seconds, seed))
            # What is said last is said within this time, or something is doubled.
            time.sleep(2)
            for question in day.questions:
                question.look(question.room.all())
            status = day.crew.stop()
            found = judged(name, day, status)
            asked = account.get("/_stats")
            found.tell("calls of the account, throttled", f"{asked['requests']}, {asked['throttled']}")
            found.tell("calls of the queue, throttled", f"{queues.calls}, {queues.throttled}")
            found.tell("all of it took, s", f"{took:.0f}")
        finally:
            day.crew.bot.kill()
            day.close()
    return found


def judged(name: str, day: Day, status: int) -> Figures:
    found = Figures(name)
    state = day.crew.state()
    of_questions(found, day, state)
    unheard = [one for one in day.questions if not one.was_acknowledged and not one.cards]
    found.must(bool(day.crew.kills) or not unheard, f"nobody heard {len(unheard)} questions, as {[told(one) for one in unheard[:3]]}")
    of_events(found, day, state)
    of_cards(found, day)
    most = max(day.crew.memory)
    found.tell("most memory of a process, MiB", f"{most:.0f}")
    found.must(most < MEMORY, f"a process had {most:.0f} MiB")
    found.must(status == 0, f"told to end, it ended with {status}")
    faults = day.crew.bot.faults()
    found.must(not faults, f"it speaks of faults: {faults[:3]}")
    return found


def of_questions(found: Figures, day: Day, state):
    kept = {row["id"]: row["body"] for row in state.execute("SELECT id, body FROM heard")}
    asked = day.questions
    reached = [one for one in asked if one.was_acknowledged or one.id in kept]
    due = [one for one in asked if one in reached or one.comes_again]
    answered = [one for one in due if one.answer]
    acknowledged = {chat: [one.acknowledgement for one in asked if one.platform == chat and one.was_acknowledged] for chat in ("slack", "discord")}
    found.tell("questions", len(asked))
    found.tell("nobody was there to hear them, and the platform said so", len(asked) - len(due))
    found.tell("to be answered", len(due))
    found.tell("answered", len(answered))
    found.tell("with the right cause", sum(one.is_right for one in answered))
    # An acknowledgement that comes too late is none: the platform refuses it, or has told the person that nobody answers.
    late = [one for one in asked if one.id in kept and one.delivery is not None and not one.was_acknowledged]
    killed = len(late) if day.crew.kills else 0
    for one in late[killed:]:
        acknowledged[one.platform].append(float("inf"))
    found.tell("kept, and the process ended before it could say so", killed)
    for chat, seconds in acknowledged.items():
        found.tell(f"acknowledged by {chat.title()}'s measure, s: p50 / p99 / max", spread(seconds))
        slow = p99(seconds) if seconds else 0.0
        found.must(slow <= ACKNOWLEDGED_WITHIN, f"{chat}: p99 of acknowledgements is {slow:.2f} s")
    found.tell("answered after, s: p50 / p99 / max", spread([one.answered for one in answered]))
    missing = [one for one in due if not one.answer]
    found.must(not missing, f"{len(missing)} questions are not answered, as {[told(one) for one in missing[:3]]}")
    wrong = [one for one in answered if not one.is_right]
    found.must(not wrong, f"{len(wrong)} answers name another cause, as {[(told(one), one.answer.cause) for one in wrong[:3]]}")
    left = [id for id, body in kept.items() if body]
    found.must(not left, f"{len(left)} questions wait in the state file")


def told(question) -> str:
    cards = [card.text[:160] for card in question.cards]
    return f"{question.platform} {question.kind} {question.text!r} {question.id} acknowledged: {question.acknowledgement} cards: {cards}"


def of_events(found: Figures, day: Day, state):
    kept = {row["id"]: row["waits"] for row in state.execute("SELECT id, waits FROM events")}
    lost = day.alarms.ids - set(kept)
    threads = state.execute("SELECT owner, cause, tasks FROM threads").fetchall()
    tasks = sum(row["tasks"] for row in threads)
    dead = sorted(set(day.queue.dead()))
    found.tell("events, sent twice", f"{len(day.alarms.ids)}, {len(day.alarms.twice)}")
    found.tell("kept", len(day.alarms.ids) - len(lost))
    found.tell("tasks that failed, counted in threads", f"{day.alarms.failed}, {tasks}")
    found.tell("threads", len(threads))
    found.must(not lost, f"{len(lost)} events are lost")
    waits = [id for id, waiting in kept.items() if waiting]
    found.must(not waits, f"{len(waits)} events wait for somebody to deal with them")
    found.must(not day.queue.left(), f"{day.queue.left()} messages are left in the queue")
    found.must(tasks == day.alarms.failed, f"{tasks} tasks are counted in threads, and {day.alarms.failed} failed")
    found.must(dead == sorted(day.alarms.unreadable), f"the dead letters are {dead}")
    wanted = Counter((f"{cluster}/{owner.replace(':', '/')}", cause) for cluster, owner, cause in day.alarms.threads)
    there = Counter(("/".join(row["owner"].split("/")[-3:]), row["cause"]) for row in threads)
    found.must(there == wanted, f"threads that should not be: {list((there - wanted).items())[:5]}, missing: {list((wanted - there).items())[:5]}")


def of_cards(found: Figures, day: Day):
    doubled = {chat.name: doubles(chat) for chat in (day.slack, day.discord)}
    strays, twice = [], []
    for room in day.rooms:
        belong = Counter(card.id for one in day.questions if one.room is room for card in one.cards)
        strays += [card for card in room.all() if card.id not in belong]
        strays += room.chat.thinking(room.channel)
    twice = [one for one in day.questions if len(one.cards) > 1]
    cards = {cluster: room.all() for cluster, room in day.alerts.items()}
    said = sum(len(all) for all in cards.values())
    found.tell("cards of alerts", said)
    extra = sum(len(one.cards) - 1 for one in twice)
    found.tell("cards doubled", extra + sum(doubled.values()) + max(0, said - len(day.alarms.threads)))
    found.must(not any(doubled.values()), f"messages stand twice: {doubled}")
    found.must(not twice, f"{len(twice)} questions have two answers, as {[told(one) for one in twice[:2]]}")
    kept = [getattr(card, "text", card) for card in strays]
    found.must(not strays, f"{len(strays)} messages answer nothing, as {json.dumps(kept[:3])[:600]}")
    for cluster, all in cards.items():
        wanted = sorted(day.alarms.of(cluster).values())
        there = sorted(alarms.counted(card) for card in all)
        found.must(there == wanted, f"the cards about `{cluster}` count {there}, and should count {wanted}")
    refused = [str(one) for chat in (day.slack, day.discord) for one in chat.refusals() if "invalid" in str(one).lower()]
    found.must(not refused, f"a platform refused {len(refused)} messages, as {refused[:2]}")


def doubles(chat) -> int:
    """Messages of the same key beyond the first."""
    if chat.name == "slack":
        return sum(count - 1 for count in chat.fake.doubled().values())
    keys = Counter(message["_nonce"] for one in chat.fake.channels.values() for message in one.messages if message.get("_nonce"))
    return sum(count - 1 for count in keys.values())
