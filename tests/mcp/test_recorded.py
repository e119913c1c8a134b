"""In every recorded incident the server says what the command line says."""

import evidence
import judge
import pytest
from agreement import agree, of_cli
from server import Program
from wire import over_stdio

INCIDENTS = evidence.recorded()


@pytest.mark.parametrize("incident", INCIDENTS, ids=lambda one: one.name)
def test_it_has_the_outcome_and_the_first_cause_of_the_command_line(binary, cli, incident):
    tool = "check" if incident.is_check else "diagnose"
    # A server for each: services of different accounts have the same names.
    with over_stdio(Program(binary, evidence.options(incident))) as talk:
        told = talk.call(tool, {"target": incident.target})["result"]
    judge.bounded(incident.name, told)
    assert not told.get("isError"), judge.texts(told)
    agree(told["structuredContent"], of_cli(cli, ["--evidence", str(incident.file)], {}))
    assert told["structuredContent"]["outcome"] == incident.expected["outcome"]
