"""Tables drawn at random, with odd types, names, gaps and targets, and a whole run through one."""

from __future__ import annotations

import datetime
import decimal
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pandas.testing import assert_frame_equal

from automl import AutoML
from automl.errors import AutoMLError

NAMES = [
    0, 7, -1, 1.5, "", " ", "a b", "naïve", "价格", "🙂", 'a"b', "it's", "a,b", "[x]", "{y}", "a:b", "a\nb",
    "__index__", "index", "target ", "0_1", "None", "nan", ("a", "b"), True, None, "id", "level_0",
    "Unnamed: 0", "x" * 300, "%s", "<b>", "\\", "/", "a.b", "prediction", "count", pd.Timestamp("2020-01-01"),
]  # fmt: skip
WORDS = ["good", "bad", "late", "kind", "slow", "fast", "naïve", "价格", "it's", 'q"uote', "a,b", "", " ", "NA", "?"]
ARABIC = {48 + digit: 0x660 + digit for digit in range(10)}
MODELS = ["baseline", "linear", "lightgbm", "nearest_neighbors", "svm", "random_forest"]


def numbers(rng, n):
    return rng.normal(rng.choice([0, 1e9, -5]), rng.choice([1e-6, 1, 1e6]), n)


def text(rng, n, low=1, high=2):
    return [" ".join(rng.choice(WORDS, rng.integers(low, high))) for _ in range(n)]


def days(rng, n, unit="D"):
    return pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(-9000, 9000, n), unit=unit)


def arrow(values, kind):
    import pyarrow as pa

    return pd.array(values, dtype=pd.ArrowDtype(pa.decimal128(9, 3) if kind == "decimal128" else pa.large_string()))


