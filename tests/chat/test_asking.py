"""What somebody asks in a channel gets one card there, by each way of asking, on each platform."""

import json

import incidents
import pytest

IMAGE = incidents.named("image-tag-missing")
ROLE = incidents.named("execution-role-renamed")
ROUTE = incidents.named("no-way-out")
LIMIT = 3.0  # both platforms': an acknowledgement after that is none
PASTED = "CannotPullContainerError: failed to resolve ref docker.io/library/web:v9: docker.io/library/web:v9: not found"


def task_of(incident) -> str:
    return incident.target.rsplit("/", 1)[-1]


def answers(card, incident):
    """The card says what the recording expects."""
    assert card.outcome == incident.expected["outcome"], card.text
    roots = incident.expected["root"]
    assert not roots or (card.cause and card.cause[0] in roots), f"{card.cause}: {card.text}"


def in_time(asked):
    assert asked.acknowledged() < LIMIT


# By each way


@pytest.mark.parametrize("words", ["{target}", "prod/identity", "{id}", "{begin}", "why did task {id} stop"])
def test_a_command_is_answered_with_one_card(room, words):
    incident = ROLE if "identity" in words else IMAGE
    asked = room.slash(words.format(target=incident.target, id=task_of(incident), begin=task_of(incident)[:8]))
    in_time(asked)
    answers(asked.answer(), incident)
    assert len(room.all()) == 1
    assert not room.whispers()


def test_a_mention_is_answered_in_the_thread_of_the_question(room):
    asked = room.mention(f"why did task {task_of(IMAGE)} stop?")
    if room.chat.acknowledges_words:
        in_time(asked)
    card = asked.answer()
    answers(card, IMAGE)
    (question,) = [one for one in room.chat.questions(room.channel)]
    assert room.chat.is_reply(card, question)
    assert len(room.all()) == 1


def test_a_question_in_a_thread_is_answered_there(room):
    first = room.mention("help")
    first.answer("stop")
    thread = room.chat.open_thread(room.channel)
    asked = room.mention("and what happened to identity in prod", thread=thread)
    card = asked.answer("identity")
    answers(card, ROLE)
    assert room.chat.is_in_thread(card, thread)


def test_a_direct_message_is_answered(served):
    room = served.chat.direct("dora")
    asked = room.words("hi, why is prod/identity failing?")
    answers(asked.answer("identity"), ROLE)
    assert asked.answer("identity").buttons


@pytest.mark.parametrize("words", [f"why? {PASTED}", PASTED, f"```\n{PASTED}\n```"])
def test_a_pasted_reason_is_explained(room, words):
    card = room.mention(words).answer()
    assert card.cause and card.cause[0] == "image-tag-not-found", card.text
    assert "Check again" not in card.buttons and "Evidence" in card.buttons


def test_pasted_json_is_explained(room):
    task = {
        "taskArn": "arn:aws:ecs:eu-west-1:111122223333:task/elsewhere/0123456789abcdef0123456789abcdef",
        "lastStatus": "STOPPED",
        "stopCode": "TaskFailedToStart",
        "stoppedReason": PASTED,
        "containers": [{"name": "web", "image": "docker.io/library/web:v9"}],
    }
    event = {"detail-type": "ECS Task State Change", "source": "aws.ecs", "detail": task}
    for text in (json.dumps(event), json.dumps({"tasks": [task]}, indent=1)):
        card = room.mention(text).answer("FAILED")
        assert card.cause and card.cause[0] == "image-tag-not-found", card.text


def test_a_console_link_is_read(room):
    region, cluster = IMAGE.target.split(":")[3], IMAGE.target.split("/")[1]
    link = f"https://{region}.console.aws.amazon.com/ecs/v2/clusters/{cluster}/tasks/{task_of(IMAGE)}/configuration?region={region}"
    written = f"<{link}>" if room.chat.name == "slack" else link
    answers(room.mention(f"what happened here {written}").answer(), IMAGE)


def test_without_words_the_command_tells_what_fails_now(room):
    asked = room.slash("")
    in_time(asked)
    card = asked.answer("identity")
    assert "catalog" in card.text or "ingest" in card.text
    assert "hidden" not in json.dumps(room.chat.sent()[-1]), "a cluster of others"
    label = next(iter(card.buttons))
    below = room.press(card, label)
    in_time(below)
    assert below.answer("FAILED").outcome == "failed"
    assert room.cards()[0].text == card.text, "what fails now stands as it stood"


