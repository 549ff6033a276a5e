"""`automl check-plugin`: the contract of a plugin, check by check."""

from unittest import SkipTest

import numpy as np
import pluggy
import pytest
from typer.testing import CliRunner

from automl.cli import app
from automl.cli.check_plugin import check_offers, outcome_of
from automl.plugin_api import MetricSpec, TaskKind, hookimpl, hookspecs
from automl.registry import GROUP, Registry
from tests.automl.cli.running import run


@pytest.fixture
def registry_with_a_wrong_metric():
    """A registry with one plugin, whose metric claims that greater is better for an error."""
    manager = pluggy.PluginManager(GROUP)
    manager.add_hookspecs(hookspecs)
    registry = Registry(manager)
    registry.add("wrong", WrongPlugin())
    return registry


def absolute_error(target, predictions, weights=None):
    return float(np.average(np.abs(np.asarray(target) - predictions), weights=weights))


class WrongPlugin:
    """Offers a metric with the wrong direction."""

    @hookimpl
    def automl_metrics(self):
        return [MetricSpec("wrong", absolute_error, True, 0.0, "values", frozenset({TaskKind.REGRESSION}))]


def test_check_plugin_names_the_checks_that_fail_and_why(registry_with_a_wrong_metric):
    plugin = registry_with_a_wrong_metric.plugins[0]
    found = {
        label: (status, reason)
        for label, status, reason in check_offers(registry_with_a_wrong_metric, plugin, frozenset())
    }
    assert found["loads"] == ("ok", "")
    status, reason = found["metric wrong: check_worse_predictions_score_worse"]
    assert status == "FAILED"
    assert reason


def test_a_failure_that_was_expected_is_no_failure_and_an_expected_one_that_passes_is(registry_with_a_wrong_metric):
    plugin = registry_with_a_wrong_metric.plugins[0]
    expected = frozenset({"check_worse_predictions_score_worse", "check_inputs_stay_unchanged"})
    checked = check_offers(registry_with_a_wrong_metric, plugin, expected)
    found = {label.split(": ")[-1]: status for label, status, _ in checked}
    assert found["check_worse_predictions_score_worse"] == "expected"
    assert found["check_inputs_stay_unchanged"] == "FAILED"


def test_a_check_that_this_machine_cannot_make_is_skipped():
    def check():
        raise SkipTest("there is no GPU")

    assert outcome_of(check) == ("skipped", "there is no GPU")


def test_check_plugin_passes_a_plugin_that_watches_or_decides():
    assert "1 ok" in run("check-plugin", "stopping")


def test_check_plugin_fails_a_plugin_that_cannot_be_loaded(monkeypatch):
    monkeypatch.setenv("AUTOML_DISABLE_PLUGINS", "stopping")
    result = CliRunner().invoke(app, ["check-plugin", "stopping"])
    assert result.exit_code == 1
    assert "disabled by the environment" in result.stdout
