"""Sending a job costs the same at any table size: python benchmarks/job_cost.py

Stores tables of growing size, and prints how large a pickled job is and how long a worker takes to receive one and
answer (median of many round trips).
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

import cloudpickle
import numpy as np
from overhead import made_table

from automl.plugin_api import Candidate, Dataset, ExecutorRequest, Preparation, PreparationStep, publish_locally
from automl.registry import discover
from automl.steps.fit.fit_fold import FoldJob
from automl.steps.fit.store_dataset import store_dataset
from automl.steps.plan.infer_task import infer_task
from automl.steps.plan.plan_resampling import holdout
from automl.table.columns.encode_table import encode_table
from automl.table.columns.type_columns import type_columns

ROUND_TRIPS = 200


def fold_of(place, job):  # noqa: ARG001  what is around it does not matter
    """Return the job's fold: a worker that does nothing else."""
    return job.fold


def make_job(registry, n_rows, folder):
    frame = made_table(n_rows, 20)
    task, target = infer_task(frame.pop("target"), "target", None, registry)
    schema = type_columns(frame, registry)
    dataset = Dataset(encode_table(frame, schema), target, schema, task, np.arange(n_rows))
    stored = store_dataset(dataset, holdout(dataset, np.random.default_rng(0)), folder)
    steps = (PreparationStep("passthrough", tuple(c.name for c in schema.columns if c.kind.value == "numeric")),)
    return FoldJob(
        stored=publish_locally(stored.name, stored.files),
        candidate=Candidate("lightgbm", {}, Preparation(steps)),
        fold=0,
        spec=registry.models["lightgbm"],
        preprocessors={"passthrough": registry.preprocessors["passthrough"]},
        metric="roc_auc",
        seed=0,
        threads=1,
        seconds=60.0,
    )


def main():
    registry = discover()
    executor = registry.executors["process_slots"].build(ExecutorRequest(n_slots=1, threads=1))
    executor.start()
    (slot,) = executor.slots()
    print(f"{'rows':>10} {'job bytes':>10} {'round trip ms':>14}")
    for n_rows in (1_000, 10_000, 100_000, 1_000_000):
        with tempfile.TemporaryDirectory() as folder:
            job = make_job(registry, n_rows, Path(folder))
            executor.submit(slot, fold_of, job).future.result()
            times = []
            for _ in range(ROUND_TRIPS):
                start = time.perf_counter()
                executor.submit(slot, fold_of, job).future.result()
                times.append(1000 * (time.perf_counter() - start))
        print(f"{n_rows:>10} {len(cloudpickle.dumps(job)):>10} {statistics.median(times):>14.3f}", flush=True)
    executor.close()


if __name__ == "__main__":
    main()
