"""Simulate a search on many machines: python benchmarks/simulate_machines.py [--slots 8,128,512] [--limit 600]

No fit is made. The engine's own scheduler runs a search by time on a table of 100,000 rows, on a virtual clock: what a
fit takes is what its model expects at that size, times what a recorded fit of the model took of what was expected at
its own; its predictions are made up so that they score as the recorded ones did. The processor time that this process
takes for asking, judging, pickling and keeping books passes on the clock as it does on a real one, with `--send-ms` for
each job besides, for what a cluster's engine takes to send and receive it.

`--record` searches by count on 10,000 rows, and writes down what each candidate scored and the processor seconds that
its fits took, to recorded_fits.jsonl, of which there is one. Efficiency is the share of slots x limit in fits of
candidates that were completed, or dropped after their first fold.
"""

from __future__ import annotations

import argparse
import json
import math
import pickle
import tempfile
import time
from collections import Counter
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from heapq import heappop, heappush
from pathlib import Path
from statistics import NormalDist
from types import SimpleNamespace

import cloudpickle
import numpy as np
from scaling import made_table

from automl import AutoML
from automl.plugin_api import (
    FoldResult,
    LocalWorkplace,
    Ref,
    Slot,
    Stage,
    Started,
    Status,
    WorkerEndedError,
    hookimpl,
)
from automl.registry import discover
from automl.steps.plan.encode_given import encode_given
from automl.steps.plan.given import Given, Search
from automl.steps.plan.parse_settings import parse_settings
from automl.steps.plan.understand import understand
from automl.steps.trials.assign_resources import assign_resources
from automl.steps.trials.build_strategy import strategy_builder
from automl.steps.trials.follow_slots import Offer
from automl.steps.trials.reserve_time import finish_seconds
from automl.steps.trials.run_jobs import Slots
from automl.steps.trials.setup import Setup
from automl.steps.trials.trials import Trials
from automl.steps.trials.try_by_time import shared_slots, try_by_time
from automl.table.take_table import Extras

RECORDED = Path(__file__).with_name("recorded_fits.jsonl")
ROWS, RECORDED_ROWS, RECORDED_TRIALS, RECORDED_FOLDS = 100_000, 10_000, 24, 3


class Recorder:
    """Writes down what candidates scored and took, as they end."""

    def __init__(self, file, n_rows):
        self.file, self.n_rows = Path(file), n_rows
        self.file.write_text("")

    @hookimpl
    def automl_event(self, event):
        result = getattr(event, "result", None)
        if result is None:
            return
        line = {
            "model": result.candidate.model,
            "params": dict(result.candidate.params),
            "n_rows": self.n_rows,
            "losses": list(result.fold_losses),
            "seconds": [fold.cpu_seconds for fold in result.folds],
        }
        with self.file.open("a") as file:
            file.write(json.dumps(line, default=float) + "\n")


