"""What AWS tells over the queue becomes one thread a cause and service, and not one message a task. The queue is SQS, as moto plays it; ECS and
the rest of the account are those of `tests/crowd`."""

import json
import re
import sqlite3
import time
from datetime import datetime, timedelta, timezone

import pytest
from conftest import PLENTY, channel
from load import alarms, aws, events

DAY, HOUR = 86_400, 3600
# A card is edited not more often than every 20 seconds, and a busy machine is slow.
EDITED = 90


@pytest.fixture(scope="module")
def account():
    with aws.served("--tasks", "1000", "--latency-ms", "5") as served:
        yield served


@pytest.fixture(scope="module")
def stopped(account):
    """All tasks that stopped, by whose they are and why."""
    found = {}
    for task, group in account.stopped(1000):
        found.setdefault((group["owner"].split(":")[1], group["cause"]), []).append(task)
    return found


class Alerts:
    """A bot that is told over a queue, and a room in which it says so."""

    def __init__(self, account, queue, chat, room, bot):
        self.account, self.queue, self.chat, self.room, self.bot = account, queue, chat, room, bot

    def tell(self, *bodies: str):
        self.queue.send(list(bodies))

    def cards(self, count: int, says: str = "", seconds: float = EDITED) -> list:
        """So many cards, once so many say this; nothing else may stand there."""

        def there():
            said = [card for card in self.room.all() if says in card.text]
            return said if len(said) >= count else None

        found = self.room.until(there, seconds, f"{count} cards with {says!r}")
        assert len(self.room.all()) == len(found) == count, [card.text for card in self.room.all()]
        return found

    def until(self, says: str, seconds: float = EDITED):
        """The card that says this, others beside it or not."""
        return self.room.until(lambda: next((card for card in self.room.all() if says in card.text), None), seconds, says)

    def metric(self, name: str) -> int:
        """How many events had this fate."""
        found = re.search(rf'^ecs_why_bot_events_total{{name="{name}"}} (\d+)', self.bot.get("/metrics")[1], re.M)
        return int(found[1]) if found else 0

    def wait_metric(self, name: str, count: int, seconds: float = EDITED):
        end = time.monotonic() + seconds
        while self.metric(name) < count:
            assert time.monotonic() < end, f"{name}: {self.metric(name)} and not {count}; {self.bot.log()[-1500:]}"
            time.sleep(0.1)

    def wait_drained(self, seconds: float = EDITED):
        end = time.monotonic() + seconds
        while self.queue.left():
            assert time.monotonic() < end, f"{self.queue.left()} messages are left"
            time.sleep(0.2)


@pytest.fixture
def alerts(account, make_chat, make_bot):
    """`alerts(kind)`; more: what stands in the configuration of the room; `limits`, `alerts`: of the file."""

    def make(kind: str = "slack", limits: dict | None = None, dead_letters: bool = True, **more) -> Alerts:
        queue = aws.Queue(account, f"alerts-{time.time_ns()}")
        chat = make_chat(kind)
        room = chat.room()
        environment = {
            "AWS_ACCESS_KEY_ID": account.told["credentials"]["access_key_id"],
            "AWS_SECRET_ACCESS_KEY": account.told["credentials"]["secret_access_key"],
        }
        tables = {
            "aws": {"region": account.region, "endpoint-url": account.url},
            "channel": [channel(room, clusters=account.told["clusters"], alerts=True, **more)],
            "alerts": {"queue-url": queue.url, "region": account.region} | ({"dead-letter-url": queue.dead_url} if dead_letters else {}),
            "limits": PLENTY | (limits or {}),
        }
        bot = make_bot([chat], tables, start=False)
        bot.environment |= environment
        bot.start()
        chat.connected()
        return Alerts(account, queue, chat, room, bot)

    return make


