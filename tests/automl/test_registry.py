"""The registry, with real packages on the path."""

import sys
from types import SimpleNamespace

import pandas as pd
import pytest

from automl.errors import OptionError, PluginError
from automl.plugin_api import ColumnKind, SearchProgress, TaskKind, TaskSpec, TrialsFinished, hookimpl
from automl.registry import discover
from tests.automl.packages import FINE_MODEL, write_package
from tests.conftest import quick
from tests.tables import binary_table


@pytest.fixture
def packages(tmp_path, monkeypatch):
    """Write packages that this process and its workers can import; they are forgotten afterwards."""
    written = []
    monkeypatch.syspath_prepend(str(tmp_path))

    def write(name, source, **options):
        written.append(name)
        return write_package(tmp_path, name, source, **options)

    yield write
    for name in written:
        sys.modules.pop(name, None)


def failure_of(registry, name):
    found = [each for each in registry.failures if each.model == name]
    assert len(found) == 1, registry.failures
    return found[0]


def test_the_built_in_plugins_load_without_a_failure_and_say_what_they_offer():
    registry = discover()
    assert registry.failures == []
    assert {"baseline", "linear", "lightgbm"} <= set(registry.models)
    assert registry.records["linear"].package == "ensemble-automl"
    assert "model linear" in registry.records["linear"].offers


@pytest.mark.parametrize(
    ("source", "cause"),
    [
        ("raise RuntimeError('no licence found')", "RuntimeError: no licence found"),
        ("import sys\nsys.exit(3)", "SystemExit: 3"),
        ("import a_module_that_is_not_there", "ModuleNotFoundError"),
        ("@hookimpl\ndef automl_models():\n    raise RuntimeError('broken offer')", "RuntimeError: broken offer"),
        ("import sys\n@hookimpl\ndef automl_models():\n    sys.exit(4)", "SystemExit: 4"),
        ("@hookimpl\ndef automl_models():\n    return ['linear']", "expected a ModelSpec"),
        ("@hookimpl\ndef automl_models():\n    pass", "None"),
        ("@hookimpl\ndef automl_modles():\n    return []", "automl_modles"),
        ("@hookimpl\ndef automl_event(evnt):\n    pass", "evnt"),
    ],
)
def test_a_broken_package_is_recorded_with_its_traceback_and_the_others_stay(packages, source, cause):
    packages("broken_package", source)
    registry = discover()
    failure = failure_of(registry, "broken_package")
    assert failure.stage == "load"
    assert cause in failure.cause
    assert "Traceback" in failure.traceback
    assert registry.records["broken_package"].error == failure.cause
    assert registry.records["broken_package"].version == "0.1"
    assert "linear" in registry.models


def test_a_plugin_that_takes_a_built_in_name_is_refused_whole_and_the_error_names_both(packages):
    packages(
        "collides",
        """
        @hookimpl
        def automl_metrics():
            return [MetricSpec("own_metric", None, True, 1.0, "values", ALL_TASKS)]

        @hookimpl
        def automl_models():
            return [ModelSpec("own_model", None), ModelSpec("linear", None)]

        @hookimpl
        def automl_should_stop(progress):
            return True
        """,
    )
    registry = discover()
    cause = failure_of(registry, "collides").cause
    assert "'model linear'" in cause
    assert "'linear' has it already" in cause
    assert registry.records["collides"].error
    assert registry.models["linear"].build is not None
    assert "own_model" not in registry.models
    assert "own_metric" not in registry.metrics
    assert registry.decide("automl_should_stop", progress=progress()) is not True


def test_the_package_that_offers_a_name_twice_is_told_so(packages):
    packages("twice", "@hookimpl\ndef automl_models():\n    return [ModelSpec('same', None), ModelSpec('same', None)]")
    assert "the same plugin" in failure_of(discover(), "twice").cause


def test_two_packages_that_give_an_entry_point_the_same_name_are_both_named(packages):
    packages("first_package", "", entry="shared_name")
    packages("second_package", "", entry="shared_name")
    registry = discover()
    (failure,) = registry.failures
    assert "first_package" in failure.cause
    assert "second_package" in failure.cause


