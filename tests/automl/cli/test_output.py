"""The command line on terminals that cannot show every character, and where there is none."""

import io
import sys

import pytest
import typer

from automl.cli import main
from automl.cli._output import print_table, stdout

NAMES = ["возраст ☃", "价格", "half an emoji \ud83d"]


@pytest.fixture
def terminal(monkeypatch):
    def of(encoding):
        made = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
        monkeypatch.setattr(sys, "stdout", made)
        monkeypatch.setattr(sys, "argv", ["automl", "--version"])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == 0
        return made

    return of


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1", "shift-jis", "utf-8"])
def test_names_are_printed_with_what_the_terminal_has(terminal, encoding):
    made = terminal(encoding)
    print_table("Columns", ("имя", "label"), [(name, "да") for name in NAMES])
    if encoding != "ascii":  # which click takes for a mistake, and writes UTF-8 instead
        typer.echo(NAMES[0])
    stdout().print(f"note: {NAMES[1]}", markup=False)
    made.flush()
    shown = made.buffer.getvalue().decode(encoding)
    assert NAMES[0].encode(encoding, "backslashreplace").decode(encoding) in shown
    assert "half an emoji \\ud83d" in shown


@pytest.mark.parametrize("stream", [None, io.StringIO()])
def test_a_program_without_a_terminal_can_call_it(monkeypatch, stream):
    monkeypatch.setattr(sys, "stdout", stream)
    monkeypatch.setattr(sys, "argv", ["automl", "--version"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
