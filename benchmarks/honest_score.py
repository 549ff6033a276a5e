"""Does the score that was promised hold?  python benchmarks/honest_score.py TABLES RESULTS.jsonl [--limit 10]

Fits every table with every seed on 80 % of at most `--rows` of its rows, in a process of its own, one after another,
and sets three scores beside each other:

- "score" with its interval, as the estimator reports them: cross-fitted, on rows that neither members nor weights saw;
- "plain", the out-of-fold score of the same ensemble by weights that were fitted on all of these rows;
- "test", on the 20 % that the search never saw; and "rest", on these and all rows beyond `--rows`, where there are any.

The interval is about a test table a quarter as long as the training table, which is what is held out here; so it has
to hold "test" 95 times in 100, and "rest", a longer table, more often. Beside it stands the narrow interval, that of
the score alone as if the test table were endless: how often it holds "test" shows what the length of the test table
takes away. Promised are a coverage of at least 85 % and a mean bias of less than a quarter of the interval's half
width; bias is positive where the report was too good. The share is that of the mean bias to the mean half width, each
run in units of its own half width. Exits with 1 where a promise is broken.

Runs that had no time for anything but the constant model are left out: whatever is reported of it holds.
Finished runs are kept in RESULTS.jsonl, so that a study can go on, and grow; TABLES is as tables.py reads it.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
from tables import Table, find_tables, read_meta, read_table, split_rows

COVERAGE, BIAS = 0.85, 0.25
KEY = ("table", "seed", "limit", "rows")


def run_one(folder, seed, limit, rows):
    """Fit one table and return what was reported and what came of it."""
    from automl import AutoML
    from automl.steps.score.resample_scores import NEW_SHARE

    meta, whole = read_meta(folder), read_table(folder)
    table = read_table(folder, rows, seed)
    train, test = split_rows(table, seed)
    started = time.monotonic()
    model = AutoML(limit, metric=meta["metric"], n_jobs=2, verbose=0, random_state=seed).fit(train, table.target)
    seconds = time.monotonic() - started
    found = {"metric": model.metric_, "greater": model.metric_spec_.greater_is_better, "seconds": seconds}
    low, high = model.interval_
    narrow = math.sqrt(1.0 + 1.0 / NEW_SHARE)
    found |= {"score": model.score_, "low": low, "high": high, "plain": model.outcome_.ensemble.in_sample_score}
    found |= {"narrow_low": model.score_ + (low - model.score_) / narrow}
    found |= {"narrow_high": model.score_ + (high - model.score_) / narrow}
    board = model.leaderboard()
    found["models"] = sorted(set(board["model"][board["weight"] > 0]))
    found |= {"n_train": len(train), "n_test": len(test), "ensemble": model.ensemble_}
    found["test"] = _score(model, test, table)
    others = _not_in(whole, table, rows, seed)
    if len(others):
        found |= {"rest": _score(model, pd.concat([test, others]), table), "n_rest": len(test) + len(others)}
    return found


def _score(model, frame: pd.DataFrame, table: Table) -> float:
    return model.evaluate(frame, table.target, metrics=[model.metric_])[model.metric_]


def _not_in(whole: Table, table: Table, rows, seed) -> pd.DataFrame:
    """Return the rows that `read_table` has left out; it draws the same ones for the same seed."""
    if len(whole.frame) == len(table.frame):
        return whole.frame.iloc[:0]
    kept = np.random.default_rng(seed).choice(len(whole.frame), rows, replace=False)
    return whole.frame.drop(index=kept)


def run_all(tables, results, options):
    """Run what is not in the results yet, until the time for the study is over."""
    begun, done = time.monotonic(), {tuple(each[name] for name in KEY) for each in read_results(results)}
    for seed in options.seeds:
        for folder in tables:
            key = (folder.name, seed, options.limit, options.rows)
            if key in done or time.monotonic() - begun > options.seconds:
                continue
            command = [sys.executable, __file__, "--one", str(folder), *map(str, key[1:])]
            output = subprocess.run(command, capture_output=True, text=True, check=False)
            if output.returncode != 0:
                print(f"{folder.name}, seed {seed}: failed\n{output.stderr[-2000:]}", file=sys.stderr)
                continue
            record = dict(zip(KEY, key, strict=True)) | json.loads(output.stdout.splitlines()[-1])
            with results.open("a") as file:
                file.write(json.dumps(record) + "\n")
            print(f"{folder.name}, seed {seed}: {record['score']:.5g}, test {record['test']:.5g}", flush=True)


def read_results(path):
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def judged(records, limit):
    """Return one row a run: the scores, and by how many half widths each report was too good."""
    trained = [each for each in records if each["limit"] == limit and each.get("models") != ["baseline"]]
    frame = pd.DataFrame(trained)
    sign = np.where(frame["greater"], 1.0, -1.0)
    half = (frame["high"] - frame["low"]) / 2
    frame["half"] = half
    for name in ("test", "rest"):
        if name not in frame:
            frame[name] = np.nan
        frame[f"{name}_held"] = frame[name].between(frame["low"], frame["high"]).where(frame[name].notna())
        frame[f"{name}_narrow_held"] = (
            frame[name].between(frame["narrow_low"], frame["narrow_high"]).where(frame[name].notna())
        )
        for report in ("score", "plain"):
            frame[f"{report}_{name}_bias"] = sign * (frame[report] - frame[name]) / half
    return frame


def print_report(records, limit):
    """Print the runs and the summary; return whether the promises hold."""
    frame = judged(records, limit)
    columns = ["table", "seed", "metric", "n_train", "n_test", "score", "low", "high", "plain", "test", "rest"]
    columns += ["test_held", "score_test_bias", "plain_test_bias"]
    print(frame[columns].to_string(index=False, float_format=lambda value: f"{value:.4g}"))
    print(f"\n{len(frame)} runs, {frame['table'].nunique()} tables, {limit:g} s")
    for name in ("test", "rest"):
        known = frame[frame[name].notna()]
        if known.empty:
            continue
        print(
            f"{name} ({len(known)} runs): held by the interval {known[f'{name}_held'].mean():.1%}, by the narrow one "
            f"{known[f'{name}_narrow_held'].mean():.1%}"
        )
        for report in ("score", "plain"):
            bias = known[f"{report}_{name}_bias"]
            error = bias.std(ddof=1) / math.sqrt(len(bias)) if len(bias) > 1 else math.nan
            print(f"  bias of {report}: {bias.mean():+.3f} half widths (standard error {error:.3f})")
    covered, bias = frame["test_held"].mean(), abs(frame["score_test_bias"].mean())
    kept = covered >= COVERAGE and bias < BIAS
    print(
        f"promise: coverage {covered:.1%} >= {COVERAGE:.0%}, |bias| {bias:.3f} < {BIAS}: {'kept' if kept else 'BROKEN'}"
    )
    return kept


def main():
    if sys.argv[1:2] == ["--one"]:
        folder, seed, limit, rows = sys.argv[2:]
        print(json.dumps(run_one(Path(folder), int(seed), float(limit), int(rows))))
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tables", type=Path)
    parser.add_argument("results", type=Path)
    parser.add_argument("--limit", type=float, default=10)
    parser.add_argument("--rows", type=int, default=12_000)
    parser.add_argument("--seeds", type=lambda text: [int(each) for each in text.split(",")], default=[0, 1])
    parser.add_argument("--names", default="", help="tables, separated by commas; all by default")
    parser.add_argument("--seconds", type=float, default=math.inf, help="begin no run after so long")
    options = parser.parse_args()
    tables = find_tables(options.tables, tuple(filter(None, options.names.split(","))))
    run_all(tables, options.results, options)
    sys.exit(0 if print_report(read_results(options.results), options.limit) else 1)


if __name__ == "__main__":
    main()