MAKERS = {
    "float64": numbers,
    "float32": lambda rng, n: numbers(rng, n).astype(np.float32),
    "float16": lambda rng, n: rng.normal(size=n).astype(np.float16),
    "huge": lambda rng, n: rng.normal(size=n) * 1e300,
    "tiny": lambda rng, n: rng.normal(size=n) * 1e-300,
    "skewed": lambda rng, n: rng.lognormal(0, 6, n),
    "int64": lambda rng, n: rng.integers(-5, 50, n),
    "int8": lambda rng, n: rng.integers(-128, 127, n).astype(np.int8),
    "uint64": lambda rng, n: rng.integers(2**62, 2**64 - 1, n, dtype=np.uint64),
    "nanosecond_ids": lambda rng, n: 1_600_000_000_000_000_000 + rng.integers(0, 10**9, n),
    "Int64": lambda rng, n: pd.array(rng.integers(0, 9, n), dtype="Int64"),
    "Float64": lambda rng, n: pd.array(rng.normal(size=n), dtype="Float64"),
    "arrow_int": lambda rng, n: pd.array(rng.integers(0, 9, n), dtype="int32[pyarrow]"),
    "arrow_double": lambda rng, n: pd.array(rng.normal(size=n), dtype="double[pyarrow]"),
    "arrow_bool": lambda rng, n: pd.array(rng.random(n) < 0.5, dtype="bool[pyarrow]"),
    "arrow_text": lambda rng, n: pd.array(text(rng, n), dtype="string[pyarrow]"),
    "arrow_stamp": lambda rng, n: pd.array(days(rng, n), dtype="timestamp[us][pyarrow]"),
    "arrow_dictionary": lambda rng, n: pd.Series(pd.Categorical(text(rng, n))).astype(
        pd.ArrowDtype(__import__("pyarrow").dictionary(__import__("pyarrow").int32(), __import__("pyarrow").string()))
    ),
    "bool": lambda rng, n: rng.random(n) < 0.5,
    "boolean": lambda rng, n: pd.array(rng.random(n) < 0.5, dtype="boolean"),
    "truth_text": lambda rng, n: rng.choice(["yes", "no"], n),
    "words": text,
    "object_words": lambda rng, n: np.array([*text(rng, n), None], dtype=object)[:-1],
    "string": lambda rng, n: pd.array(text(rng, n), dtype="string"),
    "sentences": lambda rng, n: text(rng, n, 3, 9),
    "many_words": lambda rng, n: [f"v{i}" for i in rng.integers(0, max(2, n // 2), n)],
    "keys": lambda rng, n: [f"key{i}" for i in rng.permutation(n)],
    "category": lambda rng, n: pd.Categorical(text(rng, n)),
    "unused_category": lambda rng, n: pd.Categorical(rng.choice(["a", "b"], n), categories=["a", "b", "c", "d"]),
    "ordered": lambda rng, n: pd.Categorical(rng.choice([3, 1, 2], n), categories=[3, 2, 1], ordered=True),
    "interval": lambda rng, n: pd.cut(pd.Series(rng.normal(size=n)), 3) if n > 1 else ["(0, 1]"],
    "numbers_as_text": lambda rng, n: [str(v) for v in rng.integers(0, 99, n)],
    "padded": lambda rng, n: [f"{v:05d}" for v in rng.integers(0, 99, n)],
    "datetime": days,
    "datetime_s": lambda rng, n: days(rng, n).as_unit("s"),
    "seconds": lambda rng, n: days(rng, n, "s"),
    "zoned": lambda rng, n: days(rng, n).tz_localize("UTC").tz_convert("Europe/Paris"),
    "dates_as_text": lambda rng, n: days(rng, n).strftime("%d/%m/%Y"),
    "month_first": lambda rng, n: days(rng, n).strftime("%m/%d/%y"),
    "low_days": lambda rng, n: [f"{d:02d}-{m:02d}-2020" for d, m in rng.integers(1, 13, (n, 2))],
    "named_months": lambda rng, n: days(rng, n).strftime("%d %b %Y"),
    "quarters": lambda rng, n: [f"{year}Q{quarter}" for year, quarter in rng.integers((2000, 1), (2020, 5), (n, 2))],
    "digits_of_days": lambda rng, n: days(rng, n).strftime("%Y%m%d").astype(int),
    "german": lambda rng, n: [f"{v:,.2f}".translate(str.maketrans(",.", ".,")) for v in rng.normal(0, 3e3, n)],
    "accounts": lambda rng, n: [f"(${-v:,})" if v < 0 else f"${v:,}" for v in rng.integers(-9999, 9999, n)],
    "percent": lambda rng, n: [f"{v} %" if v % 3 else str(v) for v in rng.integers(0, 99, n)],
    "arabic": lambda rng, n: [str(v).translate(ARABIC) for v in rng.integers(0, 999, n)],
    "durations": lambda rng, n: [str(datetime.timedelta(seconds=int(v))) for v in rng.integers(0, 10**6, n)],
    "clocks": lambda rng, n: [f"{v // 60}:{v % 60:02d}" for v in rng.integers(0, 1440, n)],
    "iso_text": lambda rng, n: days(rng, n, "s").strftime("%Y-%m-%dT%H:%M:%SZ"),
    "date_objects": lambda rng, n: np.array([*days(rng, n).date, None], dtype=object)[:-1],
    "time_objects": lambda rng, n: np.array([datetime.time(int(h)) for h in rng.integers(0, 23, n)] + [None])[:-1],
    "period": lambda rng, n: days(rng, n).to_period("M"),
    "timedelta": lambda rng, n: pd.to_timedelta(rng.integers(0, 9999, n), unit="s"),
    "decimal": lambda rng, n: np.array([decimal.Decimal(int(v)) / 8 for v in rng.integers(0, 99, n)] + [None])[:-1],
    "constant": lambda rng, n: [rng.choice([1, 2])] * n,
    "missing": lambda rng, n: [None] * n,
    "all_nan": lambda rng, n: np.full(n, np.nan),
    "sparse": lambda rng, n: pd.arrays.SparseArray(rng.integers(0, 2, n)),
    "row_number": lambda rng, n: np.arange(n),
    "long_double": lambda rng, n: rng.normal(size=n).astype(np.longdouble),
    "below_float32": lambda rng, n: rng.normal(size=n) * 1e-49,
    "large_string": lambda rng, n: arrow([str(v) for v in rng.integers(0, 99, n)], "large_string"),
    "arrow_decimal": lambda rng, n: arrow([decimal.Decimal(int(v)) / 8 for v in rng.integers(0, 99, n)], "decimal128"),
    "chinese": lambda rng, n: ["".join(rng.choice(list("价格很好不快慢新旧"), 8)) for _ in range(n)],
    "addresses": lambda rng, n: [f"10.{a}.{b}.7" for a, b in rng.integers(0, 256, (n, 2))],
    "mails": lambda rng, n: [f"u{v}@{rng.choice(['a.com', 'b.org'])}" for v in rng.permutation(n)],
    "links": lambda rng, n: [f"https://{rng.choice(['a.com', 'b.org'])}/p/{v}?q=1" for v in rng.permutation(n)],
    "places": lambda rng, n: [f"{a:.4f},{b:.4f}" for a, b in rng.uniform(-80, 80, (n, 2))],
    "random_keys": lambda rng, n: [rng.bytes(16).hex() for _ in range(n)],
    "bytes": lambda rng, n: pd.Series([b"ab", b"c"] * n, dtype=object)[:n],
    # what is to be refused with a clear message
    "infinite": lambda rng, n: np.where(rng.random(n) < 0.3, np.inf, 1.0),
    "mixed": lambda rng, n: np.array([*([1, "a"] * n)], dtype=object)[:n],
    "lists": lambda rng, n: pd.Series([[1, 2]] * n),
    "complex": lambda rng, n: np.full(n, 1j),
}  # fmt: skip
REFUSED = ("infinite", "mixed", "lists", "complex")
TARGETS = {
    "two": lambda rng, n: rng.choice(["no", "yes"], n),
    "truth": lambda rng, n: rng.random(n) < 0.4,
    "boolean": lambda rng, n: pd.array(rng.random(n) < 0.4, dtype="boolean"),
    "zero_one": lambda rng, n: rng.integers(0, 2, n),
    "rare": lambda rng, n: np.where(rng.random(n) < 0.03, "rare", "usual"),
    "three": lambda rng, n: pd.Categorical(rng.choice(list("abc"), n), categories=list("dcba")),
    "many": lambda rng, n: [f"c{int(v)}" for v in rng.geometric(0.3, n)],
    "codes": lambda rng, n: pd.array(rng.integers(0, 4, n), dtype="Int64"),
    "number": lambda rng, n: rng.normal(size=n),
    "nullable": lambda rng, n: pd.array(rng.normal(size=n), dtype="Float64"),
    "arrow": lambda rng, n: pd.array(rng.normal(size=n), dtype="double[pyarrow]"),
    "counts": lambda rng, n: rng.poisson(0.5, n),
    "far": lambda rng, n: 1.7e9 + 50 * rng.normal(size=n),
    "small": lambda rng, n: rng.normal(size=n) * 1e-30,
    "grades": lambda rng, n: pd.Categorical(rng.choice(list("abc"), n), categories=list("cab"), ordered=True),
    "large_codes": lambda rng, n: 2**63 + rng.integers(0, 3, n).astype(np.uint64),
    "padded_codes": lambda rng, n: rng.choice(["01", "02", "10"], n),
    "heavy": lambda rng, n: rng.standard_cauchy(n) * 1e6,
    "large": lambda rng, n: rng.normal(size=n) * 1e200,
    "constant": lambda rng, n: np.ones(n),
    "nearly_constant": lambda rng, n: np.r_[1.5, np.zeros(n)][:n],
    "days": lambda rng, n: days(rng, n),
    "decimal": lambda rng, n: np.array([decimal.Decimal(int(v)) / 8 for v in rng.integers(0, 99, n)] + [None])[:-1],
}  # fmt: skip

REFUSED_TARGETS = ("large", "constant", "days")


@dataclass(frozen=True)
class Drawn:
    """A drawn table with its target's name, the options to fit with, and the kinds of column in it."""

    seed: int
    frame: pd.DataFrame
    target: Any
    options: dict[str, Any] = field(default_factory=dict)
    kinds: tuple[str, ...] = ()


def draw(seed: int) -> Drawn:
    """Draw a table of 1 to 300 rows and 1 to 8 columns."""
    rng = np.random.default_rng(seed)
    n = int(rng.choice([rng.integers(1, 12), rng.integers(12, 60), rng.integers(60, 301)]))
    usual = [kind for kind in MAKERS if kind not in REFUSED]
    kinds = [str(kind) for kind in rng.choice(usual, rng.integers(1, 9))]
    if rng.random() < 0.06:
        kinds.append(str(rng.choice(REFUSED)))
    names = [NAMES[i] for i in rng.permutation(len(NAMES))[: len(kinds)]]
    if rng.random() < 0.03 and len(names) > 1:
        names[0] = names[1]
    columns = [with_gaps(MAKERS[kind](rng, n), rng) for kind in kinds]
    usual = [kind for kind in TARGETS if kind not in REFUSED_TARGETS]
    of_target = str(rng.choice(usual if rng.random() < 0.93 else REFUSED_TARGETS))
    target = pd.Series(TARGETS[of_target](rng, n))
    if rng.random() < 0.15:
        target = target.mask(pd.Series(rng.random(n) < 0.1))
    frame = pd.concat([*columns, target], axis=1, ignore_index=True)
    frame.columns = pd.Index([*names, "y"], dtype=object, tupleize_cols=False)
    frame.index = _index(rng, n)
    options = {
        "models": sorted({str(model) for model in rng.choice(MODELS, 2)}),
        "cv": None if rng.random() < 0.5 else 2,
        "max_trials": int(rng.integers(1, 5)),
        "random_state": int(rng.integers(100)),
        "ensemble": str(rng.choice(["auto", "auto", "voting", "weighted", "stacking", "none"])),
        "strategy": str(rng.choice(["portfolio", "random"])),
    }
    return Drawn(seed, frame, "y", options, (*kinds, of_target))


def run_through(drawn: Drawn, folder: Path) -> str:
    """Fit, predict, save, load and predict again; return "fitted", or "refused: ..." where it was, clearly."""
    before, types = drawn.frame.copy(deep=True), drawn.frame.dtypes.tolist()  # a copy has native bytes
    settings = {"time_limit": None, "n_jobs": 1, "verbose": 0, "executor": "in_process", **drawn.options}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", message=".*rows have no value of the target")
        try:
            model = AutoML(**settings).fit(drawn.frame, drawn.target)
        except AutoMLError as error:
            if "Traceback" in str(error):  # a model broke: that is no refusal
                raise
            check_unchanged(drawn.frame, before, types)
            return f"refused: {error}"
        broken = model.failures()
        broken = broken[broken["traceback"].astype(bool) & (broken["stage"] != "load")]
        assert not len(broken), "\n".join(broken["traceback"])
        features = drawn.frame.iloc[:, :-1]
        outputs = outputs_of(model, features)
        check_outputs(model, features, outputs)
        check_unchanged(drawn.frame, before, types)
        loaded = AutoML.load(model.save(folder / "model"))
        np.testing.assert_array_equal(outputs_of(loaded, features), outputs)
        rows = np.random.default_rng(drawn.seed).permutation(len(features))[:3]
        single = np.concatenate([outputs_of(model, features.iloc[[row]]) for row in rows])
        np.testing.assert_array_equal(single, outputs[rows])
        assert len(model.check(features, strict=False)) == features.shape[1]

        model.check(features.iloc[np.flatnonzero(drawn.frame.iloc[:, -1].notna())], strict=True)
        model.evaluate(drawn.frame.iloc[np.flatnonzero(drawn.frame.iloc[:, -1].notna())])
    return "fitted"


def check_unchanged(frame: pd.DataFrame, before: pd.DataFrame, types: list[Any]) -> None:
    """Check that a table is as it was."""
    assert frame.dtypes.tolist() == types
    assert_frame_equal(frame, before, check_dtype=False)


def outputs_of(model: AutoML, features: pd.DataFrame) -> np.ndarray:
    """Return probabilities, or values."""
    return model.predict_proba(features) if model.task_.kind.is_classification else model.predict(features)


def check_outputs(model: AutoML, features: pd.DataFrame, outputs: np.ndarray) -> None:
    """Check the shape of predictions, and that probabilities are some."""
    assert np.isfinite(outputs).all()
    predicted = model.predict(features)
    assert predicted.shape == (len(features),)
    if model.task_.kind.is_classification:
        assert outputs.shape == (len(features), len(model.classes_))
        np.testing.assert_allclose(outputs.sum(axis=1), 1.0, atol=1e-6)
        assert set(predicted.tolist()) <= set(model.classes_.tolist())


def with_gaps(values: Any, rng: np.random.Generator) -> pd.Series:
    """Return the values as a Series, some of them missing where their type has a missing value."""
    series = pd.Series(values).reset_index(drop=True)
    share = float(rng.choice([0.0, 0.0, 0.1, 0.9, 0.99]))
    if share == 0.0 or isinstance(series.dtype, pd.SparseDtype) or series.dtype.kind in "iub":
        return series
    return series.mask(pd.Series(rng.random(len(series)) < share))


def _index(rng: np.random.Generator, n: int) -> pd.Index:
    makers = [
        lambda: pd.RangeIndex(n),
        lambda: pd.Index(rng.integers(0, 3, n)),
        lambda: pd.Index([f"r{i}" for i in range(n)], name="y"),
        lambda: pd.date_range("2020-01-01", periods=n),
        lambda: pd.MultiIndex.from_arrays([np.arange(n), np.arange(n)]),
    ]
    return makers[int(rng.integers(len(makers)))]()
