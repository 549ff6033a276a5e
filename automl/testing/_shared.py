"""What the checks of all kinds share: pickling, light imports, comparing, unchanged inputs, fresh processes."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any
from unittest import SkipTest

import numpy as np
import pandas as pd

from automl.storage.decode import decode
from automl.storage.encode import UnencodableError, encode
from automl.storage.known_classes import known_classes
from automl.testing._runner import expect

HEAVY = (
    "sklearn", "torch", "transformers", "lightgbm", "xgboost", "catboost", "tensorflow", "jax", "matplotlib",
)  # fmt: skip
MAX_SPEC_BYTES = 1_000_000
GRACE_SECONDS = 2.0
"""How far past its deadline a call may return."""


def check_spec_pickles(spec: Any) -> None:
    """A spec travels to workers: it must pickle, and be light."""
    import cloudpickle

    try:
        content = cloudpickle.dumps(spec)
    except Exception as error:
        raise AssertionError(f"The spec does not pickle: {type(error).__name__}: {error}") from error
    expect(len(content) < MAX_SPEC_BYTES, f"The spec pickles to {len(content)} bytes; expected a light record.")
    revived = cloudpickle.loads(content)
    expect(revived.name == spec.name, f"The spec comes back from its pickle with the name {revived.name!r}.")


def check_import_is_light(spec: Any) -> None:
    """Importing the module of the plugin must import no heavy library: every command and worker pays for it."""
    module = module_of(spec)
    last = module.rsplit(".", 1)[-1]
    if module in ("__main__", "") or last.startswith(("test_", "conftest")) or last.endswith("_test"):
        raise SkipTest(f"the spec is defined in {module or 'no module'}, which is not a plugin's module")
    found = _heavy_imports(module)
    expect(
        not found,
        f"Importing {module} imports {', '.join(sorted(found))}; import them inside the functions that build.",
    )


@cache
def _heavy_imports(module: str) -> tuple[str, ...]:
    code = f"import importlib, sys; importlib.import_module({module!r}); print(*set({HEAVY!r}) & set(sys.modules))"
    return tuple(run_python(code).split())


def module_of(spec: Any) -> str:
    """Return the name of the module that a spec's builder, or the function of a metric or task, is defined in."""
    function = next(getattr(spec, name) for name in ("score", "take", "build") if hasattr(spec, name))
    while hasattr(function, "func"):  # functools.partial
        function = function.func
    return str(getattr(function, "__module__", "") or "")


def run_python(code: str, *arguments: str) -> str:
    """Run code in a fresh Python that finds the same modules as this one; return what it prints."""
    paths = os.pathsep.join(dict.fromkeys(path or os.getcwd() for path in sys.path))
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )
    last = (done.stderr.strip().splitlines() or ["no message"])[-1]
    expect(done.returncode == 0, f"A fresh process ended with status {done.returncode}: {last}")
    return done.stdout


def pickled_again(what: Any, label: str) -> Any:
    """Return the object after a round through its pickle, as it is written and read by the engine."""
    import cloudpickle

    try:
        return cloudpickle.loads(cloudpickle.dumps(what))
    except Exception as error:
        raise AssertionError(f"The {label} does not pickle: {type(error).__name__}: {error}") from error


def stored_again(what: Any, spec: Any) -> Any:
    """Return the object as it comes back from a saved model, which holds data and no pickle."""
    package = module_of(spec).partition(".")[0]  # the module that builds need not be the one that offers
    known = known_classes([importlib.import_module(package)])
    try:
        encoded = encode(what, known)
    except UnencodableError as error:
        raise AssertionError(
            f"It can only be saved by pickle, so that a model with it loads with trusted=True alone: {error}. Keep "
            f"numbers, text, bytes, arrays, scikit-learn estimators and objects of the plugin's own package."
        ) from error
    return decode(json.loads(json.dumps(encoded.tree, allow_nan=False)), encoded.blob, known)


def expect_close(found: Any, wanted: Any, message: str, tolerance: float = 1e-6) -> None:
    """Raise where two arrays differ in shape or by more than float32 rounding; NaN equals NaN."""
    left, right = np.asarray(found, dtype=np.float64), np.asarray(wanted, dtype=np.float64)
    expect(left.shape == right.shape, f"{message} Shapes: {left.shape} and {right.shape}.")
    scale = np.maximum(1.0, np.abs(np.nan_to_num(right)))
    gap = np.abs(np.where(np.isnan(left) & np.isnan(right), 0.0, left - right)) / scale
    largest = float(np.max(gap, initial=0.0))
    expect(largest <= tolerance, f"{message} Largest difference: {largest:.3g}.")


def same_values(left: Any, right: Any) -> bool:
    """Tell whether two frames, CSR matrices or arrays are the same to the last bit, with the same labels and types."""
    if isinstance(left, pd.DataFrame):
        same_labels = left.columns.equals(right.columns) and left.index.equals(right.index)
        return bool(same_labels and left.dtypes.equals(right.dtypes) and left.equals(right))
    if hasattr(left, "tocsr"):
        return bool(left.shape == right.shape and (left != right).nnz == 0)
    floats = np.asarray(left).dtype.kind == "f"
    return bool(np.array_equal(left, right, equal_nan=floats))


@contextmanager
def unchanged(**inputs: Any) -> Iterator[None]:
    """Raise where an input (None is none) has changed by the end of the block."""
    given = {name: value for name, value in inputs.items() if value is not None}
    before = {name: value.copy() for name, value in given.items()}
    yield
    for name, value in given.items():
        expect(same_values(value, before[name]), f"The {name} was changed in place; work on a copy.")


def expect_in_time(call: Callable[[], Any], seconds: float) -> None:
    """Raise where a call that was given some seconds takes more than those and a little grace."""
    began = time.monotonic()
    call()
    taken = time.monotonic() - began
    expect(
        taken <= seconds + GRACE_SECONDS,
        f"It took {taken:.1f} s where context.seconds_left() began at {seconds:.1f} s; "
        "stop in time with the best found so far.",
    )


def reversed_rows(features: Any) -> Any:
    """Return a frame or matrix with its rows in reverse order."""
    return take_rows(features, np.arange(features.shape[0])[::-1])


def take_rows(features: Any, rows: Any) -> Any:
    """Return some rows of a frame or matrix."""
    return features.iloc[rows] if isinstance(features, pd.DataFrame) else features[rows]