def test_plain_words_tell_what_fails_in_a_cluster(room):
    card = room.mention("anything failing in prod-eu?").answer("invoices")
    assert "identity" not in card.text


# What is not clear


def test_what_may_mean_two_things_is_chosen_by_a_button(room):
    asked = room.slash("invoices")
    in_time(asked)
    card = asked.answer("which")
    assert card.outcome is None and {"prod/invoices", "prod-eu/invoices"} <= set(card.buttons), card.buttons
    chosen = room.press(card, "prod-eu/invoices")
    in_time(chosen)
    told = chosen.answer("FAILED")
    assert "prod-eu/invoices" in told.text
    assert told.id == card.id and len(room.all()) == 1, "the answer takes the question's place"


def test_what_has_another_name_is_told_apart_and_never_guessed(room):
    card = room.slash("prod/idendity").answer()
    assert card.outcome is None, card.text
    assert "prod/identity" in card.buttons, card.text
    answers(room.press(card, "prod/identity").answer("FAILED"), ROLE)


@pytest.mark.parametrize("words", ["help", "hello there, nice weather today", "who is on call tomorrow", "?!?"])
def test_what_cannot_be_read_gets_examples(room, words):
    card = room.mention(words).answer("0123abcd")
    assert card.outcome is None and len(room.all()) == 1


def test_names_are_completed_and_none_of_others(room):
    card = room.mention("hello there").answer("0123abcd") if room.chat.name == "slack" else None
    assert "prod/identity" in room.suggest("ident", card=card)
    everything = room.suggest("", card=card) + room.suggest("h", card=card) + room.suggest("hidden", card=card)
    assert "prod-eu/invoices" in everything
    assert not [name for name in everything if "hidden" in name]
    assert len(room.suggest("p", card=card)) <= 25


# What can be pressed


def test_evidence_and_fixes_are_told_beside_the_card(room):
    card = room.slash(IMAGE.target).answer()
    assert set(card.buttons) == {"Evidence", "Fix", "Check again", "Wrong?"}
    asked = room.press(card, "Evidence")
    in_time(asked)
    evidence = asked.answer("ecr:")
    fix = room.press(card, "Fix").answer("aws ")
    assert len({card.id, evidence.id, fix.id}) == 3 and evidence.thread and fix.thread
    assert next(one for one in room.all() if one.id == card.id).edits == card.edits, "the card itself stays"


def test_checking_again_says_what_changed_in_the_place_of_the_card(room):
    card = room.slash("prod/identity").answer()
    asked = room.press(card, "Check again")
    in_time(asked)
    told = asked.answer()
    answers(told, ROLE)
    assert told.id == card.id and told.edits > card.edits and len(room.all()) == 1
    assert "chang" in told.text.lower() or "same" in told.text.lower(), told.text
    assert told.buttons.keys() == card.buttons.keys()
    answers(room.press(told, "Check again").answer(), ROLE)


def test_what_is_called_wrong_becomes_a_case_without_names(served, room):
    card = room.slash(IMAGE.target).answer()
    asked = room.press(card, "Wrong?")
    in_time(asked)
    asked.refused("thank")
    (case,) = [json.loads(one.read_text()) for one in (served.bot.folder / "cases").iterdir() if card.buttons["Wrong?"][6:] in one.name]
    account = IMAGE.target.split(":")[4]
    assert account not in json.dumps(case) and case["replays_alike"], "the evidence is redacted, and still says the same"
    for one in (served.bot.folder / "cases").iterdir():
        one.unlink()


def test_what_is_too_long_becomes_a_file_with_whole_commands(room):
    card = room.slash(ROUTE.target).answer()
    room.press(card, "Evidence").answer("ec2:")
    room.press(card, "Fix").answer("aws ")
    whole = "\n".join([*room.files().values(), *(one.text for one in room.all())])
    for command in ("aws ec2 create-route", "aws ec2 create-vpc-endpoint"):
        assert command in whole or "aws ec2" in whole


# Told twice, and by programs


def test_what_is_delivered_twice_is_one_question(room):
    asked = room.slash("prod/identity")
    asked.answer()
    room.chat.again(asked.delivery)
    later = room.slash("prod/identity")
    later.answer()
    assert len(room.all()) == 2, "the question, and the one after it"


def test_programs_and_chatter_are_not_answered(room):
    room.chat.chatter(room.channel)
    asked = room.mention("help")
    asked.answer("0123abcd")
    assert len(room.all()) == 1
