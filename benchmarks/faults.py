"""Break every search on purpose: python -m benchmarks.faults [--seconds 10] [--only NAME,NAME] [--kills 6]

Runs one search for each thing that a plugin can do wrong, with good models beside it, once ended by time and once by
count, and prints a line for each:

    fault | tried | survived | lost | seconds | cause as listed in failures()

"tried" counts the candidates of the faulty plugin that were begun or refused, "lost" the candidates of the good models
that did not get through; "survived" says whether every promise held: the fault is listed with its cause, the good
models are there, the time limit was kept, nothing is left running, and this process (random states, environment,
working folder, what it prints) is as it was. Searches by count are held against the same search without the plugin, or
with a harmless one of the same name: the same scores of the good models and the same predictions, to the last bit.
Besides plugins, workers are killed from outside at random moments. Exits with 1 where a promise is broken.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import signal
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import psutil

from automl import AutoML
from automl.plugin_api import ModelSpec, hookimpl
from automl.plugin_api.process_memory import used_mb
from tests import troublesome
from tests.automl.packages import write_package
from tests.tables import binary_table

GOOD = ("baseline", "linear", "lightgbm")
N_GOOD = 4
ROWS = 400


@dataclass
class Outcome:
    """What came of a search with a fault in it."""

    fault: str
    tried: int = 0
    lost: int = 0
    seconds: float = 0.0
    cause: str = ""
    broken: list[str] = field(default_factory=list)

    def line(self):
        survived = "yes" if not self.broken else f"NO: {'; '.join(self.broken)}"
        return f"{self.fault} | {self.tried} | {survived} | {self.lost} | {self.seconds:.1f} | {self.cause}"


class One:
    """Offers a single model with a single configuration, under a name of one's choice."""

    def __init__(self, name, build):
        self.name, self.build = name, build

    @hookimpl
    def automl_models(self):
        return [ModelSpec(self.name, self.build, scaling="standard")]


# --- looking after this process


def snapshot():
    """Return what of this process a search must leave alone."""
    return os.getcwd(), dict(os.environ), random.getstate(), np.random.get_state()[1].tobytes(), np.geterr()


@contextlib.contextmanager
def watched(outcome, table):
    """Note in the outcome whatever a search has left behind."""
    before, copy, handles = snapshot(), table.copy(deep=True), {each.pid for each in psutil.Process().children()}
    with captured() as printed:
        yield
    if snapshot() != before:
        outcome.broken.append("this process was changed")
    if not table.equals(copy):
        outcome.broken.append("the table was changed")
    if sum(len(each) for each in printed) > 2_000:
        outcome.broken.append(f"{sum(len(each) for each in printed)} characters were printed")
    left = [each for each in left_running() if each.pid not in handles]
    if left:
        outcome.broken.append(f"left running: {[' '.join(each.cmdline())[:60] for each in left]}")


def left_running(seconds=3.0):
    """Return processes that go on after a search; loky's tracker of resources serves the next one."""
    until = time.monotonic() + seconds
    while True:
        children = [each for each in psutil.Process().children(recursive=True) if not is_tracker(each)]
        if not children or time.monotonic() > until:
            return children
        time.sleep(0.1)


def is_tracker(process):
    try:
        return process.status() == psutil.STATUS_ZOMBIE or "resource_tracker" in " ".join(process.cmdline())
    except psutil.Error:
        return True


@contextlib.contextmanager
def captured():
    """Give what this process and its children write to the terminal."""
    found, kept = [], [os.dup(1), os.dup(2)]
    with tempfile.TemporaryFile() as file:
        sys.stdout.flush()
        for stream in (1, 2):
            os.dup2(file.fileno(), stream)
        try:
            yield found
        finally:
            sys.stdout.flush()
            for stream, copy in zip((1, 2), kept, strict=True):
                os.dup2(copy, stream)
                os.close(copy)
            file.seek(0)
            found.append(file.read(10**7))


# --- the searches


def search(table, plugins=(), models=GOOD, **options):
    """Fit; by count unless a time limit is given."""
    settings = {"time_limit": None, "n_jobs": 2, "verbose": 0, "cv": 3, "memory_limit": "3GB", **options}
    return AutoML(models=list(models), plugins=list(plugins), **settings).fit(table, "bought")


def of_good_models(model):
    """Return what of a leaderboard must not depend on a fault."""
    board = model.leaderboard()
    kept = board[board["model"].isin(GOOD)].sort_values("candidate")
    return kept[["candidate", "model", "score", "weight", "status", "folds"]].reset_index(drop=True)


