"""The searches by count that compare_commits.py sets side by side: tables, options, and what is kept of each.

Run as a script, `python counted_searches.py JOB.json`, it makes the searches that the job names with whichever version
of the engine is imported, so it uses public names alone. Tables come from scikit-learn's own data and seeded draws.
"""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path

import numpy as np
import pandas as pd

TIMES = ["fit_seconds", "predict_seconds", "finished"]
HELD_OUT = 0.25
SEED = 7
PRAISE, BLAME = ["good", "kind", "fast", "sturdy"], ["bad", "late", "slow", "broken"]
WORDS = [*PRAISE, *BLAME, "new", "old", "warm", "cold", "dear", "cheap", "loud", "still"]


@dataclass(frozen=True, slots=True)
class Question:
    """A table, the options of the search, and what `fit` is given beside the table."""

    frame: pd.DataFrame
    target: str
    options: dict = field(default_factory=dict)
    extras: dict = field(default_factory=dict)
    metrics: tuple[str, ...] = ()
    """Those that `evaluate` is asked for on the held-out rows."""


def wine() -> Question:
    """Three classes, gaps, weights, and the models of scikit-learn."""
    frame = _with_gaps(_bundled("wine"), 0.05)
    frame["weight"] = np.random.default_rng(1).uniform(0.5, 2.0, len(frame)).round(3)
    models = ["linear", "svm", "random_forest", "extra_trees", "nearest_neighbors", "lightgbm"]
    metrics = ("log_loss", "accuracy", "balanced_accuracy", "f1_macro", "roc_auc")
    return Question(frame, "target", {"models": models, "max_trials": 10}, {"sample_weight": "weight"}, metrics)


def breast_cancer() -> Question:
    """Two classes with labels as text, a metric that sees labels, and the boosted trees."""
    frame = _bundled("breast_cancer")
    frame["target"] = np.where(frame["target"] == 1, "benign", "malignant")
    options = {"models": ["lightgbm", "xgboost", "catboost", "linear"], "max_trials": 8, "metric": "f1"}
    return Question(frame, "target", options, {}, ("f1", "roc_auc", "log_loss", "mcc", "brier", "average_precision"))


def diabetes() -> Question:
    """Numbers to predict, rows in groups, an ensemble by stacking."""
    frame = _bundled("diabetes")
    frame["clinic"] = np.random.default_rng(2).integers(0, 40, len(frame))
    models = ["linear", "svm", "extra_trees", "nearest_neighbors", "xgboost", "lightgbm"]
    options = {"models": models, "max_trials": 9, "ensemble": "stacking"}
    return Question(
        frame, "target", options, {"groups": "clinic"}, ("rmse", "mae", "r2", "mape", "median_absolute_error")
    )


def digits() -> Question:
    """Ten classes, the network, and neighbours."""
    frame = _bundled("digits").iloc[:500]
    options = {"models": ["network", "nearest_neighbors", "random_forest", "linear"], "max_trials": 7}
    return Question(frame, "target", options, {}, ("log_loss", "accuracy"))


def reviews() -> Question:
    """Two classes that hang on what is written, with dates, a category, an address, and gaps."""
    rng, n_rows = np.random.default_rng(3), 320
    frame = pd.DataFrame({
        "written": _days(rng, "2021-03-01", 700, n_rows),
        "remark": [" ".join(rng.choice(WORDS, rng.integers(4, 14))) for _ in range(n_rows)],
        "city": rng.choice(["Bern", "Oslo", "Rome", None], n_rows, p=[0.4, 0.3, 0.2, 0.1]),
        "mail": [f"user{k}@{host}" for k, host in enumerate(rng.choice(["corp.de", "mail.com", "uni.ch"], n_rows))],
        "stars": rng.integers(1, 6, n_rows).astype(float),
    })  # fmt: skip
    praised = frame["remark"].str.count("|".join(PRAISE)) - frame["remark"].str.count("|".join(BLAME))
    frame["returned"] = np.where(praised + rng.normal(0, 1, n_rows) < 0.2, "yes", "no")
    frame = _with_gaps(frame, 0.08, ["stars", "remark"])
    models = ["text_linear", "linear", "lightgbm", "catboost", "network"]
    return Question(frame, "returned", {"models": models, "max_trials": 9}, {}, ("roc_auc", "log_loss", "accuracy"))


