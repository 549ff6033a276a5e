"""An executor over a fleet keeps the contract of executors, and travels with what only a script knows."""

from pathlib import Path
from types import ModuleType

import pytest

from automl.errors import OptionError
from automl.fleet.find_executor import find_executor, modules_by_value, needs_of
from automl.plugin_api import ExecutorSpec, FleetSpec, hookimpl
from automl.registry import discover
from automl.testing import executor_checks
from tests.fleets import FakeCluster, FakeFleet, OffersFake


def build(request):
    """Build the executor over a cluster of one machine with two slots."""
    FakeCluster("kit", Path(request.folder), "a", cores=2, memory_mb=None)
    return find_executor(discover([OffersFake()]), "fake:kit").build(request)


CHECKS = dict(executor_checks(ExecutorSpec("fleet", build)))
QUICK = ("check_exceptions_are_values", "check_what_was_put_is_fetched_until_it_is_discarded")


@pytest.mark.parametrize("name", QUICK)
def test_it_keeps_the_contract(name):
    CHECKS[name]()


@pytest.mark.long
@pytest.mark.parametrize("name", [name for name in CHECKS if name not in QUICK])
def test_it_keeps_the_whole_contract(name):
    CHECKS[name]()


class Lacking:
    @hookimpl
    def automl_fleets(self):
        return [FleetSpec("lacking", FakeFleet, requires=("no_such_library",), install="pip install it")]


def test_a_fleet_whose_library_is_missing_is_refused_with_the_command_that_brings_it():
    registry = discover([Lacking()])
    with pytest.raises(OptionError, match=r"executor='lacking:x' cannot be used.*no_such_library.*run: pip install it"):
        find_executor(registry, "lacking:x")


def test_modules_of_a_script_travel_by_value_and_installed_packages_do_not():
    registry = discover([OffersFake()])
    modules = list(modules_by_value(registry))
    assert all(isinstance(module, ModuleType) for module in modules)
    assert [module.__name__ for module in modules] == ["tests.fleets"]


def test_what_machines_need_is_what_models_require():
    needs = needs_of(discover())
    assert needs.models["lightgbm"] == ("lightgbm",)
    assert "lightgbm" in needs.modules
    assert not needs.besides