def cause_of(model, name):
    """Return how often a plugin's failures are listed, and the first cause."""
    failures = model.failures()
    own = failures[failures["model"] == name]
    return int(own["count"].sum()), "" if own.empty else f"{own['stage'].iloc[0]}: {own['cause'].iloc[0]}"[:150]


class Lab:
    """Runs the faults on one table, and remembers the searches without them."""

    def __init__(self, seconds):
        self.seconds = seconds
        self.table = binary_table(ROWS)
        self.test = binary_table(100, seed=5)
        self.clean = {}

    def without(self, name=None):
        """Return the search by count without a fault, or with a harmless model of this name in its place."""
        if name not in self.clean:
            plugins = [] if name is None else [One(name, troublesome.ClassShares)]
            models = GOOD if name is None else (*GOOD, name)
            self.clean[name] = search(self.table, plugins, models, max_trials=N_GOOD + len(plugins))
        return self.clean[name]

    def by_count(self, name, lives=False, **options):
        """Run a fault among so many candidates; what is left must equal the search without it."""
        outcome = Outcome(f"{name}, by count")
        clean = self.without(name if lives else None)
        begun = time.monotonic()
        with watched(outcome, self.table):
            model = self.fit(name, max_trials=N_GOOD + 1, **options)
        outcome.seconds = time.monotonic() - begun
        self.judge(outcome, model, name, lives)
        if not of_good_models(model).equals(of_good_models(clean)):
            outcome.broken.append("the good models are not as without it")
        if not np.array_equal(model.predict_proba(self.test), clean.predict_proba(self.test)):
            outcome.broken.append("the predictions are not as without it")
        return outcome

    def by_time(self, name, lives=False, **options):
        """Run a fault inside a time limit; the limit and the good models must be kept."""
        outcome = Outcome(f"{name}, by time")
        begun = time.monotonic()
        with watched(outcome, self.table):
            model = self.fit(name, time_limit=self.seconds, **options)
        outcome.seconds = time.monotonic() - begun
        if outcome.seconds > 1.01 * self.seconds + 1:
            outcome.broken.append(f"{outcome.seconds - self.seconds:.1f} s too late")
        self.judge(outcome, model, name, lives)
        return outcome

    def fit(self, name, **options):
        plugin = One(name, troublesome.BUILDERS[name])
        return search(self.table, [plugin], (*GOOD, name), **options)

    def judge(self, outcome, model, name, lives):
        listed, outcome.cause = cause_of(model, name)
        board = model.leaderboard()
        finished = int((board["model"] == name).sum())
        outcome.tried = listed + finished
        failures = model.failures().query("model in @GOOD and stage != 'choose'")
        failures = failures[~failures["cause"].str.contains("time limit was reached")]
        outcome.lost = int(failures["count"].sum())
        if lives and not finished:
            outcome.broken.append("it was not let through")
        kept_out = finished and name in troublesome.UNREADABLE  # nobody wanted it, so nobody has tried to load it
        if not lives and not listed and not kept_out:
            outcome.broken.append("it is not listed")
        if not lives and (model.leaderboard().query("model == @name")["weight"] > 0).any():
            outcome.broken.append("it is in the ensemble")
        if not set(GOOD[1:]) <= set(board["model"]):
            outcome.broken.append(f"of the good models only {sorted(set(board['model']))} are there")
        self.check_predictions(outcome, model)

    def check_predictions(self, outcome, model):
        found = model.predict_proba(self.test)
        if not (np.isfinite(found).all() and np.allclose(found.sum(axis=1), 1.0)):
            outcome.broken.append("the predictions are no probabilities")

    # --- other faults than models

    def with_plugin(self, name, plugins, listed, **options):
        """Run a search by count with plugins that are no models; it must equal the one without."""
        outcome = Outcome(name, tried=1)
        clean = self.without()
        begun = time.monotonic()
        with watched(outcome, self.table):
            model = search(self.table, plugins, max_trials=N_GOOD, **options)
        outcome.seconds = time.monotonic() - begun
        listed_count, outcome.cause = cause_of(model, listed)
        if not listed_count:
            outcome.broken.append("it is not listed")
        if not np.array_equal(model.predict_proba(self.test), clean.predict_proba(self.test)):
            outcome.broken.append("the predictions are not as without it")
        return outcome

    def package(self, name, source):
        """Run a search beside an installed package that breaks."""
        with tempfile.TemporaryDirectory() as folder:
            write_package(Path(folder) / "packages", name, source)
            sys.path.insert(0, str(Path(folder) / "packages"))
            try:
                return self.with_plugin(name, (), name)
            finally:
                sys.path.remove(str(Path(folder) / "packages"))

    def killed_workers(self, seed):
        """Kill workers from outside at random moments of a search by time."""
        outcome, rng = Outcome(f"workers killed from outside, run {seed}"), random.Random(seed)
        over = threading.Event()

        def kill():
            while not over.wait(rng.uniform(0.1, 2.0)):
                for child in psutil.Process().children():
                    if not is_tracker(child) and rng.random() < 0.7:
                        outcome.tried += 1
                        with contextlib.suppress(psutil.Error):
                            os.kill(child.pid, signal.SIGKILL)

        killer = threading.Thread(target=kill)
        begun = time.monotonic()
        with watched(outcome, self.table):
            killer.start()
            try:
                model = search(self.table, time_limit=self.seconds)
            finally:
                outcome.seconds = time.monotonic() - begun
                over.set()
                killer.join()
        if outcome.seconds > 1.01 * self.seconds + 1:
            outcome.broken.append(f"{outcome.seconds - self.seconds:.1f} s too late")
        failures = model.failures().query("stage == 'worker'")
        outcome.lost = int(failures["count"].sum())
        outcome.cause = "" if failures.empty else failures["cause"].iloc[0][:150]
        self.check_predictions(outcome, model)
        return outcome

    def hardly_any_memory(self):
        """Allow less memory than this process has already."""
        outcome = Outcome("memory_limit below what is in use", tried=1)
        begun = time.monotonic()
        with watched(outcome, self.table):
            model = search(self.table, time_limit=self.seconds, memory_limit="20MB")
        outcome.seconds = time.monotonic() - begun
        if outcome.seconds > 1.01 * self.seconds + 1:
            outcome.broken.append(f"{outcome.seconds - self.seconds:.1f} s too late")
        failures = model.failures().query("stage != 'choose' or cause.str.contains('memory')")
        outcome.cause = "" if failures.empty else failures["cause"].iloc[0][:150]
        if failures.empty:
            outcome.broken.append("it is not listed")
        self.check_predictions(outcome, model)
        return outcome


