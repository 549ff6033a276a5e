"""What each technique brings: python benchmarks/ablation.py TABLES RESULTS.jsonl [--limit 60] [--seeds 0,1]

Fits every table with everything on and with one technique off at a time, in processes of their own, one after another,
and prints each variant's geometric-mean ratio of test losses to "everything": above 1, the technique earns its place.
Finished runs are kept in RESULTS.jsonl, so a run can go on after a break. TABLES is as tables.py reads it; the test
rows are a fifth of each table that the search never sees.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from tables import find_tables, read_table, split_rows

VARIANTS = {
    "everything": {},
    "everything again": {"random_state": 1000},
    "without catboost": {"exclude": ["catboost"]},
    "without xgboost": {"exclude": ["xgboost"]},
    "without network": {"exclude": ["network"]},
    "without lightgbm": {"exclude": ["lightgbm"]},
    "without forests": {"exclude": ["random_forest", "extra_trees"]},
    "without linear, svm, neighbors": {"exclude": ["linear", "svm", "nearest_neighbors"]},
    "the models' own order, unmeasured": {"strategy": "own_rounds"},
    "random search": {"strategy": "random"},
    "3 folds": {"cv": 3},
    "8 folds": {"cv": 8},
    "best single candidate": {"ensemble": "none"},
    "weighted only": {"ensemble": "weighted"},
    "voting only": {"ensemble": "voting"},
    "stacking only": {"ensemble": "stacking"},
}


class OwnRounds:
    """The portfolio strategy without the measured order: every model's own first configurations, in rounds."""

    @staticmethod
    def automl_search_strategies():
        from automl.plugin_api import SearchStrategySpec
        from automl_builtins.strategies.portfolio import PortfolioStrategy, own_rounds

        return [SearchStrategySpec("own_rounds", lambda request: PortfolioStrategy(request, own_rounds))]


def plugin():
    from automl.plugin_api import hookimpl

    OwnRounds.automl_search_strategies = staticmethod(hookimpl(OwnRounds.automl_search_strategies))
    return OwnRounds


def run_one(folder, variant, limit, seed):
    """Return the test loss, the seconds and the failures of one fit."""
    from automl import AutoML

    table = read_table(Path(folder))
    train, test = split_rows(table, seed)
    options = {"random_state": seed, **VARIANTS[variant]}
    started = time.monotonic()
    automl = AutoML(limit, metric=table.metric, n_jobs=2, verbose=0, plugins=[plugin()], **options)
    automl.fit(train, table.target)
    seconds = time.monotonic() - started
    spec = automl.metric_spec_
    distance = abs(spec.optimum - automl.evaluate(test, table.target)[automl.metric_])
    return {"loss": distance, "seconds": seconds, "trials": len(automl.leaderboard())}


def run_all(tables, results, limit, seeds, variants, names):
    done = read_results(results)
    for seed in seeds:
        for folder in find_tables(tables, names):
            for variant in variants:
                key = (folder.name, variant, limit, seed)
                if key in done:
                    continue
                command = [sys.executable, __file__, "--one", str(folder), variant, str(limit), str(seed)]
                output = subprocess.run(command, capture_output=True, text=True, check=False)
                found = json.loads(output.stdout.splitlines()[-1]) if output.returncode == 0 else {}
                if not found:
                    print(f"{folder.name}, {variant}: failed\n{output.stderr[-2000:]}", file=sys.stderr)
                record = dict(zip(("table", "variant", "limit", "seed"), key, strict=True)) | found
                with results.open("a") as file:
                    file.write(json.dumps(record) + "\n")
                print(record, flush=True)


def read_results(path):
    """Return the finished runs: (table, variant, limit, seed) -> loss."""
    lines = path.read_text().splitlines() if path.exists() else []
    records = [json.loads(line) for line in lines]
    return {(r["table"], r["variant"], r["limit"], r["seed"]): r["loss"] for r in records if "loss" in r}


def print_table(results, limit):
    """Print each variant's ratio to everything: geometric mean, standard error, on how many tables it is worse."""
    done = {key: loss for key, loss in read_results(results).items() if key[2] == limit}
    print("| variant | loss ratio to everything | standard error | worse on | runs |")
    print("|---|---|---|---|---|")
    for variant in VARIANTS:
        own = {(table, seed): loss for (table, name, _, seed), loss in done.items() if name == variant}
        whole = {(table, seed): loss for (table, name, _, seed), loss in done.items() if name == "everything"}
        logs = np.array([np.log(own[key] / whole[key]) for key in own if key in whole])
        if len(logs) and variant != "everything":
            error = logs.std(ddof=1) / np.sqrt(len(logs)) if len(logs) > 1 else float("nan")
            print(f"| {variant} | {np.exp(logs.mean()):.4f} | {error:.4f} | {(logs > 0).sum()} | {len(logs)} |")


def main():
    if sys.argv[1:2] == ["--one"]:
        folder, variant, limit, seed = sys.argv[2:]
        print(json.dumps(run_one(folder, variant, float(limit), int(seed))))
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tables", type=Path)
    parser.add_argument("results", type=Path)
    parser.add_argument("--limit", type=float, default=60)
    parser.add_argument("--seeds", default="0")
    parser.add_argument("--variants", help="separated by ;  (all by default)")
    parser.add_argument("--names", default="", help="tables, separated by commas; all by default")
    options = parser.parse_args()
    chosen = options.variants.split(";") if options.variants else list(VARIANTS)
    seeds = [int(each) for each in options.seeds.split(",")]
    run_all(
        options.tables, options.results, options.limit, seeds, chosen, tuple(filter(None, options.names.split(",")))
    )
    print_table(options.results, options.limit)


if __name__ == "__main__":
    main()