@pytest.mark.long
def test_a_fine_package_competes_in_a_search_without_any_code(packages):
    packages("fine_package", FINE_MODEL)
    others = [
        "svm",
        "text_linear",
        "random_forest",
        "extra_trees",
        "lightgbm",
        "nearest_neighbors",
        "kernel_ridge",
        "bert",
        "text_embeddings",
        "text_contrast",
    ]
    model = quick(models=None, exclude=others)
    board = model.set_params(max_trials=6).fit(binary_table(), "bought").leaderboard()
    assert board.set_index("model").loc["class_means", "status"] == "complete"
    assert board.set_index("model").loc["class_means", "score"] > 0.6


def test_plugins_named_in_the_environment_are_left_out(monkeypatch):
    monkeypatch.setenv("AUTOML_DISABLE_PLUGINS", "linear, voting")
    registry = discover()
    assert "linear" not in registry.models
    assert "disabled" in registry.records["linear"].error
    assert "disabled" in registry.records["voting"].error
    assert registry.failures == []


def test_hook_calls_are_printed_on_request(monkeypatch, capsys):
    monkeypatch.setenv("AUTOML_TRACE_HOOKS", "1")
    registry = discover()
    registry.tell(TrialsFinished(1.0, "over"))
    registry.decide("automl_should_stop", progress=progress())
    printed = capsys.readouterr().err
    assert "automl_models" in printed
    assert "lightgbm" in printed
    assert "automl_event" in printed
    assert "automl_should_stop" in printed


def test_nothing_is_printed_without_the_request(capsys):
    discover().decide("automl_should_stop", progress=progress())
    assert capsys.readouterr().err == ""


# --- plugins of a script


class Watcher:
    def __init__(self):
        self.events = []

    @hookimpl
    def automl_event(self, event):
        self.events.append(event)


def test_several_plugins_of_one_class_can_be_given_by_a_script():
    registry = discover([Watcher(), Watcher()])
    told = [each for each in registry.plugins if each.package == "this session"]
    assert len(told) == 2
    registry.tell("something")
    assert [plugin.events for name, plugin in registry.manager.list_name_plugin() if isinstance(plugin, Watcher)] == [
        ["something"],
        ["something"],
    ]


def test_a_script_plugin_named_as_a_built_in_entry_point_leaves_the_built_in_in_place():
    registry = discover([SimpleNamespace(__name__="voting", automl_should_stop=hookimpl(lambda: None))])
    assert registry.records["voting"].package == "ensemble-automl"
    assert registry.manager.has_plugin("voting")


def test_a_broken_plugin_of_a_script_is_an_error():
    class Misspelled:
        @hookimpl
        def automl_modells(self):
            return []

    with pytest.raises(PluginError, match="automl_modells"):
        discover([Misspelled()])


@pytest.mark.parametrize("given", [Watcher(), 3])
def test_a_plugin_that_is_not_in_a_list_is_an_error_that_says_so(given):
    with pytest.raises(OptionError, match="expected a list"):
        discover(given)


def test_a_plugin_given_twice_or_loaded_already_is_taken_once():
    watcher = Watcher()
    from automl_builtins.models import linear

    registry = discover([watcher, watcher, linear])
    assert sum(each.package == "this session" for each in registry.plugins) == 1
    assert registry.failures == []


# --- deciding


def progress():
    return SearchProgress(1.0, 60.0, None, 3, 0, 0.5, 0.0, 0)


class Decides:
    """Answers every deciding hook, and counts how often it was asked."""

    def __init__(self, **answers):
        self.answers = answers
        self.asked = []

    def _answer(self, name):
        self.asked.append(name)
        answer = self.answers.get(name)
        if isinstance(answer, Exception):
            raise answer
        return answer

    @hookimpl
    def automl_infer_task(self, target):
        return self._answer("infer_task")

    @hookimpl
    def automl_type_column(self, column):
        return self._answer(column.name)

    @hookimpl
    def automl_plan_resampling(self, dataset, settings):
        return self._answer("plan_resampling")

    @hookimpl
    def automl_should_stop(self, progress):
        return self._answer("should_stop")


def test_a_third_party_is_asked_before_the_built_in_and_its_answer_wins():
    registry = discover([Decides(should_stop=True)])
    assert registry.decide("automl_should_stop", progress=progress()) is True
    assert discover().decide("automl_should_stop", progress=progress()) is False


