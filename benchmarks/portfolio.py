"""Build the portfolio from measurements: which configurations to try first, on any table.

    python benchmarks/portfolio.py record TABLES RECORDS [--rows 6000] [--models lightgbm,xgboost]
    python benchmarks/portfolio.py build RECORDS [--keep 11] [--large LARGE] [--write]
    python benchmarks/portfolio.py check RECORDS [--keep 11] [--large LARGE]

`record` fits every model's own first configurations and some drawn from its space on one fold of each table, and
keeps the validation predictions and seconds; finished fits are kept, so it can go on after a break. `build` lays out
an order by greedy selection: next is always what lowers the loss of the blended portfolio most per second, over all
tables (Feurer et al., "Auto-Sklearn 2.0", JMLR 2022, build portfolios greedily likewise; the blend and the seconds
are ours). `check` builds without a part of the tables in turn and scores the order on those left out, beside the
models' own order and the portfolio as it is written (which may have been built from them). Of large tables a search
sees the first entries alone: `--large` names records of many rows, by which the first ones that `--keep` keeps are
exchanged for others of their models and change places, as long as that lowers the loss after given seconds.
TABLES is as tables.py reads it.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tables import find_tables, read_table

from automl.plugin_api import (
    Candidate,
    Dataset,
    Failure,
    LocalWorkplace,
    Proposal,
    discard_locally,
    loss_of,
    publish_locally,
    sample_space,
    score_predictions,
)
from automl.registry import discover
from automl.steps.fit.choose_preparation import choose_preparation
from automl.steps.fit.fit_fold import FoldJob, fit_fold, forget_datasets
from automl.steps.fit.store_dataset import store_dataset
from automl.steps.plan.borrow_models import for_kind
from automl.steps.plan.infer_task import infer_task
from automl.steps.plan.plan_resampling import stratified
from automl.table.columns.encode_table import encode_table
from automl.table.columns.type_columns import type_columns
from automl.table.take_table import Extras, take_table

WRITTEN = Path(__file__).parents[1] / "plugins" / "automl_builtins" / "strategies" / "portfolio.json"
DRAWN = {"lightgbm": 22, "catboost": 5, "xgboost": 6, "network": 4, "linear": 4, "svm": 4}
DRAWN_OTHERS = 3
WITH_EXTRAS = 2
"""Of how many of a model's own configurations there is one with each kind of extra features."""
FOLDS = 3
SECONDS = 15.0
"""What one fit may take."""
LENGTH = 32
SHARES = (0.08, 0.15, 0.3, 0.5)
"""Shares of a newcomer in the blend with what is there."""
COST_POWER = 0.5
"""How much seconds count against gain: 0 not at all, 1 in proportion."""
FULL_WEIGHT_ROWS = 2000
"""Tables with fewer scored rows count for less: gains are noisier there, and there is time for the whole order."""
LEAST_GAIN = 2e-5
START_COST = 0.05
"""How much of a model's relative loss a cost that is higher by a factor of e counts, in the order of the models."""
TURNS = {"lightgbm": 2}
"""How many configurations a model gives in each round, where not one."""
BUDGETS = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
"""Seconds of one fold's fits after which an order of the first entries is judged on tables of many rows."""
LEAST_EXCHANGE = 1e-3
"""What an exchange must take off the relative loss, on average over tables and budgets."""


# --- record


def candidates_of(registry, kind, seed, drawn=True, models=()):
    """Return (model, params) of each model's defaults, some with extra features, then of configurations drawn.

    Last come those of the portfolio as it is written, so that a new one is built from them as well. `models` are the
    names of those that are wanted, all where there are none.
    """
    found = []
    for name, spec in sorted(registry.models.items()):
        spec = for_kind(spec, kind)
        if spec.role == "constant" or spec.needs or (models and name not in models):
            continue  # models of texts, images and the like come before the measured ones
        rng = np.random.default_rng([seed, *name.encode()])
        found += [(name, dict(params)) for params in spec.defaults]
        if "prepare.extra" in spec.space:
            for each in spec.defaults[:WITH_EXTRAS]:
                extras = (extra for extra in spec.space["prepare.extra"].values if extra)
                found += [(name, {**each, "prepare.extra": extra}) for extra in extras]
        if spec.space and drawn:
            found += [(name, sample_space(spec.space, rng)) for _ in range(DRAWN.get(name, DRAWN_OTHERS))]
    keys = {key_of(*each) for each in found}
    known = [each for each in written() if not models or each[0] in models]
    return found + [each for each in known if key_of(*each) not in keys]


def written():
    """Return (model, params) of the portfolio as it is written."""
    return [(entry["model"], entry["params"]) for entry in json.loads(WRITTEN.read_text())]


