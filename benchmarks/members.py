"""What does each member of an ensemble bring?  python benchmarks/members.py TABLES RECORDS [--limit 60] [--seed 0]

Searches every table in a process of its own, one after another, and keeps in RECORDS/NAME.npz the out-of-fold
predictions of all candidates that may join an ensemble, and what each of their fold models predicts for a fifth of the
rows that the search never sees. Tables that have a record are not searched again. Then, without any fit:

- the greedily weighted ensemble against ones without a family, with fewer members, and the best candidate alone. All
  are cross-fitted over the training rows: weights are chosen on four fifths of them and judged on the other;
- all fold models against about so many, dealt by weight, on the test rows, which no model has seen.

Ratios are geometric means of losses over the tables; above 1 is worse. What a family's absence would leave time for is
not in them: `ablation.py` measures that. TABLES is as tables.py reads it.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tables import find_tables, read_table, split_rows

FAMILIES = {
    "lightgbm": ("lightgbm",),
    "xgboost": ("xgboost",),
    "catboost": ("catboost",),
    "the forests": ("random_forest", "extra_trees"),
    "the network": ("network",),
    "kernel ridge": ("kernel_ridge",),
    "linear models, SVM, neighbours, text": ("linear", "svm", "nearest_neighbors", "text_linear", "bert"),
}
LIGHTEST = (0.0, 0.05, 0.1, 0.15)
FOLD_MODELS = (6, 8, 12, 16, 24)
FEW_ROWS, REPEATS = 5_000, 3


class Everyone:
    """An ensembler that weights all candidates alike, so that all are members, and keeps what it was shown."""

    shown = None

    @staticmethod
    def automl_ensemblers():
        from automl.plugin_api import EnsemblerSpec

        return (EnsemblerSpec("everyone", Everyone, family="everyone", in_auto=False),)

    def __init__(self, request):
        self.request = request

    def fit(self, out_of_fold, context):  # noqa: ARG002  the protocol names it
        """Keep the rows; the last fit, on all of them, is what counts."""
        from automl_builtins.ensemblers._candidates import WeightedAverage

        Everyone.shown = out_of_fold
        n_candidates = len(out_of_fold.predictions)
        return WeightedAverage(np.full(n_candidates, 1.0 / n_candidates))


def record(folder, place, limit, seed):
    """Search a table and write what its candidates predict."""
    from automl import AutoML
    from automl.plugin_api import hookimpl

    Everyone.automl_ensemblers = staticmethod(hookimpl(Everyone.automl_ensemblers))
    table = read_table(folder)
    train, test = split_rows(table, seed)
    options = {"ensemble": "everyone", "plugins": [Everyone], "random_state": seed, "n_jobs": 2, "verbose": 0}
    model = AutoML(limit, metric=table.metric, **options).fit(train, table.target)
    if Everyone.shown is None:
        raise SystemExit(f"{table.name}: {limit:g} s were enough for one candidate alone; give a longer --limit.")
    features, target = test.drop(columns=[table.target]), test[table.target].to_numpy()
    if table.is_classification:
        target = np.searchsorted(model.classes_, target)
    members = model.predictor_.members
    by_fold = [
        model.predictor_.without_seen(fold).predict_members(features)
        for fold in range(min(len(member.folds) for member in members))
    ]
    fold_predictions = [
        np.array([found[member.candidate_id] for found in by_fold], dtype=np.float32) for member in members
    ]
    np.savez_compressed(
        place,
        out_of_fold=Everyone.shown.predictions[[member.position for member in members]],
        target=Everyone.shown.target,
        test_target=target,
        models=[member.model for member in members],
        metric=table.metric,
        kind=model.task_.kind.value,
        n_classes=len(model.task_.classes),
        **{f"test_{number}": each for number, each in enumerate(fold_predictions)},
    )


@dataclass(frozen=True, slots=True)
class Record:
    """What the candidates of one table predict: out of fold, and each fold model for the test rows."""

    name: str
    out_of_fold: np.ndarray
    target: np.ndarray
    test: list[np.ndarray]
    test_target: np.ndarray
    models: list[str]
    request: object

    def loss(self, outputs, target):
        """Return how far predictions are from the metric's optimum."""
        from automl.plugin_api import score_predictions

        metric = self.request.metric
        return abs(metric.optimum - score_predictions(metric, self.request.task, target, outputs))

    def weigh(self, rows, candidates, lightest=0.02):
        """Return the weights, `(n_candidates,)`, that the weighted ensemble finds on some rows and candidates."""
        from automl.plugin_api import FitContext, OutOfFold
        from automl.vocabulary.deadline import Deadline
        from automl_builtins.ensemblers import _candidates
        from automl_builtins.ensemblers.weighted import GreedyWeights

        _candidates.LIGHTEST = lightest
        context = FitContext(seed=0, threads=1, deadline=Deadline(None), metric=self.request.metric.name)
        shown = OutOfFold(self.out_of_fold[np.ix_(candidates, rows)], self.target[rows], None, None)
        weights = np.zeros(len(self.models))
        weights[candidates] = GreedyWeights(self.request).fit(shown, context).weights()
        return weights