def sales() -> Question:
    """Numbers over time: dates and amounts as text, durations, codes; folds in order of time, members on all rows."""
    rng, n_rows = np.random.default_rng(4), 420
    days = np.sort(rng.integers(0, 800, n_rows))
    price, minutes = rng.lognormal(3, 0.5, n_rows), rng.integers(10, 400, n_rows)
    frame = pd.DataFrame({
        "day": (pd.to_datetime("2020-01-05") + pd.to_timedelta(days, unit="D")).strftime("%d.%m.%Y"),
        "price": [f"${each:,.2f}" for each in price],
        "discount": [f"{each} %" for each in rng.integers(0, 40, n_rows)],
        "lasted": [f"{each // 60}h {each % 60}min" for each in minutes],
        "shop": rng.choice(["north", "south", "west"], n_rows),
        "code": [f"{each}{rng.integers(1, 90)}" for each in rng.choice(list("ABC"), n_rows)],
    })  # fmt: skip
    frame["sold"] = (50 + days / 40 + 8 * np.sin(days / 58) - price / 4 + rng.normal(0, 4, n_rows)).round(2)
    options = {"models": ["linear", "lightgbm", "extra_trees", "xgboost", "catboost"], "max_trials": 8}
    return Question(frame, "sold", options, {"time_column": "day"}, ("rmse", "mae", "wmape"))


def tickets() -> Question:
    """Four classes, one of them rare, from short texts and a category of many values; voting; weights of zero."""
    rng, n_rows = np.random.default_rng(5), 360
    frame = pd.DataFrame({
        "subject": [" ".join(rng.choice(WORDS, 5)) for _ in range(n_rows)],
        "team": [f"team {each}" for each in rng.zipf(1.6, n_rows) % 60],
        "opened": pd.to_datetime("2023-01-01 08:00") + pd.to_timedelta(rng.integers(0, 200_000, n_rows), unit="min"),
        "urgent": rng.random(n_rows) < 0.3,
        "size": rng.exponential(10, n_rows).round(1),
    })  # fmt: skip
    value = frame["urgent"] * 2 + frame["subject"].str.count("broken|loud") + rng.normal(0, 0.6, n_rows)
    frame["kind"] = pd.cut(value, [-9, 0.4, 1.6, 3.2, 9], labels=["ask", "minor", "major", "outage"]).astype(str)
    frame = _with_gaps(frame, 0.1, ["size", "team"])
    frame["counts"] = rng.integers(0, 3, n_rows).astype(float)
    options = {"models": ["text_linear", "linear", "random_forest", "lightgbm", "xgboost"], "max_trials": 8,
               "ensemble": "voting", "metric": "balanced_accuracy", "refit": True}  # fmt: skip
    return Question(frame, "kind", options, {"sample_weight": "counts"}, ("balanced_accuracy", "log_loss", "f1_macro"))


def quotes() -> Question:
    """Numbers far apart, judged by their absolute error, with text and dates; four folds."""
    rng, n_rows = np.random.default_rng(6), 300
    frame = pd.DataFrame({
        "text": [" ".join(rng.choice(WORDS, 7)) for _ in range(n_rows)],
        "since": _days(rng, "2019-06-01", 1500, n_rows).strftime("%Y-%m-%d"),
        "weight": [f"{each:.1f} kg" for each in rng.gamma(3, 4, n_rows)],
        "width": rng.normal(10, 2, n_rows),
        "height": rng.normal(5, 1, n_rows),
    })  # fmt: skip
    power = frame["width"] * frame["height"] / 25 + frame["text"].str.count("dear")
    frame["amount"] = np.exp(power + rng.normal(0, 0.3, n_rows))
    frame = _with_gaps(frame, 0.05, ["width", "since"])
    models = ["text_linear", "linear", "svm", "lightgbm", "network", "extra_trees"]
    options = {"models": models, "max_trials": 9, "metric": "mae", "cv": 4}
    return Question(frame, "amount", options, {}, ("mae", "rmse", "r2", "pinball@0.9"))


QUESTIONS: dict[str, Callable[[], Question]] = {
    each.__name__: each for each in (wine, breast_cancer, diabetes, digits, reviews, sales, tickets, quotes)
}


def from_csv(path: str, target: str) -> Question:
    """Return a file's table, at most 2,000 rows of it, with the models that take the least time."""
    frame = pd.read_csv(path, nrows=2000, low_memory=False).dropna(subset=[target]).reset_index(drop=True)
    return Question(frame, target, {"models": ["linear", "lightgbm", "extra_trees", "xgboost"], "max_trials": 7})