def key_of(model, params):
    """Return the name under which a configuration's records are kept."""
    return f"{model}-{Candidate(model, params, preparation=None).id}"


def record_table(folder, records, rows, seed, drawn, models):
    """Fit every candidate on the first fold of a table; keep predictions, losses and seconds."""
    import pandas as pd

    table = read_table(folder, rows, seed)
    kept = records / table.name
    kept.mkdir(parents=True, exist_ok=True)
    registry = discover()
    taken = take_table(table.frame, table.target, Extras())
    task, target = infer_task(taken.target, table.target, None, registry)
    metric = registry.metrics[table.metric]
    schema = type_columns(taken.features, registry)
    encoded = encode_table(taken.features, schema)
    dataset = Dataset(encoded, target, schema, task, np.arange(len(encoded)))
    plan = stratified(dataset, FOLDS, np.random.default_rng(seed))
    valid = plan.folds[0].valid
    facts = {"metric": table.metric, "task": task.kind.value, "classes": [str(each) for each in task.classes]}
    (kept / "table.json").write_text(json.dumps(facts))
    pd.to_pickle((task, target[valid]), kept / "target.pkl")
    with tempfile.TemporaryDirectory() as work:
        stored = store_dataset(dataset, plan, Path(work) / "data")
        for model, params in candidates_of(registry, task.kind, seed, drawn, models):
            name = key_of(model, params)
            if (kept / f"{name}.npz").exists() or (kept / f"{name}.failed").exists():
                continue
            spec = registry.models[model]
            if task.kind not in spec.tasks:
                continue
            result = fit_one(registry, spec, params, schema, stored, table.metric, work, seed)
            if isinstance(result, Failure):
                (kept / f"{name}.failed").write_text(f"{model} {params}\n{result.cause}\n{result.traceback}")
                continue
            score = score_predictions(metric, task, target[valid], result.predictions, None)
            discard_locally(result.member)
            np.savez(
                kept / f"{name}.npz",
                predictions=result.predictions,
                seconds=result.cpu_seconds,
                loss=loss_of(metric, score),
                configuration=json.dumps([model, params]),
            )
    forget_datasets()
    return table.name


def fit_one(registry, spec, params, schema, stored, metric, work, seed):
    """Fit one candidate's first fold."""
    preparation = choose_preparation(spec, params, schema, registry.preprocessors)
    used = (*preparation.encode, *preparation.finish)
    return fit_fold(
        LocalWorkplace(Path(work)),
        FoldJob(
            stored=publish_locally(stored.name, stored.files),
            candidate=Candidate(spec.name, params, preparation),
            fold=0,
            spec=spec,
            preprocessors={step.preprocessor: registry.preprocessors[step.preprocessor] for step in used},
            metric=metric,
            seed=seed,
            threads=1,
            seconds=SECONDS,
        ),
    )


def record(tables, records, rows, seed, jobs, drawn, models):
    """Record all tables, several at once, the dear ones first."""
    from joblib import Parallel, delayed

    folders = sorted(find_tables(tables), key=lambda path: -sum(f.stat().st_size for f in path.glob("data.csv*")))
    done = Parallel(n_jobs=jobs, return_as="generator_unordered", batch_size=1)(
        delayed(record_table)(folder, records, rows, seed, drawn, models) for folder in folders
    )
    for name in done:
        print("recorded", name, flush=True)


# --- build


@dataclass(slots=True)
class Recorded:
    """What was measured on one table; the rows are halved: one half chooses, the other scores."""

    name: str
    task: object
    metric: object
    target: np.ndarray
    predictions: dict[str, np.ndarray]
    seconds: dict[str, float]

    def loss(self, predictions, half):
        """Return the loss on every second row."""
        score = score_predictions(self.metric, self.task, self.target[half::2], predictions[half::2], None)
        return max(loss_of(self.metric, score) - self.floor, 1e-6)

    @property
    def floor(self):
        """The best loss there can be, from which losses are counted, so that ratios mean something."""
        return loss_of(self.metric, self.metric.optimum)


def load_records(records):
    """Return the recorded tables and what each configuration is."""
    import pandas as pd

    from automl_builtins.strategies.portfolio import lies_in_space

    registry = discover()
    configurations, tables = {}, []
    for folder in sorted(path for path in Path(records).iterdir() if (path / "target.pkl").exists()):
        facts = json.loads((folder / "table.json").read_text())
        task, target = pd.read_pickle(folder / "target.pkl")
        table = Recorded(folder.name, task, registry.metrics[facts["metric"]], target, {}, {})
        for path in sorted(folder.glob("*.npz")):
            with np.load(path) as kept:
                model, params = json.loads(str(kept["configuration"]))
                if not lies_in_space(registry.models[model], Proposal(model, params)):
                    continue  # recorded before the model's space changed
                configurations[path.stem] = (model, params)
                table.predictions[path.stem] = kept["predictions"].astype(np.float64)
                table.seconds[path.stem] = float(kept["seconds"])
        tables.append(table)
    return tables, configurations


