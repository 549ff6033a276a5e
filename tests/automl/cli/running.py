"""Run a command of the command line in this process, as tests want it."""

import sys

import pytest
from typer.testing import CliRunner

from automl.cli import app, main

BY_COUNT = ("--time-limit", "none", "--max-trials", "2", "--models", "linear", "--cv", "3", "--quiet")


def run(*arguments):
    """Run a command in this process and return what it printed; anything but success fails the test."""
    result = CliRunner().invoke(app, [str(each) for each in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def run_refused(capsys, monkeypatch, *arguments):
    """Run a command that the domain refuses, as the installed script runs it; return status and stderr."""
    monkeypatch.setattr(sys, "argv", ["automl", *(str(each) for each in arguments)])
    with pytest.raises(SystemExit) as ended:
        main()
    output = capsys.readouterr()
    assert "Traceback" not in output.err
    return ended.value.code, output.err
