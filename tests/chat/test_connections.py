"""Platforms that break, are slow, lose answers or want the bot to wait; a bot that is killed or told to end: one card a question, whatever happens."""

import threading
import time

import incidents
import pytest
from conftest import KINDS, channel
from rooms import PATIENCE

ROLE = incidents.named("execution-role-renamed")
ASKED = "prod/identity"


@pytest.fixture(params=KINDS)
def own(request, make_chat, make_bot):
    """A bot of the test's own over one incident, with one room: what is killed is nobody else's."""
    chat = make_chat(request.param)
    room = chat.room()
    tables = {"channel": [channel(room, clusters=["prod"])], "recorded": {"evidence": [str(ROLE.file)]}}
    one = make_bot([chat], tables)
    chat.connected()
    return one, chat, room


def one_card(room, seconds: float = PATIENCE):
    """The answer stands there, once, and a while later still once."""
    card = room.until(lambda: next((one for one in room.cards() if one.outcome == "failed"), None), seconds, "the answer")
    time.sleep(0.5)
    assert len(room.all()) == 1, [one.title for one in room.all()]
    assert not room.chat.thinking(room.channel), "something is deferred and never answered"
    return card


# What the platform does


@pytest.mark.parametrize("how", ["429", "500", "lost", "cut"])
def test_a_post_that_goes_wrong_is_one_card(served, room, how):
    served.chat.disturb("post", how, times=2, **({"wait": 1.0} if how == "429" else {}))
    asked = room.slash(ASKED)
    assert asked.acknowledged() < 3
    one_card(room)


@pytest.mark.parametrize("how", ["429", "500", "lost"])
def test_an_edit_that_goes_wrong_is_made_in_the_end(served, room, how):
    card = room.slash(ASKED).answer()
    served.chat.disturb("edit", how, times=1, **({"wait": 1.0} if how == "429" else {}))
    told = room.press(card, "Check again").answer()
    assert told.id == card.id and len(room.all()) == 1


@pytest.mark.parametrize("how", ["renew", "abort"])
def test_after_a_lost_connection_it_hears_again(served, room, how):
    if served.chat.name == "slack" and served.chat.http:
        pytest.skip("over HTTP there is no connection")
    served.chat.lose(how)
    served.chat.back()
    served.bot.wait_ready()
    assert room.slash(ASKED).acknowledged() < 3
    one_card(room)


@pytest.mark.parametrize("how", ["close", "invalid", "zombie"])
def test_discord_may_end_a_session_as_it_likes(served, room, how):
    if served.chat.name != "discord":
        pytest.skip("a gateway is Discord's")
    served.chat.lose(how)
    served.chat.back()
    served.bot.wait_ready()
    assert room.slash(ASKED).acknowledged() < 3
    one_card(room)


def test_what_was_said_while_the_connection_was_lost_is_heard_after_it(served, room):
    served.chat.lose("abort" if served.chat.name == "discord" or not served.chat.http else "")
    room.mention("why is prod/identity failing")
    one_card(room)


def test_many_at_once_are_all_acknowledged_in_time(served, room):
    asked = [room.slash(ASKED, user=f"p{number}") for number in range(30)]
    waits = sorted(one.acknowledged() for one in asked)
    print(f"{served.chat.name}: acknowledged in {waits[15] * 1000:.0f} ms (median), {waits[-1] * 1000:.0f} ms (longest)")
    assert waits[-1] < 3
    room.until(lambda: len([one for one in room.cards() if one.outcome == "failed"]) == 30, 60, "thirty cards")


def test_where_the_bot_may_not_write_it_answers_who_asked(make_chat, make_bot):
    chats = [make_chat("slack"), make_chat("discord")]
    rooms = [chat.room(member=False) for chat in chats]
    tables = {"channel": [channel(room, clusters=["prod"]) for room in rooms], "recorded": {"evidence": [str(ROLE.file)]}}
    make_bot(chats, tables)
    for chat, room in zip(chats, rooms):
        chat.connected()
        asked = room.slash(ASKED)
        assert asked.acknowledged() < 3
        room.until(lambda: next((one for one in room.all() + room.whispers() if one.outcome == "failed"), None), what="the answer")
        assert len(room.all() + room.whispers()) == 1


# What happens to the bot


@pytest.mark.parametrize("moment", ["before", "after"])
def test_killed_while_it_answers_it_says_it_once_after_the_restart(own, moment):
    bot, chat, room = own
    # Before: what it says does not arrive. After: it has arrived, and the bot never hears so.
    chat.disturb("post", *(("500",) if moment == "before" else ("held",)), times=0 if moment == "before" else 1, wait=20)
    asked = room.mention(f"why is {ASKED} failing")
    if moment == "before":
        room.until(lambda: chat.tried("post"), what="a try to say it")
    else:
        room.until(lambda: room.all(), what="the card")
    bot.kill()
    chat.calm()
    bot.start()
    one_card(room, 60)
    assert asked.room is room


def test_killed_again_and_again_it_still_says_each_answer_once(own):
    bot, chat, room = own
    for number in range(3):
        for person in range(3):
            room.mention(f"why is {ASKED} failing", user=f"k{number}{person}")
        time.sleep(0.05 * (number + 1))
        bot.kill()
        bot.start()
        chat.connected()
    heard = 9
    if chat.name == "discord":
        # What is said while nobody listens is not told again there: only what reached a process counts.
        time.sleep(3)
        heard = int(next(line.split()[-1] for line in [*bot.get("/metrics")[1].splitlines(), "0"] if "heard_total" in line or line == "0"))
    cards = lambda: [one for one in room.cards() if one.outcome == "failed"]  # noqa: E731
    room.until(lambda: len(cards()) >= (heard if chat.name == "slack" else 1), 90, "all answers")
    time.sleep(1)
    assert len(cards()) <= 9 and len(room.all()) == len(cards())
    threads = [one.thread or (one.raw.get("message_reference") or {}).get("message_id") for one in cards()] if chat.name == "discord" else [one.thread for one in cards()]
    assert len(threads) == len(set(threads)), "a question has two answers"


def test_told_to_end_it_ends_what_it_is_at(own):
    bot, chat, room = own
    chat.disturb("post", "slow", times=1, wait=2)
    asked = room.slash(ASKED)
    assert asked.acknowledged() < 3
    ended = threading.Thread(target=bot.stop)
    ended.start()
    one_card(room)
    ended.join(40)
    assert bot.status == 0, bot.log()[-600:]


def test_a_second_one_with_the_same_state_ends_and_says_why(own):
    bot, chat, _ = own
    second = bot.run("run")
    assert second.returncode == 70 and "state" in second.stderr, second.stderr[-500:]
    assert bot.is_ready()
    assert not [secret for secret in chat.secrets() if secret in second.stderr + second.stdout]
