"""Two versions' results are the same only where they are so to the last bit, and each runs with its own plugins."""

import json
import subprocess
import sys

import numpy as np
import pytest

from benchmarks.compare_commits import bits, close, compare, difference, write_entry_points
from benchmarks.counted_searches import QUESTIONS, split_rows

TWO = np.array([0.1, 0.2])


@pytest.mark.parametrize(
    ("other", "told"),
    [(TWO.copy(), "same"), (np.nextafter(TWO, 1), "DIFFERS: at most 2.78e-17, 100% of the values"),
     (TWO[:1], "DIFFERS: float64 (2,)  ->  float64 (1,)"), (TWO.astype(str), "DIFFERS: float64 (2,)  ->  <U32 (2,)"),
     (-TWO, "DIFFERS: at most 0.4, 100% of the values")],
    ids=["equal", "last bits", "shape", "kind", "sign"],
)  # fmt: skip
def test_arrays_differ_by_their_last_bit(other, told):
    assert bits(TWO, other) == told


def test_what_is_not_a_number_is_the_same_in_both():
    assert bits(np.array([np.nan]), np.array([np.nan])) == "same"
    assert bits(np.array([0.0]), np.array([-0.0])).startswith("DIFFERS")


def test_a_loaded_models_predictions_may_differ_in_the_last_bits_alone():
    assert close(TWO, np.nextafter(TWO, 1)) == "same"
    assert close(TWO, TWO + 1e-6).startswith("DIFFERS: at most 1e-06")
    assert close(np.array(["a", "b"]), np.array(["a", "c"])) == "DIFFERS: 1 of 2 values"


def test_the_first_line_that_differs_is_told():
    assert difference(["a", "b"], ["a", "b"]) == "same"
    assert difference(["a", "b"], ["a", "c"]) == "DIFFERS in 1 of 2 lines: b  ->  c"
    assert difference(["a"], ["a", "c"]) == "DIFFERS: 1 lines  ->  2 lines"


def test_every_result_of_a_search_is_compared(tmp_path):
    for name, note in (("before", "one"), ("after", "another")):
        (tmp_path / name).mkdir()
        np.savez(tmp_path / name / "arrays.npz", predictions=TWO)
        (tmp_path / name / "told.json").write_text(json.dumps({"notes": [note], "score": ["1"]}))
    found = compare(tmp_path / "before", tmp_path / "after")
    assert found == {"predictions": "same", "notes": "DIFFERS in 1 of 1 lines: one  ->  another", "score": "same"}


def test_a_tree_brings_its_own_plugins(tmp_path):
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "ensemble-automl"\nversion = "9"\n[project.entry-points.automl]\nmine = "of_this_tree"\n'
    )
    write_entry_points(tmp_path, tmp_path)
    code = "from importlib.metadata import entry_points; print([e.value for e in entry_points(group='automl')])"
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONPATH": str(tmp_path)}
    )
    assert found.stdout.strip() == "['of_this_tree']"


def test_the_newest_rows_are_held_out_where_there_is_an_order_of_time():
    sales = QUESTIONS["sales"]()
    train, test = split_rows(sales)
    assert len(train) + len(test) == len(sales.frame)
    days = [frame["day"].map(lambda text: text.split(".")[::-1]) for frame in (train, test)]
    assert days[0].max() <= days[1].min()