def blend(table, names, half):
    """Return the greedily weighted average of the named candidates, chosen on one half of the rows."""
    able = [name for name in names if name in table.predictions]
    if not able:
        return None
    total, best = 0.0, None
    for count in range(1, 13):
        loss, name = min((table.loss((total + table.predictions[name]) / count, half), name) for name in able)
        total = total + table.predictions[name]
        if best is None or loss < best[0]:
            best = (loss, total / count)
    return best[1]


def gain(table, current, name, half):
    """Return the relative loss that a newcomer takes off the blend; its share is chosen on other rows."""
    if name not in table.predictions:
        return 0.0
    newcomer = table.predictions[name]
    if current is None:
        return -np.log(table.loss(newcomer, half))
    blends = [(1 - share) * current + share * newcomer for share in (0.0, *SHARES)]
    chosen = min(blends, key=lambda each: table.loss(each, half))
    return np.log(table.loss(current, 1 - half)) - np.log(table.loss(chosen, 1 - half))


def build(tables, configurations, kept=(), half=0, length=LENGTH):
    """Return the names of the configurations in the order in which they should be tried.

    They come in rounds, in each of which every model gives the configuration that lowers the loss of the blend so far
    most for what it costs. A greedy order over all models at once puts too many cheap ones first for large tables.
    `kept` are names that the order begins with.
    """
    weights = [min(1.0, len(table.target) / FULL_WEIGHT_ROWS) for table in tables]
    typical = {table.name: np.median(list(table.seconds.values())) for table in tables}

    def cost(name):
        ratios = [table.seconds[name] / typical[table.name] for table in tables if name in table.seconds]
        return float(np.exp(np.mean(np.log(np.maximum(ratios, 0.1)))))

    def strength(name):
        losses = [np.log(t.loss(t.predictions[name], half)) if name in t.predictions else np.inf for t in tables]
        return float(np.average(losses, weights=weights)) + START_COST * np.log(cost(name))

    families = {}
    for name in configurations:
        if not any(name in table.predictions for table in tables):
            continue  # recorded on tables of many rows alone
        families.setdefault(configurations[name][0], []).append(name)
    ranked = sorted(families, key=lambda model: min(strength(name) for name in families[model]))
    order, turns = list(kept), length * [model for model in ranked for _ in range(TURNS.get(model, 1))]
    if not order:  # the strongest of all begins, in place of what its model would give in the first round
        order, turns = [min(families[ranked[0]], key=strength)], turns[TURNS.get(ranked[0], 1) :]
    for model in turns:
        currents = [blend(table, order, half) for table in tables]
        left = [name for name in families[model] if name not in order]
        worth = {}
        for name in left:
            gains = [gain(table, current, name, half) for table, current in zip(tables, currents, strict=True)]
            worth[name] = np.average(gains, weights=weights) / cost(name) ** COST_POWER
        best = max(worth, key=worth.get, default=None)
        if best is not None and worth[best] > LEAST_GAIN:
            order.append(best)
        if len(order) == length:
            break
    return order


def after_seconds(table, order, seconds):
    """Return those that are done in so many seconds, fitted one after the other."""
    able = [name for name in order if name in table.predictions]
    spent = np.cumsum([table.seconds[name] for name in able])
    return able[: int(np.searchsorted(spent, seconds, side="right"))]


def loss_after(table, order, seconds, half):
    """Return the blend's loss on the other half after so many seconds; before there is any, of the worst recorded."""
    names = after_seconds(table, order, seconds)
    if names:
        return table.loss(blend(table, names, half), 1 - half)
    return max(table.loss(each, 1 - half) for each in table.predictions.values())


def exchange_first(tables, configurations, kept):
    """Return the first entries, exchanged and moved as long as that lowers the loss of tables of many rows.

    Each entry of a model that was recorded there may become another configuration of it, or change places with another
    such one; the entries of other models follow as they are. The loss is the mean logarithm of the blend's after each
    of BUDGETS, weighted on one half of the rows and scored on the other.
    """
    known = {}

    def loss(order):
        return np.mean([of_table(table, order, each) for table in tables for each in BUDGETS] or [0.0])

    def of_table(table, order, seconds):
        key = (table.name, frozenset(after_seconds(table, order, seconds)))
        if key not in known:
            known[key] = np.mean([np.log(loss_after(table, order, seconds, half)) for half in (0, 1)])
        return known[key]

    choices = {name: each for name, each in configurations.items() if any(name in t.predictions for t in tables)}
    models = {model for model, _ in choices.values()}
    order = [name for name in kept if configurations[name][0] in models]
    others = [name for name in kept if name not in order]
    best = loss(order)
    while order:
        found = min(((loss(each), each) for each in neighbours_of(order, choices)), key=lambda each: each[0])
        if found[0] > best - LEAST_EXCHANGE:
            break
        best, order = found
    return order + others


