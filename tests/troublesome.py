"""Models that do what a model must not, and a good one; offered by objects that stand in for plugin packages."""

import os
import random
import re
import signal
import subprocess
import sys
import threading
import time

import numpy as np

from automl.plugin_api import Float, ModelSpec, hookimpl

NEVER = 10**9


class ClassShares:
    """A tiny, honest learner: class shares, or the mean; stands beside the ones that break."""

    def __init__(self, request):
        self.request = request

    def fit(self, train, valid, context):
        if train.task.kind.is_classification:
            self.outputs = (np.bincount(train.target, minlength=train.task.n_outputs) + 1.0) / (
                train.n_rows + train.task.n_outputs
            )
        else:
            self.outputs = np.array([train.target.mean()])

    def predict(self, features):
        return np.tile(self.outputs, (features.shape[0], 1))


class RaisesInFit(ClassShares):
    def fit(self, train, valid, context):
        raise ValueError("the fit broke")


class RaisesInPredict(ClassShares):
    def predict(self, features):
        raise ValueError("the prediction broke")


class PredictsNaN(ClassShares):
    def predict(self, features):
        return np.full_like(super().predict(features), np.nan)


class PredictsWrongShape(ClassShares):
    def predict(self, features):
        return super().predict(features)[:, 0]


class Aborts(ClassShares):
    def fit(self, train, valid, context):
        os.abort()


class Exits(ClassShares):
    def fit(self, train, valid, context):
        sys.exit()


class Sleeps(ClassShares):
    def fit(self, train, valid, context):
        time.sleep(NEVER)


class LoopsInC(ClassShares):
    """Holds the interpreter lock in one long operation that no signal handler can end."""

    def fit(self, train, valid, context):
        self.outputs = np.array([3 ** (10**9) % 7])


class SpoilsItsInput(ClassShares):
    """Changes the frame that it was handed."""

    def fit(self, train, valid, context):
        train.features["extra"] = 1.0
        train.target[:] = 0
        super().fit(train, valid, context)