def all_faults(lab, kills):
    """Yield the name of each fault with the function that runs it."""
    failing = (*troublesome.RAISING, *troublesome.DYING, *troublesome.UNREADABLE)
    for name in failing:
        yield name, lambda name=name: lab.by_count(name)
    for name in troublesome.LIVING:
        yield name, lambda name=name: lab.by_count(name, lives=True)
    for name in (*failing, *troublesome.HANGING):
        yield name, lambda name=name: lab.by_time(name)
    for name in troublesome.LIVING:
        yield name, lambda name=name: lab.by_time(name, lives=True)
    for name in troublesome.HOARDING:
        limit = f"{used_mb([os.getpid()]) + 1200:.0f}MB"
        yield name, lambda name=name, limit=limit: lab.by_count(name, memory_limit=limit)
        yield name, lambda name=name, limit=limit: lab.by_time(name, memory_limit=limit)
    yield "hardly any memory", lab.hardly_any_memory
    yield "raises_at_import", lambda: lab.package("raises_at_import", "raise ImportError('its library is missing')")
    yield "exits_at_import", lambda: lab.package("exits_at_import", "import sys; sys.exit(3)")
    offer = "@hookimpl\ndef automl_models():\n    raise ValueError('nothing to offer')"
    yield "raises_at_offer", lambda: lab.package("raises_at_offer", offer)
    for kind in (troublesome.RaisesWatching, troublesome.RaisesDeciding):
        yield kind.__name__, lambda kind=kind: lab.with_plugin(kind.__name__, [kind()], kind.__name__)
    for seed in range(kills):
        yield "killed workers", lambda seed=seed: lab.killed_workers(seed)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10.0, help="the limit of searches by time")
    parser.add_argument("--only", default="", help="faults, separated by commas; all by default")
    parser.add_argument("--kills", type=int, default=6, help="searches whose workers are killed from outside")
    options = parser.parse_args()
    lab, wanted, broken, count = Lab(options.seconds), set(filter(None, options.only.split(","))), 0, 0
    print("fault | tried | survived | lost | seconds | cause as listed in failures()")
    for name, run in all_faults(lab, options.kills):
        if wanted and name not in wanted:
            continue
        try:
            outcome = run()
        except Exception as error:
            outcome = Outcome(name, broken=[f"the search raised {type(error).__name__}: {str(error)[:300]}"])
        print(outcome.line(), flush=True)
        broken, count = broken + bool(outcome.broken), count + 1
    print(f"{count} tried, {count - broken} survived, {broken} lost")
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