def test_one_card_a_cause_and_service_counts_all_of_its_tasks(alerts, stopped):
    here = alerts()
    images, secrets = stopped["storefront", "image-tag-not-found"], stopped["payments", "secret-access-denied"]
    here.tell(*map(events.stopped, images[:12] + secrets[:5]))
    here.until("12 tasks stopped")
    cards = {card.cause[0]: card for card in here.cards(2)}
    assert set(cards) == {"image-tag-not-found", "secret-access-denied"}
    assert alarms.counted(cards["secret-access-denied"]) == 5
    assert all("FAILED: " in card.title for card in cards.values())
    # More of the same are counted where it stands.
    here.tell(*map(events.stopped, images[12:20]))
    here.until("20 tasks stopped")
    assert len(here.room.all()) == 2


def test_what_the_queue_delivers_twice_is_one(alerts, stopped):
    here = alerts()
    told = [events.stopped(task) for task in stopped["catalog", "image-tag-not-found"][:4]]
    here.tell(*told, *told, told[0])
    here.wait_metric("again", 5)
    here.cards(1, "4 tasks stopped")
    here.wait_drained()


def test_stops_that_somebody_wanted_are_silent(alerts, stopped):
    here = alerts()
    wanted = stopped["billing", "stopped-by-user"] + stopped["reports", "replaced-by-deployment"] + stopped["billing", "scaled-in"]
    here.tell(*map(events.stopped, wanted))
    here.tell(events.stopped(stopped["storefront", "image-tag-not-found"][0]))
    here.wait_drained()
    here.cards(1, "One task stopped")
    time.sleep(2)
    assert [card.cause[0] for card in here.room.all()] == ["image-tag-not-found"]


def test_a_recovery_closes_the_thread_and_what_fails_soon_after_opens_it_again(alerts, stopped):
    here = alerts()
    task, again, *_ = sorted(stopped["payments", "secret-access-denied"], key=lambda one: float(one["stoppedAt"]))
    at = float(task["stoppedAt"])
    here.tell(events.stopped(task))
    here.cards(1, "One task stopped")
    here.tell(events.action(task, "SERVICE_STEADY_STATE", at + 30))
    (card,) = here.cards(1, "well again")
    assert "steady state" in card.text and "Over: " in card.title
    here.tell(events.stopped(again, at + 60))
    (card,) = here.cards(1, "failed again soon after it was well")
    assert "Over: " not in card.title and "2 tasks stopped" in card.text


def test_a_deployment_that_is_rolled_back_and_one_that_completes_are_told(alerts, stopped):
    here = alerts()
    task = stopped["orders", "application-error"][0]
    at = float(task["stoppedAt"])
    here.tell(events.stopped(task))
    here.cards(1, "One task stopped")
    reason = "ECS deployment circuit breaker: rolling back to deploymentId ecs-svc/1234567890123456780."
    here.tell(events.deployment(task, "SERVICE_DEPLOYMENT_FAILED", at + 20, reason, "ERROR"))
    here.cards(1, "going back to the deployment before")
    here.tell(events.deployment(task, "SERVICE_DEPLOYMENT_COMPLETED", at + 60, "ECS deployment ecs-svc/1 completed."))
    (card,) = here.cards(1, "well again")
    assert "rolled back" in card.text


def test_in_the_quiet_time_nothing_is_posted_and_all_is_counted(alerts, stopped):
    now = datetime.now(timezone.utc)
    quiet = {"from": f"{now - timedelta(hours=1):%H:%M}", "to": f"{now + timedelta(hours=2):%H:%M}", "zone": "UTC"}
    here = alerts(quiet=quiet)
    here.tell(*map(events.stopped, stopped["storefront", "image-tag-not-found"][:7]))
    here.wait_metric("taken-in", 7)
    here.wait_drained()
    time.sleep(5)
    assert here.room.all() == []
    assert here.bot.stop() == 0
    assert tasks_in_threads(here.bot) == 7


def test_more_cards_than_a_channel_should_get_become_one(alerts, stopped):
    here = alerts(limits={"threads": 2})
    owners = [("storefront", "image-tag-not-found"), ("payments", "secret-access-denied"), ("ingest", "no-egress-route")]
    owners += [("search", "log-group-missing"), ("reports", "out-of-memory")]
    for owner in owners:
        here.tell(*map(events.stopped, stopped[owner][:2]))
    here.until("3 more failures")
    assert len(here.room.all()) == 3, [card.title for card in here.room.all()]


