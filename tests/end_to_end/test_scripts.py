"""Scripts without a guard, in processes of their own: functions of `__main__`, Ctrl-C, saving and loading."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import psutil
import pytest

from automl import AutoML
from tests.automl.packages import FINE_MODEL, write_package
from tests.tables import binary_table, mixed_table

ROOT = Path(__file__).parents[2]


@pytest.fixture
def script(tmp_path):
    """Start a script from source; its processes are ended with the test."""
    started = []

    def start(source, *arguments, path=()):
        file = tmp_path / "script.py"
        file.write_text(source)
        folders = [str(folder) for folder in (*path, ROOT, ROOT / "plugins")]
        process = subprocess.Popen(
            [sys.executable, "-W", "error", file, *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=tmp_path,
            start_new_session=True,
            env={**users_environment(), "PYTHONPATH": os.pathsep.join(folders)},
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()


def users_environment():
    """Return the variables of this process but for the one thread that tests side by side are given."""
    return {name: value for name, value in os.environ.items() if name != "OMP_NUM_THREADS"}


def answers(process, seconds=90):
    """Return what a script printed, as one JSON value a line."""
    output, errors = process.communicate(timeout=seconds)
    assert process.returncode == 0, errors
    return [json.loads(line) for line in output.splitlines()]


OWN_THINGS = """
import json
import numpy as np
from automl import AutoML
from automl.plugin_api import ModelSpec, hookimpl
from tests.tables import binary_table

def rank(target):
    return np.argsort(np.argsort(target))

def own_metric(y_true, y_pred):
    return float(np.mean(y_true == y_pred)) + 0.0 * rank([3, 1])[0]

class OwnLearner:
    def __init__(self, request):
        self.task = request.task

    def fit(self, train, valid, context):
        self.shares = np.bincount(train.target, minlength=2) / train.n_rows

    def predict(self, features):
        return np.tile(self.shares, (len(features), 1))

class OwnPlugin:
    @hookimpl
    def automl_models(self):
        return [ModelSpec("own", OwnLearner, scaling="standard")]

print(json.dumps("once"))
model = AutoML(None, max_trials=2, metric=own_metric, models=["linear", "own"], plugins=[OwnPlugin()], cv=2, n_jobs=2,
               verbose=0).fit(binary_table(), "bought")
print(json.dumps([model.metric_, model.score_, sorted(model.leaderboard()["model"]), len(model.failures())]))
model.save("model")
print(json.dumps(AutoML.load("model").predict(binary_table()).tolist() == model.predict(binary_table()).tolist()))
"""


def test_metrics_and_models_of_an_unguarded_script_work_in_the_workers(script):
    once, (metric, score, models, n_failures), same = answers(script(OWN_THINGS))
    assert once == "once"
    assert metric == "own_metric"
    assert 0.6 < score <= 1.0
    assert models == ["linear", "own"]
    assert n_failures == 0
    assert same is True


def test_an_installed_package_competes_in_worker_processes(script, tmp_path):
    packages = write_package(tmp_path / "site", "competing_package", FINE_MODEL)
    source = (
        "import json\nfrom automl import AutoML\nfrom tests.tables import binary_table\n"
        "model = AutoML(None, max_trials=2, models=['class_means', 'linear'], cv=2, n_jobs=1, verbose=0)\n"
        "board = model.fit(binary_table(), 'bought').leaderboard()\n"
        "print(json.dumps([list(board['model']), list(board['status']), list(model.failures()['cause'])]))\n"
    )
    ((models, status, failures),) = answers(script(source, path=[packages]))
    assert sorted(models) == ["class_means", "linear"]
    assert status == ["complete", "complete"]
    assert failures == []


INTERRUPTED = """
import json, sys, warnings
import numpy as np, psutil
from automl import AutoML
from automl.plugin_api import CandidateFinished, hookimpl
from tests.tables import binary_table
from tests.troublesome import Offers

class Says:
    @hookimpl
    def automl_event(self, event):
        if isinstance(event, CandidateFinished):
            print(json.dumps(event.result.candidate.model), flush=True)

model = AutoML(300, models=["baseline", "linear", "sleeps"], plugins=[Says(), Offers("sleeps")], n_jobs=2, cv=2,
               verbose=0)
with warnings.catch_warnings(record=True) as told:
    warnings.simplefilter("always")
    model.fit(binary_table(), "bought")
left = [p for p in psutil.Process().children(recursive=True) if p.status() == "zombie" or
        "resource_tracker" not in " ".join(p.cmdline())]
predicts = bool(np.isfinite(model.predict_proba(binary_table(9))).all())
print(json.dumps([model.outcome_.reason, [str(each.message) for each in told], len(left), predicts]), flush=True)
"""


@pytest.mark.parametrize(
    "last",
    [pytest.param("baseline", marks=pytest.mark.long), "linear"],
    ids=["while workers start", "while they fit"],
)
def test_ctrl_c_gives_what_was_found_and_leaves_no_process_behind(script, last):
    process = script(INTERRUPTED)
    seen = [json.loads(process.stdout.readline())]
    while seen[-1] != last:
        seen.append(json.loads(process.stdout.readline()))
    children = psutil.Process(process.pid).children(recursive=True)
    assert children
    begun = time.monotonic()
    os.killpg(process.pid, signal.SIGINT)  # to the whole group, as a terminal does
    output, errors = process.communicate(timeout=40)
    assert (process.returncode, errors) == (0, "")
    *more, (reason, (told,), n_left, predicts) = (json.loads(line) for line in output.splitlines())
    assert time.monotonic() - begun < 15
    assert set(more) <= {"linear"}
    assert reason == "interrupted by the user"
    assert told == "interrupted: this is the best that was found until then."
    assert n_left == 0
    assert predicts is True
    assert not [child for child in psutil.wait_procs(children, timeout=5)[1] if child.status() != "zombie"]


INTERRUPTED_TWICE = """
import json, time
from automl import AutoML
from automl.plugin_api import CandidateFinished, EnsemblerSpec, hookimpl
from tests.tables import binary_table
from tests.troublesome import Offers

