"""The fleet checks pass a fleet that keeps the contract, and catch one that breaks it, check by check."""

from concurrent.futures import Future
from dataclasses import replace

import pytest

from automl.errors import OptionError
from automl.plugin_api import FleetSpec, Machine
from automl.testing import _fleets, fleet_checks, parametrize_with_fleet_checks


def done(function, *arguments):
    future = Future()
    try:
        future.set_result(function(*arguments))
    except Exception as error:
        future.set_exception(error)
    return future


class OneMachine:
    """This process is the only machine, and does what it is asked for at once."""

    def __init__(self, request):
        self.request = request

    def open(self):
        if self.request.address:
            raise OptionError(f"Nobody answers at {self.request.address!r}. Expected a cluster: start one.")

    def machines(self):
        return {"one": Machine("one", "here", 2)}

    def call(self, machine, function, *arguments):
        if machine != "one":
            raise LookupError(machine)
        return self.done(function, *arguments)

    def done(self, function, *arguments):
        if function is _fleets._sleep:
            return done(lambda: None)
        return done(function, *arguments)

    def spread(self, chunk, write, read, *arguments, there=()):
        return lambda machine: self.call(machine, write, chunk(), *arguments)

    def close(self):
        pass


class ConnectsAtOnce(OneMachine):
    def __init__(self, request):
        super().__init__(request)
        self.open()


class SaysNothing(OneMachine):
    def open(self):
        if self.request.address:
            raise ConnectionError


class CallsThemOtherwise(OneMachine):
    def machines(self):
        return {"one": Machine("two", "here", 2)}


class AddsOne(OneMachine):
    def done(self, function, *arguments):
        return done(lambda: (1, 43))


class Raises(OneMachine):
    def done(self, function, *arguments):
        future = Future()
        future.set_result(function(*arguments))
        return future


class OneAfterAnother(OneMachine):
    def done(self, function, *arguments):
        return done(function, *arguments)


class LosesHalf(OneMachine):
    def spread(self, chunk, write, read, *arguments, there=()):
        return lambda machine: self.call(machine, write, chunk()[::2], *arguments)


class WaitsForAnybody(OneMachine):
    def call(self, machine, function, *arguments):
        return super().call(machine, function, *arguments) if machine == "one" else Future()


class ClosesOnce(OneMachine):
    closed = False

    def close(self):
        if self.closed:
            raise RuntimeError("closed")
        self.closed = True


RIGHT = FleetSpec("right", OneMachine)
WRONG = {
    "check_name": replace(RIGHT, name="a:b"),
    "check_install": replace(RIGHT, requires=("no_such_library",)),
    "check_build_does_not_connect": FleetSpec("wrong", ConnectsAtOnce),
    "check_nobody_there_is_told": FleetSpec("wrong", SaysNothing),
    "check_machines_are_described": FleetSpec("wrong", CallsThemOtherwise),
    "check_functions_run": FleetSpec("wrong", AddsOne),
    "check_exceptions_are_values": FleetSpec("wrong", Raises),
    "check_short_calls_are_not_held_up": FleetSpec("wrong", OneAfterAnother),
    "check_chunks_reach_every_machine": FleetSpec("wrong", LosesHalf),
    "check_an_unknown_machine_fails": FleetSpec("wrong", WaitsForAnybody),
    "check_closing_is_quiet": FleetSpec("wrong", ClosesOnce),
}


@parametrize_with_fleet_checks([RIGHT])
def test_a_right_fleet_passes(check):
    check()


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_fleet_is_caught(name, monkeypatch):
    monkeypatch.setattr(_fleets, "SOON", 0.3)
    monkeypatch.setattr(_fleets, "LONG_SECONDS", 0.1)
    monkeypatch.setattr(_fleets, "SHORT_SECONDS", -1.0 if "short" in name else 1.0)
    with pytest.raises(Exception, match=r".*"):  # an AssertionError, or what the fleet itself raises
        dict(fleet_checks(WRONG[name]))[name]()


def test_every_check_has_a_wrong_fleet():
    assert {check.__name__ for check in _fleets.CHECKS} == {*WRONG, "check_import_is_light"}


def test_a_fleet_that_finds_no_cluster_is_not_blamed():
    closed = FleetSpec("closed", lambda request: OneMachine(replace(request, address="x")))
    with pytest.raises(_fleets.SkipTest, match="no cluster to check with"):
        dict(fleet_checks(closed))["check_functions_run"]()
