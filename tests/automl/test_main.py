"""`python -m automl` is the command line."""

import runpy
import sys

import pytest


def test_it_runs_the_command_line(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["automl", "no-such-command"])
    monkeypatch.delitem(sys.modules, "automl.__main__", raising=False)
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("automl", run_name="__main__")
    assert ended.value.code == 2
    assert "no-such-command" in capsys.readouterr().err
