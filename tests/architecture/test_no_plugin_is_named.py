"""The engine names no plugin: what it knew of one by name is data on the specs, which others can say too."""

import ast
import tomllib
from importlib import import_module

import pluggy

from automl.plugin_api import hookspecs
from automl.registry import GROUP, Registry
from tests.architecture.sources import ROOT, nodes, sources

BUILT_IN = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["entry-points"]["automl"]
SHELVES = ("models", "preprocessors", "metrics", "ensemblers", "strategies", "executors", "trackers", "pretrained")
WORDS = {"none", "weighted", "network"}
"""Names of plugins that are common words too, by which the engine means other things."""
EXCEPTIONS = {
    ("automl/estimator_options.py", "portfolio"): "a public default of AutoML, for users to see in its signature",
    ("automl/estimator_options.py", "process_slots"): "a public default of AutoML, for users to see in its signature",
    ("automl/steps/plan/options.py", "portfolio"): "the table that the signature's defaults come from",
    ("automl/steps/plan/options.py", "process_slots"): "the table that the signature's defaults come from",
    ("automl/vocabulary/settings.py", "portfolio"): "is held equal to that table by a test",
    ("automl/vocabulary/settings.py", "process_slots"): "is held equal to that table by a test",
    **{
        ("automl/steps/plan/options.py", name): "an example in an error about names, which is to be one that exists"
        for name in ("lightgbm", "linear", "svm", "mlflow", "tensorboard")
    },
    ("automl/cli/demo.py", "accuracy"): "the demo tells in words how well its own table was predicted",
    ("automl/steps/ensemble/build_ensemble.py", "best_single"): "the engine's own last resort, without any ensembler",
    (
        "automl/steps/plan/choose_metric.py",
        "log_loss",
    ): "scikit-learn's function: its y_pred are scores",
    ("automl/testing/_data.py", "log_loss"): "a metric of the contract kit's own",
    ("automl/testing/_data.py", "rmse"): "a metric of the contract kit's own",
    ("automl/testing/_data.py", "pinball"): "a metric of the contract kit's own",
    ("automl/testing/_data.py", "quantile"): "a task whose outputs have a form of their own, for models that do it",
    **{
        ("automl/testing/_shared.py", name): "a module that is heavy to import, whoever uses it"
        for name in ("lightgbm", "xgboost", "catboost")
    },
}


def names_of_plugins():
    """Every name under which something is offered: its own, its aliases, its family, its weights."""
    registry = Registry(pluggy.PluginManager(GROUP))
    registry.manager.add_hookspecs(hookspecs)
    for name, module in BUILT_IN.items():
        registry.add(name, import_module(module))
    assert registry.failures == []
    specs = [spec for shelf in SHELVES for spec in getattr(registry, shelf).values()]
    assert len(specs) > 90
    found = {spec.name for spec in specs} | {alias for spec in specs for alias in getattr(spec, "aliases", ())}
    found |= {getattr(spec, what) for spec in specs for what in ("family", "weights") if getattr(spec, what, "")}
    return found - WORDS


def strings_of(path):
    """The string constants in a file with their lines, docstrings apart."""
    told = {id(node.value) for node in nodes(path) if isinstance(node, ast.Expr)}
    for node in nodes(path):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield node.value, node.lineno


def test_no_string_in_the_engine_is_the_name_of_a_plugin():
    names = names_of_plugins()
    named, used = [], set()
    for path in sources("automl"):
        place = path.relative_to(ROOT).as_posix()
        for text, line in strings_of(path):
            if text in names and (place, text) in EXCEPTIONS:
                used.add((place, text))
            elif text in names:
                named.append(f"{place}:{line} names {text!r}")
    assert named == [], "Let the spec say it, by a role, a rank or a condition: " + "; ".join(named)
    assert set(EXCEPTIONS) == used, "These exceptions are no longer needed."
