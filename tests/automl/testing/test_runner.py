"""What the kit does with failures: listing them, expecting them, and making tests of them."""

from unittest import SkipTest

import pytest

from automl.errors import OptionError, PluginError
from automl.testing import checks_of, metric_checks
from automl.testing._runner import Kit, concerns, expect
from tests.automl.testing.toy_plugins import ACCURACY

SPEC = ACCURACY


def check_good(spec):
    expect(spec.name, "no name")


def check_poor(spec):
    expect(False, "it is poor\nand this line is left out")


def check_broken(spec):
    raise KeyError("lost")


def check_unclear(spec):
    raise SkipTest("nobody can tell")


@concerns(lambda spec: spec.name == "other")
def check_others(spec):
    raise AssertionError("not for this spec")


KIT = Kit("toy", (check_good, check_poor, check_broken, check_unclear, check_others))


def test_one_error_lists_every_failure_with_its_first_line():
    with pytest.raises(PluginError) as caught:
        KIT.run(SPEC)
    assert str(caught.value).splitlines() == [
        "The toy 'accuracy' breaks the contract in 2 of 4 checks:",
        "  check_poor: it is poor",
        "  check_broken: KeyError: 'lost'",
    ]


def test_expected_failures_are_no_failures():
    KIT.run(SPEC, {"check_poor": "it is cheap", "check_broken": "known"})


def test_an_expected_failure_that_passes_is_a_failure():
    expected = {"check_poor": "it is cheap", "check_broken": "known", "check_good": "once bad"}
    with pytest.raises(PluginError, match="check_good: passed, although it was expected to fail: once bad"):
        KIT.run(SPEC, expected)


@pytest.mark.parametrize("call", [KIT.run, lambda spec, expected: KIT.parametrize([spec], expected)])
def test_expecting_an_unknown_check_to_fail_is_an_error_with_the_nearest_name(call):
    with pytest.raises(OptionError, match="Did you mean 'check_poor'"):
        call(SPEC, {"check_por": "typo"})


def test_checks_become_pytest_parameters_with_readable_ids_and_strict_expectations():
    params = KIT.parametrize([SPEC], {"check_poor": "it is cheap"}).args[1]
    names = [param.id for param in params]
    assert names == ["accuracy-check_good", "accuracy-check_poor", "accuracy-check_broken", "accuracy-check_unclear"]
    marks = {param.id: param.marks for param in params}
    assert not marks["accuracy-check_good"]
    (mark,) = marks["accuracy-check_poor"]
    assert (mark.name, mark.kwargs) == ("xfail", {"strict": True, "reason": "it is cheap"})


@KIT.parametrize([SPEC], {"check_poor": "it is cheap", "check_broken": "known"})
def test_the_decorator_runs_each_check(check):
    check()


def test_the_kind_of_a_spec_decides_its_checks():
    assert [name for name, _ in checks_of(ACCURACY)] == [name for name, _ in metric_checks(ACCURACY)]


def test_what_is_no_spec_is_refused():
    with pytest.raises(PluginError, match="expected a spec, such as ModelSpec"):
        next(checks_of("accuracy"))