def _bundled(name: str) -> pd.DataFrame:
    from sklearn import datasets

    return getattr(datasets, f"load_{name}")(as_frame=True).frame


def _days(rng, first: str, n_days: int, n_rows: int) -> pd.DatetimeIndex:
    """Return one of so many days for each row, drawn at random."""
    return pd.DatetimeIndex(pd.to_datetime(first) + pd.to_timedelta(rng.integers(0, n_days, n_rows), unit="D"))


def _with_gaps(frame: pd.DataFrame, share: float, columns=None) -> pd.DataFrame:
    """Return the table with this share of some columns' values gone; of all but the target where none are named."""
    rng, frame = np.random.default_rng(8), frame.copy()
    for name in columns or [each for each in frame if each != "target"]:
        frame.loc[rng.random(len(frame)) < share, name] = None
    return frame


def split_rows(question: Question) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return training and held-out rows: the newest where a column of time is given, else drawn."""
    n_rows = len(question.frame)
    n_held = round(HELD_OUT * n_rows)
    in_order = "time_column" in question.extras
    order = np.arange(n_rows) if in_order else np.random.default_rng(SEED).permutation(n_rows)
    train, test = np.sort(order[:-n_held]), np.sort(order[-n_held:])
    return question.frame.iloc[train].reset_index(drop=True), question.frame.iloc[test].reset_index(drop=True)


def search(question: Question, folder: Path) -> None:
    """Search by count, and write what came of it: arrays.npz, told.json, and the saved model."""
    from automl import AutoML

    train, test = split_rows(question)
    options = {"cv": 3, **question.options}
    model = AutoML(None, n_jobs=2, random_state=SEED, verbose=0, **options)
    model.fit(train, question.target, **question.extras)
    folder.mkdir(parents=True, exist_ok=True)
    np.savez(folder / "arrays.npz", **predicted(model, test))
    told = {
        "leaderboard": _cells(model.leaderboard().drop(columns=TIMES)),
        "score": [float(each).hex() for each in (model.score_, *model.interval_)] + [model.ensemble_],
        "evaluate": [f"{name} {float(value).hex()}" for name, value in _evaluated(model, test, question).items()],
        "notes": list(model.notes_),
        "audit": _cells(model.audit_),
        "columns": _cells(model.schema_summary_),
        "failures": _cells(model.failures()[["model", "stage", "cause", "count"]]),
    }
    model.save(folder / "model.automl")
    (folder / "told.json").write_text(json.dumps(told, indent=1))


def _evaluated(model, test: pd.DataFrame, question: Question) -> dict[str, float]:
    return model.evaluate(test, question.target, metrics=[model.metric_, *question.metrics])


def predicted(model, test: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return what a fitted model gives for some rows, and for the first of them alone."""
    found = {"predictions": model.predict(test), "one row": model.predict(test.iloc[:1])}
    if hasattr(model, "predict_proba"):
        found["probabilities"] = model.predict_proba(test)
    return {name: values.astype(str) if values.dtype == object else values for name, values in found.items()}


def _cells(frame: pd.DataFrame) -> list[str]:
    """Return a table as lines, numbers to their last bit."""
    lines = [" | ".join(map(str, frame.columns))]
    return lines + [" | ".join(_cell(value) for value in row) for row in frame.itertuples(index=False)]


def _cell(value) -> str:
    return float(value).hex() if isinstance(value, float) else str(value)


def predict_saved(question: Question, saved: Path, folder: Path) -> None:
    """Load a model that another version saved, and write what it predicts."""
    from automl import AutoML

    folder.mkdir(parents=True, exist_ok=True)
    found = predicted(AutoML.load(saved), split_rows(question)[1])
    np.savez(folder / "loaded.npz", **found)


def main() -> None:
    """Make the searches of a job, or load the models that it names, and say which code did so."""
    import automl

    job = json.loads(Path(sys.argv[1]).read_text())
    warnings.simplefilter("ignore")
    plugins = {import_module(each.value.split(".")[0]).__file__ for each in entry_points(group="automl")}
    print(f"  code: {automl.__file__}, {', '.join(sorted(plugins))}", flush=True)
    for name in job["tables"]:
        question = from_csv(*job["csv"][name]) if name in job["csv"] else QUESTIONS[name]()
        folder = Path(job["results"]) / name
        if job["saved"]:
            predict_saved(question, Path(job["saved"]) / name / "model.automl", folder)
        else:
            search(question, folder)


if __name__ == "__main__":
    main()