def neighbours_of(order, configurations):
    """Yield the orders that one exchange or one move makes of an order; the first of each model stay before any second.

    What is dear on one table may so at most hold up the others' second ones.
    """
    for place, name in enumerate(order):
        for other in configurations:
            if other not in order and configurations[other][0] == configurations[name][0]:
                yield [*order[:place], other, *order[place + 1 :]]
        left = [each for each in order if each != name]
        for to in range(len(order)):
            moved = [*left[:to], name, *left[to:]]
            if to != place and is_in_rounds([configurations[each][0] for each in moved]):
                yield moved


def is_in_rounds(models):
    """Tell whether each model's first comes before anybody's second."""
    return len(set(models[: len(set(models))])) == len(set(models))


def own_order(configurations):
    """Return the order that the models' own defaults give, for comparison."""
    from automl_builtins.strategies.portfolio import own_rounds

    registry = discover()
    keys = [key_of(each.model, dict(each.params)) for each in own_rounds(tuple(registry.models.values()))]
    return [key for key in keys if key in configurations]


def curve(table, order, lengths):
    """Return the loss on the scoring half after the first so many of the order, by the blend of the choosing half."""
    able = [name for name in order if name in table.predictions]
    return [table.loss(blend(table, able[:length], 0), 1) for length in lengths]


def after_each(table, order, seconds=BUDGETS):
    """Return the loss on the scoring half after so many seconds of fits, as `curve` does."""
    return [loss_after(table, order, each, 0) for each in seconds]


def check(tables, configurations, kept, large, parts, lengths=(1, 2, 4, 8, 12, 20, 32)):
    """Print by what the built order's loss differs from that of other orders, for growing lengths: ratios.

    The others are the models' own order and the written one. No table is scored by an order that it helped to build.
    Then come the large tables, after the seconds of BUDGETS.
    """
    rows, names = {}, sorted({table.name for table in (*tables, *large)})
    scored = [(table, "entries", lambda each, order: curve(each, order, lengths)) for table in tables]
    scored += [(table, "seconds", after_each) for table in large]
    others = {"own": own_order(configurations), "written": [key_of(*each) for each in written()]}
    for part in range(parts):
        left_out = names[part::parts]
        first = exchange_first([each for each in large if each.name not in left_out], configurations, kept)
        built = build(
            [each for each in tables if each.name not in left_out], configurations, first, length=max(lengths)
        )
        for table, unit, losses in scored:
            if table.name not in left_out:
                continue
            ours = np.log(losses(table, built))
            for name, order in others.items():
                rows.setdefault((name, unit), []).append(ours - np.log(losses(table, order)))
                print(f"{table.name:24} {name:8} {unit}", *(f"{each:7.4f}" for each in np.exp(rows[name, unit][-1])))
    for (name, unit), ratios in rows.items():
        print(f"{'geometric mean':24} {name:8} {unit}", *(f"{each:7.4f}" for each in np.exp(np.mean(ratios, axis=0))))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("record", "build", "check"))
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--rows", type=int, default=6000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--keep", type=int, default=0, help="how many of the written order to begin with")
    parser.add_argument("--large", type=Path, help="records of tables of many rows, by which these first are exchanged")
    parser.add_argument("--models", type=lambda names: names.split(","), default=(), help="record these alone")
    parser.add_argument("--parts", type=int, default=5, help="how many parts of the tables to leave out, in check")
    parser.add_argument("--drawn", action=argparse.BooleanOptionalAction, default=True, help="draw configurations too")
    parser.add_argument("--write", action="store_true", help=f"write {WRITTEN.name}, which the strategy reads")
    options = parser.parse_args()
    if options.what == "record":
        tables, records = options.folders
        record(tables, records, options.rows, options.seed, options.jobs, options.drawn, options.models)
        return
    tables, configurations = load_records(options.folders[0])
    large, others = load_records(options.large) if options.large else ([], {})
    configurations |= others
    kept = [key for key in (key_of(*each) for each in written()[: options.keep]) if key in configurations]
    if options.what == "check":
        check(tables, configurations, kept, large, options.parts)
        return
    order = build(tables, configurations, exchange_first(large, configurations, kept))
    for name in order:
        print(json.dumps(configurations[name]))
    if options.write:
        entries = [{"model": model, "params": params} for model, params in (configurations[name] for name in order)]
        lines = ",\n".join(f"  {json.dumps(entry)}" for entry in entries)
        WRITTEN.write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