class Ponders:
    def __init__(self, request):
        pass

    def fit(self, out_of_fold, context):
        print(json.dumps("combining"), flush=True)
        time.sleep(60)

class Says:
    @hookimpl
    def automl_event(self, event):
        if isinstance(event, CandidateFinished):
            print(json.dumps(event.result.candidate.model), flush=True)

    @hookimpl
    def automl_ensemblers(self):
        return [EnsemblerSpec("pondering", Ponders, family="weighted", complexity=0)]

models = ["baseline", "linear", "svm", "sleeps"]
AutoML(300, models=models, plugins=[Says(), Offers("sleeps")], n_jobs=2, cv=2, verbose=0).fit(binary_table(), "bought")
"""


@pytest.mark.long
def test_a_second_ctrl_c_ends_everything_at_once(script):
    process = script(INTERRUPTED_TWICE)
    seen = set()
    while not seen >= {"linear", "svm"}:
        seen.add(json.loads(process.stdout.readline()))
    children = psutil.Process(process.pid).children(recursive=True)
    os.killpg(process.pid, signal.SIGINT)
    while json.loads(process.stdout.readline()) != "combining":
        pass
    os.killpg(process.pid, signal.SIGINT)
    begun = time.monotonic()
    _, errors = process.communicate(timeout=40)
    assert time.monotonic() - begun < 5
    assert process.returncode != 0
    assert errors.rstrip().endswith("KeyboardInterrupt")
    assert not [child for child in psutil.wait_procs(children, timeout=5)[1] if child.status() != "zombie"]


# --- saving and loading


@pytest.mark.parametrize("fitted", ["classifier", pytest.param("regressor", marks=pytest.mark.long)])
def test_a_saved_model_predicts_the_same_in_a_fresh_process(fitted, request, script, tmp_path):
    model = request.getfixturevalue(fitted)
    outputs = model.predict_proba if hasattr(model, "classes_") else model.predict
    table = mixed_table(30, seed=9)
    expected = outputs(table)
    table.to_pickle(tmp_path / "table.pkl")
    model.save(tmp_path / "model")
    source = (
        "import sys, json, numpy as np, pandas as pd\nfrom automl import AutoML\nmodel = AutoML.load('model')\n"
        f"outputs = model.{outputs.__name__}(pd.read_pickle('table.pkl'))\nnp.save('found.npy', outputs)\n"
        "print(json.dumps([model.score_, len(model.leaderboard()), model.outcome_ is None]))\n"
    )
    ((score, n_rows, is_slim),) = answers(script(source))
    np.testing.assert_array_equal(np.load(tmp_path / "found.npy"), expected)
    assert score == model.score_
    assert n_rows == 4
    assert is_slim
    assert model.outcome_ is not None


def test_a_saved_model_predicts_where_all_that_is_for_fitting_or_showing_is_missing(classifier, script, tmp_path):
    missing = ("loky", "psutil", "typer", "rich", "hypothesis", "pytest", "polars", "skops", "torch")
    table = mixed_table(30, seed=9)
    table.to_pickle(tmp_path / "table.pkl")
    classifier.save(tmp_path / "model.automl")
    source = (
        f"import sys\nmissing = {missing!r}\n"
        "class Missing:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.partition('.')[0] in missing:\n"
        "            raise ModuleNotFoundError(name)\n"
        "sys.meta_path.insert(0, Missing())\n"
        "import json, pandas as pd\nfrom automl import AutoML\n"
        "model = AutoML.load('model.automl')\n"
        "print(json.dumps(model.predict(pd.read_pickle('table.pkl')).tolist()))\n"
        "print(json.dumps([name for name in missing if name in sys.modules]))\n"
    )
    predicted, imported = answers(script(source))
    assert predicted == classifier.predict(table).tolist()
    assert imported == []


def test_the_manifest_can_be_read_without_python(classifier, tmp_path):
    manifest = json.loads((classifier.save(tmp_path / "model") / "manifest.json").read_text())
    assert manifest["task"] == "binary"
    assert manifest["target"] == "bought"
    assert manifest["classes"] == ["no", "yes"]
    assert manifest["columns"]["city"] == "categorical"
    assert manifest["score"] == classifier.score_


def test_a_path_keeps_the_model_and_no_working_files(tmp_path):
    model = AutoML(
        None, max_trials=1, models=["linear"], cv=2, executor="in_process", verbose=0, path=str(tmp_path / "kept")
    ).fit(binary_table(80), "bought")
    assert sorted(each.name for each in (tmp_path / "kept").iterdir()) == ["model", "run.json"]
    again = AutoML.load(tmp_path / "kept" / "model")
    np.testing.assert_array_equal(again.predict(binary_table(80)), model.predict(binary_table(80)))