def test_an_implementation_that_raises_is_recorded_and_the_next_one_is_asked():
    registry = discover([Decides(should_stop=ZeroDivisionError("oops"))])
    assert registry.decide("automl_should_stop", progress=progress()) is False
    failure = failure_of(registry, "Decides")
    assert failure.stage == "automl_should_stop"
    assert failure.cause == "ZeroDivisionError: oops"
    assert "_answer" in failure.traceback


def test_third_parties_decide_task_columns_and_stopping_in_a_real_search():
    table = binary_table(labels=(0, 1))
    decides = Decides(infer_task=TaskKind.REGRESSION, city=ColumnKind.IGNORED, should_stop=True)
    model = quick(plugins=[decides], models=["baseline", "linear"]).fit(table, "bought")
    assert model.task_.kind is TaskKind.REGRESSION
    assert not model.schema_summary_.set_index("column").loc["city", "used"]
    assert list(model.leaderboard()["model"]) == ["baseline"]
    assert "plan_resampling" in decides.asked


def test_deciding_plugins_that_raise_cost_a_row_of_failures_and_nothing_else():
    broken = {name: RuntimeError(name) for name in ("infer_task", "age", "plan_resampling", "should_stop")}
    model = quick(plugins=[Decides(**broken)], models=["baseline", "linear"], max_trials=2)
    model.fit(binary_table(), "bought")
    stages = set(model.failures().query("model == 'Decides'")["stage"])
    assert stages == {"automl_infer_task", "automl_type_column", "automl_plan_resampling", "automl_should_stop"}
    assert set(model.leaderboard()["model"]) == {"baseline", "linear"}


# --- watching


class BreaksWhenTold:
    def __init__(self):
        self.told = 0

    @hookimpl
    def automl_event(self, event):
        self.told += 1
        raise RuntimeError("I cannot draw this")


def test_an_observer_that_raises_is_muted_after_the_first_time_and_listed_once():
    breaks, watches = BreaksWhenTold(), Watcher()
    model = quick(plugins=[breaks, watches], models=["linear"], max_trials=1).fit(binary_table(), "bought")
    assert breaks.told == 1
    rows = model.failures().query("model == 'BreaksWhenTold'")
    assert list(rows["cause"]) == ["RuntimeError: I cannot draw this"]
    assert [type(each).__name__ for each in watches.events][:3] == ["SearchStarted", "TableAudited", "FoldStarted"]
    assert type(watches.events[-1]).__name__ == "SearchFinished"


def test_an_answer_of_the_wrong_type_is_passed_over():
    frame = binary_table()
    model = quick(plugins=[Decides(infer_task="binary", age="numeric")], models=["linear"], max_trials=1)
    model.fit(frame, "bought")
    assert model.task_.kind is TaskKind.BINARY
    assert isinstance(model.schema_summary_, pd.DataFrame)


def test_a_plugin_can_be_given_by_the_name_of_a_module_or_of_an_installed_plugin(tmp_path, monkeypatch):
    source = "from automl.plugin_api import hookimpl\n@hookimpl\ndef automl_should_stop():\n    return None\n"
    (tmp_path / "own_named_plugin.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    for named in ("own_named_plugin", ["own_named_plugin", "linear", "automl_builtins.models.linear"]):
        assert discover(named).records["own_named_plugin"].offers == ("automl_should_stop",)


def test_a_name_that_is_neither_and_a_thing_without_hooks_are_one_clear_error():
    with pytest.raises(OptionError, match=r"Unknown plugin 'liner'. Did you mean 'linear'.*can be imported"):
        discover("liner")
    with pytest.raises(PluginError, match="has no hook implementations"):
        discover([object()])


def test_a_task_that_no_plugin_offers_is_one_clear_error():
    registry = discover()
    assert registry.task_spec(TaskKind.BINARY).name == "binary"
    with pytest.raises(PluginError, match="The task 'survival' is offered by no plugin that is installed"):
        registry.task_spec(TaskKind("survival"))


@pytest.mark.parametrize("spec", [("classification", ""), ("apples", "binary")])
def test_a_task_and_a_family_of_tasks_share_no_name(spec):
    name, family = spec

    class Offers:
        @hookimpl
        def automl_tasks(self):
            return [TaskSpec(name, lambda target: None, metric="rmse", family=family)]

    with pytest.raises(PluginError, match="share the name"):
        discover([Offers()])
