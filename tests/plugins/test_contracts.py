"""Every built-in plugin keeps the contract that third parties are held to."""

import importlib
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from automl.plugin_api import ALL_TASKS, Choice
from automl.testing import (
    parametrize_with_ensembler_checks,
    parametrize_with_executor_checks,
    parametrize_with_fleet_checks,
    parametrize_with_metric_checks,
    parametrize_with_model_checks,
    parametrize_with_preprocessor_checks,
    parametrize_with_pretrained_checks,
    parametrize_with_strategy_checks,
    parametrize_with_tracker_checks,
)
from automl_builtins.models.forests import learner as forests

from .models.texts import TINY_BERT

PROJECT = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
MODULES = [importlib.import_module(name) for name in PROJECT["entry-points"]["automl"].values()]


def offered(hook):
    """Return all that the built-in plugins offer through a hook."""
    return [spec for module in MODULES if hasattr(module, hook) for spec in getattr(module, hook)()]


QUICK = {
    "network": {"epochs": 12, "width": 96, "layers": 2},
    "resnet": {"weights": "", "epochs": 3, "width": 12, "batch": 32},
    "patches": {"filters": 100},
    "bert": {"weights": str(TINY_BERT), "tokens": 24, "layers": 1.0, "heads": 2, "dropout": 0.0, "learning_rate": 6e-3},
    "text_embeddings": {"weights": str(TINY_BERT), "tokens": 24, "C": 100.0},
    "text_contrast": {"weights": str(TINY_BERT), "tokens": 24, "C": 100.0, "rounds": 3, "batch": 16, "body_rate": 2e-3},
    "text_prompt": {"weights": str(TINY_BERT), "tokens": 24, "C": 100.0, "rounds": 3, "batch": 16, "prompt_rate": 0.03},
    "bert_tokens": {
        "weights": str(TINY_BERT),
        "hidden": 24,
        "epochs": 8,
        "learning_rate": 8e-3,
        "batch": 4,
        "dropout": 0.0,
    },
}
"""Models whose usual configurations take too long to be fitted a hundred times."""


def quickened(spec):
    """Return a spec with one configuration that is fitted in a moment."""
    if spec.name not in QUICK:
        return spec
    params = {**spec.defaults[-1], **QUICK[spec.name]}
    space = {**spec.space, "weights": Choice((params["weights"],))} if "weights" in params else spec.space
    space |= {name: Choice((value,)) for name, value in QUICK[spec.name].items() if not space[name].contains(value)}
    return replace(spec, defaults=(params,), space=space, pretrained="")


@pytest.fixture(autouse=True)
def _smaller_forests(monkeypatch):
    """How many trees there are is nothing that the contract asks for."""
    monkeypatch.setattr(forests, "TREES", 30)


MODELS = [quickened(spec) for spec in offered("automl_models") if spec.tasks & ALL_TASKS]
IS_THE_CONSTANT = {"check_beats_a_constant": "the baseline is the constant"}


WEIGHS_SENTENCES = {"check_weights_count": "CRFsuite weighs sentences, and the check rows of one sentence differently"}


@pytest.mark.slow
@parametrize_with_model_checks([spec for spec in MODELS if spec.name not in ("baseline", "crf")])
def test_a_model_keeps_the_contract(check):
    check()


@pytest.mark.slow
@parametrize_with_model_checks([spec for spec in MODELS if spec.name == "crf"], WEIGHS_SENTENCES)
def test_the_crf_keeps_the_contract(check):
    check()


@parametrize_with_model_checks([spec for spec in MODELS if spec.name == "baseline"], IS_THE_CONSTANT)
def test_the_baseline_keeps_the_contract(check):
    check()


@parametrize_with_preprocessor_checks(offered("automl_preprocessors"))
def test_a_preprocessor_keeps_the_contract(check):
    check()


@parametrize_with_metric_checks(offered("automl_metrics"))
def test_a_metric_keeps_the_contract(check):
    check()


@parametrize_with_ensembler_checks(offered("automl_ensemblers"))
def test_an_ensembler_keeps_the_contract(check):
    check()


@parametrize_with_strategy_checks(offered("automl_search_strategies"))
def test_a_strategy_keeps_the_contract(check):
    check()


@pytest.mark.slow
@parametrize_with_executor_checks(offered("automl_executors"))
def test_an_executor_keeps_the_contract(check):
    check()


@parametrize_with_fleet_checks(offered("automl_fleets"))
def test_a_fleet_keeps_the_contract(check):
    check()


@parametrize_with_tracker_checks(offered("automl_trackers"))
def test_a_tracker_keeps_the_contract(check):
    check()


@parametrize_with_pretrained_checks(offered("automl_pretrained"))
def test_a_pretrained_network_keeps_the_contract(check):
    check()
