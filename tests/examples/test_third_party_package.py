"""A package of a third party competes once it is installed, with no code."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
PACKAGES = ("automl-mlp", "automl-ordinal", "automl-tabicl")
INSTALL = "import setuptools; setuptools.setup()"
"""Reads the package's own pyproject.toml. pip cannot be asked: offline it builds only where `wheel` is installed."""
FIND = """
import json
from importlib.metadata import entry_points
found = {each.name: [each.value, each.dist.name, each.dist.version] for each in entry_points(group="automl")}
spec = next(each for each in entry_points(group="automl") if each.name == "mlp").load().automl_models()[0]
print(json.dumps([found["mlp"], spec.name]))
"""
ORDINAL = """
import json
from importlib.metadata import entry_points
import numpy
import pandas
from automl import AutoML
rng = numpy.random.default_rng(0)
table = pandas.DataFrame(rng.normal(size=(150, 3)), columns=["a", "b", "c"])
table["rating"] = 1 + numpy.digitize(table["a"] + rng.normal(0, 0.4, 150), [-0.8, 0.6])
model = AutoML(time_limit=None, max_trials=4, task="ordinal", models=["linear", "baseline"], n_jobs=1, cv=2, verbose=0)
model.fit(table, "rating").save("ratings.automl")
again = AutoML.load("ratings.automl")
print(json.dumps({
    "task": again.task_.kind.value, "metric": again.metric_,
    "same": bool((again.predict(table) == model.predict(table)).all()),
    "models": sorted(set(model.leaderboard()["model"])), "shape": list(again.predict_proba(table).shape),
    "kappa": again.evaluate(table)["quadratic_kappa"],
}))
"""
SEARCH = """
import json
import numpy
import pandas
from automl import AutoML
numbers = numpy.random.default_rng(0).normal(size=(120, 3))
table = pandas.DataFrame(numbers, columns=["a", "b", "c"]).assign(target=numbers[:, 0] * numbers[:, 1] > 0)
model = AutoML(time_limit=None, max_trials=3, models=["mlp", "baseline"], n_jobs=1, cv=2, verbose=0)
print(json.dumps([str(each) for each in model.fit(table, "target").leaderboard()["model"]]))
"""
OF_TWO = """
import json
from dataclasses import replace
import numpy
import pandas
from automl import AutoML
from automl.plugin_api import TaskKind, hookimpl
from automl_mlp import MLP
class OfTwo:
    @hookimpl
    def automl_models(self):
        return [replace(MLP, name="of_two", tasks=frozenset({TaskKind.BINARY}))]
options = dict(time_limit=None, max_trials=1, models=["of_two"], plugins=[OfTwo()], n_jobs=1, cv=2, verbose=0)
options["executor"] = "in_process"
numbers = numpy.random.default_rng(0).normal(size=(120, 3))
table = pandas.DataFrame(numbers, columns=["a", "b", "c"])
table = table.assign(up=table["a"] > 0, odd=table["b"] > table["c"])
several = AutoML(**options).fit(table, ["up", "odd"])
words = pandas.DataFrame({"tokens": [["we", "met", name, "."] for name in ["Ann Lee", "Bob"] * 8]})
words["tokens"] = [[each for word in words for each in word.split()] for words in words["tokens"]]
words["tags"] = [["O", "O", "B", *["I"] * (len(each) - 4), "O"] for each in words["tokens"]]
tags = AutoML(task="token_classification", **options).fit(words, "tags")
print(json.dumps([
    [several.leaderboard()["model"][0], several.task_.kind.value, several.predict_proba(table).shape, several.score_],
    [tags.leaderboard()["model"][0], tags.predict(words.iloc[:2]).tolist(), tags.score_],
]))
"""


def run(code, *arguments, folder=None, paths=()):
    """Run code in a fresh Python that finds what this one finds, after `paths`; return what it prints last."""
    found = os.pathsep.join([*map(str, paths), *(path for path in sys.path if path)])
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env={**os.environ, "PYTHONPATH": found},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip().splitlines()[-1] if done.stdout.strip() else ""


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """Return a folder into which the examples are installed."""
    pytest.importorskip("setuptools", reason="the examples' build backend is not installed")
    target = tmp_path_factory.mktemp("installed")
    into = ("install_lib", f"--install-dir={target}", "install_egg_info", f"--install-dir={target}")
    for package in PACKAGES:
        source = tmp_path_factory.mktemp("source") / package
        shutil.copytree(EXAMPLES / package, source)  # building leaves files beside the sources
        run(INSTALL, *into, folder=source)
    return target


def test_its_entry_point_is_found_and_offers_a_model(installed):
    assert json.loads(run(FIND, paths=[installed], folder=installed)) == [["automl_mlp", "automl-mlp", "0.1"], "mlp"]


@pytest.mark.slow
def test_it_competes_with_no_code(installed):
    assert "mlp" in json.loads(run(SEARCH, paths=[installed], folder=installed))


@pytest.mark.slow
def test_a_model_that_only_knows_two_classes_takes_part_in_several_labels_and_in_tags_of_words(installed):
    several, tags = json.loads(run(OF_TWO, paths=[installed], folder=installed))
    assert several[:3] == ["of_two (each target)", "multilabel", [120, 2]]
    assert several[3] > 0.9
    assert tags[:2] == ["of_two (as binary)", [["O", "O", "B", "I", "O"], ["O", "O", "B", "O"]]]
    assert tags[2] > 0.9


@pytest.mark.slow
def test_a_task_of_a_package_is_fitted_saved_and_judged_by_its_own_metric(installed):
    found = json.loads(run(ORDINAL, paths=[installed], folder=installed))
    assert (found["task"], found["metric"], found["shape"]) == ("ordinal", "quadratic_kappa", [150, 3])
    assert found["same"]
    ways = ("as multiclass", "as regression")
    assert found["models"] == [f"{model} ({way})" for model in ("baseline", "linear") for way in ways]
    assert found["kappa"] > 0.7


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.parametrize("package", PACKAGES)
def test_its_own_tests_pass(installed, package):
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(EXAMPLES / package / "tests")]
    paths = os.pathsep.join([str(installed), *(path for path in sys.path if path)])
    done = subprocess.run(
        command, env={**os.environ, "PYTHONPATH": paths}, cwd=installed, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