def record(file, n_rows, n_trials, n_folds):
    """Search by count, and write down what its candidates took."""
    recorder = Recorder(file, n_rows * (n_folds - 1) // n_folds)  # what each fit has
    search = AutoML(time_limit=None, max_trials=n_trials, cv=n_folds, n_jobs=1, verbose=0, plugins=[recorder])
    search.fit(made_table(n_rows), "target")


class Clock:
    """The time of a simulated search: it goes on where a fit ends, and as long as this process works for the search."""

    def __init__(self, charge):
        self.charge, self.passed, self.mark = charge, 0.0, time.process_time()
        self.started = 0.0
        self.worked = 0.0

    def elapsed(self):
        now = time.process_time()
        self.worked += now - self.mark
        self.passed += (now - self.mark) * self.charge
        self.mark = now
        return self.passed

    def add(self, seconds):
        """Let the controller be busy for so long."""
        self.elapsed()
        self.worked += seconds
        self.passed += seconds * self.charge

    def leap(self, to):
        """Wait for what happens at a time."""
        self.passed = max(self.elapsed(), to)

    def forget(self):
        """Leave out what was worked since: it was the simulation's own."""
        self.mark = time.process_time()

    def left_until(self, end):
        """Return what says how much time is left until then."""
        return SimpleNamespace(left=lambda: max(0.0, end - self.elapsed()))


class Pretends:
    """Stands for an executor with machines of 8 slots each: fits end by the clock, and score as recorded ones."""

    def __init__(self, n_slots, clock, send_seconds, seed):
        self.offered = tuple(Slot(n, host=f"h{n // 8:02}", memory_mb=64_000) for n in range(n_slots))
        self.clock, self.send_seconds, self.rng = clock, send_seconds, np.random.default_rng(seed)
        self.ends, self.n_jobs, self.busy = [], 0, Counter()
        self.recorded, self.trials, self.chosen = {}, None, {}

    def slots(self):
        return self.offered

    def submit(self, slot, function, job, seconds=math.inf):
        cloudpickle.dumps((function, job))
        self.clock.add(self.send_seconds)
        now = self.clock.elapsed()
        took, result = self.fitted(job)
        future = Future()
        if took > seconds:
            took, result = seconds, WorkerEndedError(Stage.WORKER, "outstayed its time")
        heappush(
            self.ends, (now + took, self.n_jobs, slot.number, future, cloudpickle.dumps(result), job.candidate.model)
        )
        self.n_jobs += 1
        self.busy[slot.number] += took
        self.clock.forget()
        return Started(future)

    def fitted(self, job):
        """Return what a fit takes, and its result: those of a recorded candidate of its model, at this table's size."""
        judge, costs, candidate = self.trials.judge, self.trials.costs, job.candidate
        known = self.recorded[candidate.model]
        each = self.chosen.setdefault(candidate.id, known[self.rng.integers(len(known))])
        at = job.fold % len(each["losses"])
        took = (
            costs.resources(candidate.model, candidate.params).seconds * each["ratios"][at] * self.rng.uniform(0.9, 1.1)
        )
        rows = judge.plan.folds[job.fold].valid
        auc = min(0.999, max(0.5, -each["losses"][at] + 0.002 * self.rng.normal()))
        distance = math.sqrt(2) * NormalDist().inv_cdf(auc)
        common = np.random.default_rng(job.fold).normal(size=len(rows))
        noise = 0.9 * common + math.sqrt(1 - 0.9**2) * self.rng.normal(size=len(rows))
        chances = 1 / (1 + np.exp(-(distance * (judge.target[rows] - 0.5) + noise)))
        predictions = np.column_stack([1 - chances, chances]).astype(np.float32)
        return took, FoldResult(candidate.id, job.fold, predictions, took, took, 0.1)

    def next_end(self):
        return self.ends[0][0] if self.ends else math.inf

    def end_those_due(self):
        """Let the fits end whose time has come."""
        while self.ends and self.ends[0][0] <= self.clock.elapsed():
            _, _, _, future, data, _ = heappop(self.ends)
            if not future.done():
                result = pickle.loads(data)
                (future.set_exception if isinstance(result, Exception) else future.set_result)(result)

    def kill(self, slot):
        pass


class VirtualSlots(Slots):
    """Slots on which time passes as the clock says."""

    clock: Clock

    def wait(self, seconds):
        self.clock.leap(min(self._executor.next_end(), self.clock.elapsed() + seconds))
        self._executor.end_those_due()
        return list(self._collect(self._arrived(0.0)))


def simulate(recorded, n_rows, n_slots, limit, *, send_ms=1.0, charge=1.0, n_folds=5, seed=0):
    """Run a search by time on so many slots, and return what became of their time."""
    clock = Clock(charge)
    models = sorted({line["model"] for line in recorded})
    options = AutoML(
        time_limit=limit, cv=n_folds, n_jobs=n_slots, verbose=0, memory_limit="64GB", models=models
    ).get_params(deep=False)
    search = Search(parse_settings(options), discover(), clock)
    asked = understand(Given(made_table(n_rows), "target", Extras()), search)
    executor = Pretends(n_slots, clock, send_ms / 1000, seed)
    spec = search.registry.executors["process_slots"]
    with tempfile.TemporaryDirectory() as folder:
        table = encode_given(asked, search, Path(folder))
        offer = Offer(executor, partial(assign_resources, search.settings, spec, dataset=table.dataset))
        setup = Setup(search, table, executor, Ref("table"), LocalWorkplace(Path(folder)), offer)
        trials = Trials(setup, strategy_builder(setup))
        executor.trials, executor.recorded = trials, by_model(recorded, trials)
        slots = VirtualSlots(executor, offer.assignment.used, partial(shared_slots, limit), offer=None)
        slots.clock = clock
        clock.passed, clock.worked = 0.0, 0.0
        clock.forget()
        end = limit - finish_seconds(limit, n_rows, 2)
        try_by_time(trials, slots, clock.left_until(end), lambda: bool(search.registry.decide(
            "automl_should_stop", progress=trials.progress())))  # fmt: skip
        trials.close_all()
        search.registry.aside.close()
    return told(trials, executor, clock, n_slots, limit, end)


def by_model(recorded, trials):
    """Return the recorded candidates by model, with what their fits took of what was expected at their size."""
    found = {}
    for line in recorded:
        spec = trials.models.get(line["model"])
        if spec is None or spec.resources is None:
            continue
        size = replace(trials.costs.size(spec.name, line["params"]), n_rows=line["n_rows"])
        expected = spec.resources(size).seconds
        ratios = [seconds / expected for seconds in line["seconds"]]
        found.setdefault(line["model"], []).append({**line, "ratios": ratios})
    return found


def told(trials, executor, clock, n_slots, limit, end):
    """Return the shares of the slots' time, and what the controller worked."""
    by_model = Counter()
    for each in executor.ends:
        by_model[each[5]] += 1
    seconds, counts = Counter(), Counter()
    for result in trials.results:
        seconds[result.status] += result.seconds
        counts[result.status] += 1
    whole = n_slots * limit
    useful = seconds[Status.COMPLETE] + seconds[Status.DROPPED]
    started = sum(executor.busy.values())
    cut = sum(max(0.0, each[0] - end) for each in executor.ends)
    shares = {
        "useful": useful / whole,
        "kept for the end": (limit - end) / limit,
        "of candidates that were not completed": seconds[Status.PARTIAL] / whole,
        "of fits that were stopped": (started - cut - useful - seconds[Status.PARTIAL]) / whole,
    }
    shares["idle"] = 1 - sum(shares.values())
    return {
        "slots": n_slots,
        "jobs": executor.n_jobs,
        "shares": shares,
        "counts": {str(status): count for status, count in counts.items()},
        "failures": Counter(f"{each.model}: {each.stage}" for each in trials.failures).most_common(4),
        "stopped": by_model,
        "controller": clock.worked / clock.passed,
        "ms a job": 1000 * clock.worked / max(1, executor.n_jobs),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--slots", default="8,32,128,512")
    parser.add_argument("--limit", type=float, default=600.0)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--send-ms", type=float, default=1.0)
    parser.add_argument("--record", action="store_true")
    given = parser.parse_args()
    if given.record:
        record(RECORDED, RECORDED_ROWS, RECORDED_TRIALS, RECORDED_FOLDS)
        return
    recorded = [json.loads(line) for line in RECORDED.read_text().splitlines()]
    print(f"simulated: {given.rows} rows, {given.limit:g} s, machines of 8 slots")
    for n_slots in map(int, given.slots.split(",")):
        found = simulate(recorded, given.rows, n_slots, given.limit, send_ms=given.send_ms)
        shares = ", ".join(f"{share:.3f} {name}" for name, share in found["shares"].items())
        print(f"{n_slots:>4} slots: {shares}; {found['jobs']} jobs, {dict(found['counts'])}")
        print(f"            controller busy {found['controller']:.1%}, {found['ms a job']:.2f} ms a job")
        print(f"            running at the end: {dict(found['stopped'])}; not run or broken: {found['failures']}")


if __name__ == "__main__":
    main()