def test_what_nobody_can_read_goes_to_the_dead_letters_and_is_counted(alerts, stopped):
    here = alerts()
    here.tell(*alarms.UNREADABLE, events.stopped(stopped["mailer", "log-group-missing"][0]))
    here.cards(1, "One task stopped")
    here.wait_drained()
    assert sorted(here.queue.dead()) == sorted(alarms.UNREADABLE)
    assert here.metric("unreadable") == here.metric("buried") == len(alarms.UNREADABLE)
    for body in alarms.UNREADABLE:
        assert len(body) < 2 or body not in here.bot.log()


def test_where_no_dead_letters_are_named_the_queue_keeps_what_nobody_can_read(alerts, stopped):
    here = alerts(dead_letters=False)
    here.tell("not JSON at all", events.stopped(stopped["mailer", "log-group-missing"][1]))
    here.cards(1, "One task stopped")
    here.wait_metric("unreadable", 1)
    assert here.queue.left() == 1 and here.metric("buried") == 0


def test_other_events_and_other_clusters_are_nobodys_business(alerts, stopped):
    here = alerts()
    task = stopped["storefront", "image-tag-not-found"][0]
    elsewhere = json.loads(json.dumps(task).replace("/prod", "/secret-cluster"))
    running = task | {"lastStatus": "RUNNING"}
    told = json.loads(events.stopped(task)) | {"source": "aws.ec2", "id": "another"}
    here.tell(events.stopped(elsewhere), events.stopped(running), json.dumps(told), events.action(task, "SERVICE_DESIRED_COUNT_UPDATED", time.time()))
    here.wait_metric("taken-in", 4)
    here.wait_drained()
    time.sleep(2)
    assert here.room.all() == []


def test_the_same_cause_of_before_is_remembered(alerts, stopped):
    here = alerts()
    task = stopped["tracker", "no-egress-route"][0]
    old = events.before(task, 2 * DAY)
    here.tell(events.stopped(old))
    here.cards(1, "One task stopped")
    here.tell(events.deployment(task, "SERVICE_DEPLOYMENT_COMPLETED", float(old["stoppedAt"]) + HOUR, "ECS deployment ecs-svc/1 completed."))
    here.cards(1, "well again")
    here.tell(events.stopped(task))
    card = here.until("he same cause stopped this service")
    assert len(here.room.all()) == 2 and "deployment" in card.text


@pytest.mark.parametrize("kind", ["slack", "discord"])
def test_a_task_that_ecs_has_forgotten_is_answered_from_the_state_file(alerts, stopped, kind):
    here = alerts(kind)
    old = events.before(stopped["catalog", "image-tag-not-found"][0], 5 * HOUR)
    here.tell(events.stopped(old))
    here.cards(1, "One task stopped")
    cluster, id = old["taskArn"].split("/")[-2:]
    for text in (f"{cluster}/{id}", id):
        card = here.room.slash(text).answer(id[:12])
        assert card.cause and card.cause[0] == "image-tag-not-found", card.text


def test_a_process_that_is_killed_goes_on_where_it_was(alerts, stopped):
    here = alerts()
    told = [events.stopped(task) for task in stopped["storefront", "image-tag-not-found"][:20]]
    for place, body in enumerate(told):
        here.tell(body)
        if place % 7 == 3:
            here.bot.kill()
            here.bot.start()
    here.until("20 tasks stopped", 2 * EDITED)
    assert len(here.room.all()) == 1


def tasks_in_threads(bot) -> int:
    """As the state file has it, once the bot has ended."""
    with sqlite3.connect(f"file:{bot.folder / 'state.sqlite'}?mode=ro", uri=True) as state:
        return state.execute("SELECT coalesce(sum(tasks), 0) FROM threads").fetchone()[0]
