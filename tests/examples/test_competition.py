"""The walk-through of a competition runs from its files to a blend, and its scores are what it promises."""

import re
import runpy
from pathlib import Path

from automl import AutoML

EXAMPLE = Path(__file__).parents[2] / "examples" / "competition"


def run(script, monkeypatch, *arguments):
    monkeypatch.setattr("sys.argv", [script, *map(str, arguments)])
    runpy.run_path(str(EXAMPLE / script), run_name="__main__")


def test_the_walk_through_ends_with_scores_near_those_it_promised(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(AutoML.__init__.__kwdefaults__, "executor", "in_process")
    monkeypatch.setitem(AutoML.__init__.__kwdefaults__, "models", ["baseline", "linear"])
    run("make_files.py", monkeypatch, tmp_path / "plants")
    run("walk_through.py", monkeypatch, tmp_path / "plants", "--max-trials", 2)
    printed = capsys.readouterr().out
    assert "target: bloomed (in sample_submission.csv and train.csv, not in test.csv)" in printed
    found = re.findall(r"promised ([\d.]+) \(([\d.]+) to ([\d.]+)\), measured ([\d.]+)", printed)
    assert len(found) == 2
    for promised, low, high, measured in ([float(each) for each in row] for row in found):
        assert promised > 0.7
        assert low - 0.05 < measured < high + 0.05