def read_record(path):
    """Return a record; its task has the classes 0, 1, ..., which is all that metrics need."""
    from automl.plugin_api import EnsembleRequest, TaskKind
    from automl.registry import discover
    from automl.vocabulary.task import Task

    found = np.load(path)
    task = Task(TaskKind(str(found["kind"])), "target", tuple(range(int(found["n_classes"]))))
    models = [str(name) for name in found["models"]]
    return Record(
        name=path.stem,
        out_of_fold=found["out_of_fold"],
        target=found["target"],
        test=[found[f"test_{number}"] for number in range(len(models))],
        test_target=found["test_target"],
        models=models,
        request=EnsembleRequest(task, discover().metrics[str(found["metric"])]),
    )


def cross_fitted_loss(record, candidates, lightest=0.02, best_alone=False):
    """Return the loss of rows whose weights were chosen on others, and the mean number of members."""
    from automl.steps.ensemble.cross_fit import plan_cross_fit

    losses, members = [], []
    for seed in range(REPEATS if len(record.target) < FEW_ROWS else 1):
        pooled = np.zeros(record.out_of_fold.shape[1:])
        for fold in plan_cross_fit(record.target, None, record.request.task.kind.is_classification, seed):
            if best_alone:
                losses_alone = [record.loss(each[fold.train], record.target[fold.train]) for each in record.out_of_fold]
                weights = np.eye(len(record.models))[int(np.argmin(losses_alone))]
            else:
                weights = record.weigh(fold.train, candidates, lightest)
            pooled[fold.valid] = np.tensordot(weights, record.out_of_fold[:, fold.valid].astype(np.float64), axes=1)
            members.append((weights > 0).sum())
        losses.append(record.loss(pooled, record.target))
    return float(np.exp(np.mean(np.log(losses)))), float(np.mean(members))


def member_ratios(record):
    """Return variant -> (loss ratio to the whole ensemble, ratio of its members), where the variant is possible."""
    everyone = np.arange(len(record.models))
    whole = cross_fitted_loss(record, everyone)
    found = {}
    for family, names in FAMILIES.items():
        others = np.flatnonzero(~np.isin(record.models, names))
        if 0 < len(others) < len(everyone):
            found[f"without {family}"] = cross_fitted_loss(record, others)
    for lightest in LIGHTEST:
        found[f"members of a share from {lightest:.0%} on"] = cross_fitted_loss(record, everyone, lightest)
    found["the best candidate alone"] = cross_fitted_loss(record, everyone, best_alone=True)
    return {name: (loss / whole[0], members / whole[1]) for name, (loss, members) in found.items()}


def fold_ratios(record):
    """Return variant -> (loss ratio to all fold models on the test rows, share of them that predict)."""
    from automl.steps.ensemble.deal_folds import deal_folds

    weights = record.weigh(np.arange(len(record.target)), np.arange(len(record.models)))
    used = np.flatnonzero(weights)
    available = [len(record.test[member]) for member in used]

    def loss(dealt):
        outputs = sum(
            weights[member] * record.test[member][list(hand)].mean(axis=0, dtype=np.float64)
            for member, hand in zip(used, dealt, strict=True)
        )
        return record.loss(outputs, record.test_target)

    whole = loss([range(count) for count in available])
    found = {}
    for most in FOLD_MODELS:
        dealt = deal_folds(weights[used], available, most)
        turns = [[tuple((place + turn) % n for place in hand) for hand, n in zip(dealt, available, strict=True)]
                 for turn in range(max(available))]  # fmt: skip
        ratio = np.exp(np.mean([np.log(loss(each) / whole) for each in turns]))
        found[f"about {most} fold models"] = (ratio, sum(map(len, dealt)) / sum(available))
    return found


def print_ratios(title, counted, by_table):
    """Print each variant's mean ratio over the tables that have it."""
    print(f"\n| {title} | loss ratio | standard error | worse on | {counted} |\n|---|---|---|---|---|")
    for variant in dict.fromkeys(name for found in by_table.values() for name in found):
        pairs = np.array([found[variant] for found in by_table.values() if variant in found])
        logs = np.log(pairs[:, 0])
        error = logs.std(ddof=1) / np.sqrt(len(logs)) if len(logs) > 1 else float("nan")
        share = np.exp(np.log(pairs[:, 1]).mean())
        worse = f"{(logs > 0).sum()} of {len(logs)}"
        print(f"| {variant} | {np.exp(logs.mean()):.4f} | {error:.4f} | {worse} | {share:.2f} |", flush=True)


def main():
    if sys.argv[1:2] == ["--one"]:
        record(Path(sys.argv[2]), Path(sys.argv[3]), float(sys.argv[4]), int(sys.argv[5]))
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tables", type=Path)
    parser.add_argument("records", type=Path)
    parser.add_argument("--limit", type=float, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--names", default="", help="tables, separated by commas; all by default")
    options = parser.parse_args()
    options.records.mkdir(parents=True, exist_ok=True)
    for folder in find_tables(options.tables, tuple(filter(None, options.names.split(",")))):
        place = options.records / f"{folder.name}.npz"
        if not place.exists():
            command = [sys.executable, __file__, "--one", folder, place, options.limit, options.seed]
            subprocess.run([str(each) for each in command], check=True)
            print(f"recorded {folder.name}", flush=True)
    records = [read_record(path) for path in sorted(options.records.glob("*.npz"))]
    print_ratios("ensemble", "members", {each.name: member_ratios(each) for each in records})
    print_ratios("predicting with", "fold models", {each.name: fold_ratios(each) for each in records})


if __name__ == "__main__":
    main()
