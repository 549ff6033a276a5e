"""Relay: the chunk leaves this machine once, whoever is slow, late or gone."""

from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from automl_builtins.fleets._relay import AT_ONCE, HolderError, Relay


class Links:
    """Transfers that end when they are told to."""

    def __init__(self):
        self.sent, self.passed = [], []

    def send(self, machine):
        self.sent.append((machine, Future()))
        return self.sent[-1][1]

    def pass_on(self, giver, machine):
        self.passed.append((giver, machine, Future()))
        return self.passed[-1][2]


@pytest.fixture
def links():
    return Links()


@pytest.fixture
def relay(links):
    return Relay(links.send, links.pass_on)


def test_the_first_machine_gets_it_from_here_and_all_others_from_machines(links, relay):
    asked = [relay(name) for name in "abcdefgh"]
    links.sent[0][1].set_result("kept")
    for _, _, given in links.passed:
        given.set_result("kept")
    assert [each.result(0) for each in asked] == ["kept"] * 8
    assert [name for name, _ in links.sent] == ["a"]
    assert sorted(name for _, name, _ in links.passed) == list("bcdefgh")


def test_a_machine_serves_few_at_a_time(links, relay):
    for name in "abcdefgh":
        relay(name)
    links.sent[0][1].set_result(None)
    assert [giver for giver, _, _ in links.passed] == ["a"] * AT_ONCE


def test_one_that_comes_late_gets_it_from_a_machine(links, relay):
    relay("a")
    links.sent[0][1].set_result(None)
    relay("late")
    assert [(giver, taker) for giver, taker, _ in links.passed] == [("a", "late")]


def test_where_a_giver_cannot_give_another_is_asked_and_at_last_this_process(links, relay):
    asked = [relay(name) for name in "ab"]
    links.sent[0][1].set_result(None)
    links.passed[0][2].set_exception(HolderError("a is gone"))
    assert [name for name, _ in links.sent] == ["a", "b"]
    links.sent[1][1].set_result("kept")
    assert asked[1].result(0) == "kept"


def test_what_a_machine_itself_raises_is_its_own_and_the_next_one_goes_on(links, relay):
    full, other = relay("full"), relay("other")
    links.sent[0][1].set_exception(OSError("no space left"))
    with pytest.raises(OSError, match="no space"):
        full.result(0)
    links.sent[1][1].set_result(None)
    assert other.result(0) is None


def test_one_that_is_asked_again_does_not_get_it_from_itself(links, relay):
    relay("a")
    links.sent[0][1].set_result(None)
    relay("a")
    assert [name for name, _ in links.sent] == ["a", "a"]


def test_a_transfer_that_cannot_even_begin_is_like_one_that_fails():
    def raises(machine):
        raise ConnectionError(machine)

    with pytest.raises(ConnectionError):
        Relay(raises, Links().pass_on)("a").result(0)


def test_many_that_ask_at_once_from_several_threads_all_get_it():
    with ThreadPoolExecutor(8) as threads:
        sent = []
        relay = Relay(
            lambda machine: sent.append(machine) or threads.submit(str), lambda giver, machine: threads.submit(str)
        )
        asked = [relay(str(number)) for number in range(200)]
        assert [each.result(20) for each in asked] == [""] * 200
    assert len(sent) == 1
