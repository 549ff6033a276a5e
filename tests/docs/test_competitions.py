"""Every command and every block of Python in docs/competitions.md runs, and prints the lines that stand there."""

import re
import runpy
import shlex
from pathlib import Path

import pytest

from automl import AutoML
from tests.automl.cli.running import run
from tests.automl.competition.test_kaggle import calls, program  # noqa: F401  a fixture

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "competitions.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(console|python)\n(.*?)```", TEXT, flags=re.DOTALL)
QUICK = ["--time-limit", "none", "--max-trials", "1", "--models", "linear", "--cv", "3", "--quiet"]


@pytest.fixture(autouse=True)
def quick_searches(monkeypatch):
    monkeypatch.setitem(AutoML.__init__.__kwdefaults__, "executor", "in_process")


def run_console(block, monkeypatch):
    """Run a block's commands, the searches in a moment each; return what they printed."""
    printed = ""
    for line in block.splitlines():
        words = shlex.split(line.removeprefix("$ "))
        if line.startswith("$ python "):
            monkeypatch.setattr("sys.argv", [str(ROOT / words[1]), *words[2:]])
            runpy.run_path(str(ROOT / words[1]), run_name="__main__")
        elif line.startswith("$ automl "):
            arguments = words[1:]
            if "--time-limit" in arguments:
                place = arguments.index("--time-limit")
                arguments[place : place + 2] = [
                    each for each in QUICK if "--blend" not in arguments or each not in ("--cv", "3")
                ]
            printed += run(*arguments)
    return printed


def test_the_page_runs_from_top_to_bottom(tmp_path, monkeypatch, program, capsys):  # noqa: F811
    monkeypatch.chdir(tmp_path)
    assert len(BLOCKS) >= 7
    for kind, block in BLOCKS:
        if kind == "python":
            code = block.replace(
                'time_limit="10m"', 'time_limit=None, max_trials=1, models=["linear"], cv=3, verbose=0'
            )
            exec(compile(code, "competitions.md", "exec"), {})
            continue
        printed = run_console(block, monkeypatch).splitlines()
        expected = [line for line in block.splitlines() if not line.startswith("$ ")]
        assert [line for line in expected if line not in printed] == []
    assert [call[:2] for call in calls(program)] == [["competitions", "download"], ["competitions", "submit"]]
    for name in ("submission", "second", "both", "three", "python"):
        assert (tmp_path / f"{name}_run.json").is_file()


def test_every_metric_of_the_page_exists_and_no_option_is_made_up():
    from automl.registry import discover

    known = {name for spec in discover().metrics.values() for name in (spec.name, *spec.aliases)}
    table = TEXT.split("| scored by |")[1].split("\n\n")[0]
    named = {each for row in table.splitlines()[2:] for each in re.findall(r"`([^`]+)`", row)}
    assert named - known == set()
    options = set(re.findall(r"(--[a-z][a-z-]+)", TEXT))
    help_text = " ".join(run("compete", "--help").split())
    assert [option for option in options if option not in help_text] == []