class Hoards(ClassShares):
    """Takes ever more memory and holds it for a while."""

    megabytes = 600

    def fit(self, train, valid, context):
        self._hoard = []
        for _ in range(self.megabytes // 20):
            self._hoard.append(np.ones(20 * 2**17))
            time.sleep(0.05)
        time.sleep(1.5)
        self._hoard = []
        super().fit(train, valid, context)


class HoardsByRows(Hoards):
    """Takes memory in proportion to the rows that it is fitted on."""

    def fit(self, train, valid, context):
        self.megabytes = 6 * train.n_rows
        super().fit(train, valid, context)


class AllocatesWithoutEnd(ClassShares):
    """Takes memory as fast as it gets it; ends itself far below what would harm a machine."""

    most_megabytes = 6_000

    def fit(self, train, valid, context):
        hoard = []
        while len(hoard) * 50 < self.most_megabytes:
            hoard.append(np.ones(50 * 2**17))
        raise MemoryError("nobody has stopped it")


class HoardsInAChild(ClassShares):
    """Takes memory in a process that it starts."""

    def fit(self, train, valid, context):
        code = "import time; hoard = bytearray(b'x') * (900 * 2**20); time.sleep(30)"
        subprocess.run([sys.executable, "-c", code], check=False)
        super().fit(train, valid, context)


class KillsItself(ClassShares):
    def fit(self, train, valid, context):
        os.kill(os.getpid(), signal.SIGKILL)


class SleepsBlockingSignals(ClassShares):
    """Cannot be ended by any signal that can be blocked."""

    def fit(self, train, valid, context):
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        time.sleep(NEVER)


class MatchesWithoutEnd(ClassShares):
    """Holds the interpreter lock in a regular expression that backtracks for years."""

    def fit(self, train, valid, context):
        re.match(r"(a+)+$", "a" * 60 + "b")


class RaisesInterrupt(ClassShares):
    def fit(self, train, valid, context):
        raise KeyboardInterrupt


class Unspeakable(Exception):
    """An error that cannot say what it is, and that cannot be pickled."""

    def __init__(self):
        self.lock = threading.Lock()

    def __str__(self):
        raise RuntimeError("no words")


class RaisesUnspeakably(ClassShares):
    def fit(self, train, valid, context):
        raise Unspeakable


class PredictsInfinity(ClassShares):
    def predict(self, features):
        return np.full_like(super().predict(features), np.inf)


class PredictsTooFewColumns(ClassShares):
    def predict(self, features):
        return super().predict(features)[:, :1]


class PredictsTooFewRows(ClassShares):
    def predict(self, features):
        return super().predict(features)[1:]


class PredictsText(ClassShares):
    def predict(self, features):
        return super().predict(features).astype(str).astype(object)


class CannotBeSaved(ClassShares):
    """Holds what cannot be pickled once it is fitted."""

    def fit(self, train, valid, context):
        super().fit(train, valid, context)
        self.lock = threading.Lock()


def _refuse_to_load():
    raise RuntimeError("not any more")


class CannotBeLoaded(ClassShares):
    """Breaks when it is read from its file; cheats, so that every ensemble wants it."""

    def fit(self, train, valid, context):
        super().fit(train, valid, context)
        self.answers = np.eye(train.task.n_outputs)[valid.target]

    def predict(self, features):
        return self.answers

    def __reduce__(self):
        return _refuse_to_load, ()


class PredictsUnsummed(ClassShares):
    """Its probabilities sum to something else than 1."""

    def predict(self, features):
        return super().predict(features) * 3.7


class Floods(ClassShares):
    """Prints tens of megabytes, through Python and past it."""

    def fit(self, train, valid, context):
        super().fit(train, valid, context)
        for _ in range(200):
            print("flood " * 20_000)
            os.write(1, b"flood " * 20_000)
            os.write(2, b"flood " * 20_000)


class ChangesTheProcess(ClassShares):
    """Changes what all of a process shares: random states, environment, working folder, NumPy's handling of errors."""

    def fit(self, train, valid, context):
        super().fit(train, valid, context)
        np.random.seed(0)
        random.seed(0)
        np.seterr(all="raise")
        os.environ["OMP_NUM_THREADS"] = "64"
        os.environ["AUTOML_FAULT"] = "1"
        os.environ.pop("PATH", None)
        os.chdir("/")


class OverwritesItsInput(ClassShares):
    """Writes into the arrays that it was lent, as far as they let it."""

    def fit(self, train, valid, context):
        super().fit(train, valid, context)
        for data in (train, valid):
            data.target[:] = 0
            features = data.features
            values = features.data if hasattr(features, "indptr") else features.to_numpy()
            try:
                values[:] = 0
            except ValueError:  # read-only
                features.iloc[:, :] = 0


def raises_in_build(request):
    raise ValueError("the build broke")


BUILDERS = {
    "raises_in_build": raises_in_build,
    "raises_in_fit": RaisesInFit,
    "raises_in_predict": RaisesInPredict,
    "predicts_nan": PredictsNaN,
    "predicts_wrong_shape": PredictsWrongShape,
    "aborts": Aborts,
    "exits": Exits,
    "sleeps": Sleeps,
    "loops_in_c": LoopsInC,
    "spoils_its_input": SpoilsItsInput,
    "class_shares": ClassShares,
    "hoards": Hoards,
    "hoards_by_rows": HoardsByRows,
    "allocates_without_end": AllocatesWithoutEnd,
    "hoards_in_a_child": HoardsInAChild,
    "kills_itself": KillsItself,
    "sleeps_blocking_signals": SleepsBlockingSignals,
    "matches_without_end": MatchesWithoutEnd,
    "raises_interrupt": RaisesInterrupt,
    "raises_unspeakably": RaisesUnspeakably,
    "predicts_infinity": PredictsInfinity,
    "predicts_too_few_columns": PredictsTooFewColumns,
    "predicts_too_few_rows": PredictsTooFewRows,
    "predicts_text": PredictsText,
    "cannot_be_saved": CannotBeSaved,
    "cannot_be_loaded": CannotBeLoaded,
    "predicts_unsummed": PredictsUnsummed,
    "floods": Floods,
    "changes_the_process": ChangesTheProcess,
    "overwrites_its_input": OverwritesItsInput,
}
RAISING = (
    "raises_in_build", "raises_in_fit", "raises_in_predict", "raises_unspeakably", "predicts_nan", "predicts_infinity",
    "predicts_wrong_shape", "predicts_too_few_columns", "predicts_too_few_rows", "predicts_text", "cannot_be_saved",
    "exits",
)  # fmt: skip
"""These fail as a value: their worker lives on."""
DYING = ("aborts", "kills_itself", "raises_interrupt")
"""These take their worker with them."""
HANGING = ("sleeps", "sleeps_blocking_signals", "loops_in_c", "matches_without_end")
"""These are killed when their time is over."""
HOARDING = ("allocates_without_end", "hoards_in_a_child")
"""These are killed when memory is over."""
UNREADABLE = ("cannot_be_loaded",)
LIVING = ("predicts_unsummed", "floods", "changes_the_process", "overwrites_its_input", "spoils_its_input")
"""These do harm and yet give predictions; nobody else must notice."""


class Offers:
    """A plugin that offers some of the models above, each with a space so that a strategy may go on with it."""

    build = None
    """What builds them in the place of their own, to stand for them harmlessly."""

    def __init__(self, *names):
        self.names = names

    @hookimpl
    def automl_models(self):
        return [
            ModelSpec(
                name,
                self.build or BUILDERS[name],
                space={"x": Float(0.0, 1.0)},
                defaults=({"x": 0.5},),
                scaling="standard",
            )
            for name in self.names
        ]


class RaisesAtOffer:
    @hookimpl
    def automl_models(self):
        raise ValueError("nothing to offer")


class RaisesWatching:
    @hookimpl
    def automl_event(self, event):
        raise ValueError("not watching")


class RaisesDeciding:
    """Every hook that decides something raises."""

    @hookimpl
    def automl_infer_task(self, target):
        raise ValueError("no task")

    @hookimpl
    def automl_type_column(self, column):
        raise ValueError("no kind")

    @hookimpl
    def automl_plan_resampling(self, dataset, settings):
        raise ValueError("no folds")

    @hookimpl
    def automl_should_stop(self, progress):
        raise ValueError("no end")


def process_of(place, job):
    """Tell in which process a job is run, in the place of a fit."""
    return os.getpid()


def what_a_worker_sees(place, job):
    """Tell in which process a job is run, and which GPU it may use there."""
    return os.getpid(), os.environ.get("CUDA_VISIBLE_DEVICES"), job.device, job.gpu
