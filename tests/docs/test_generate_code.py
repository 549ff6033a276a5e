"""What is written as code from the table of options is what the table says, and a new entry gets everywhere."""

import inspect
from typing import Any

import pytest

from automl.cli._options import options_of, with_options
from automl.steps.plan.options import OPTIONS
from automl.steps.plan.parse_values import parse_verbose
from automl.vocabulary.options import Flag, Option, Setting, Shown
from tests.docs.pages import DOCS, ROOT
from tests.docs.test_reference import load

generate, pages = load(DOCS / "generate_code.py"), load(DOCS / "generate.py")


@pytest.mark.parametrize("file", generate.FILES)
def test_what_is_written_is_what_the_table_says(file):
    assert generate.fresh(file) == (ROOT / file).read_text(encoding="utf-8"), "run: python docs/generate_code.py"


@pytest.fixture
def new_option(monkeypatch):
    """One more entry in the table, after all others."""
    option = Option(
        "patience",
        "int",
        3,
        "how long to wait.",
        Setting("int", "3", parse_verbose),
        Flag(int, "wait", lambda typed: typed * 2),
        Shown("How long to wait.", 3, after="target"),
    )
    monkeypatch.setitem(OPTIONS, option.name, option)
    return option


def test_a_new_entry_reaches_constructor_docstring_settings_page_and_command_line(new_option):
    assert "patience: int = 3," in generate.constructor()
    assert "self.patience = patience\n" in generate.constructor()
    assert "    patience : how long to wait.\n" in generate.documented()
    assert "    patience: int = 3\n" in generate.fields()
    assert "| `patience` | `--wait` | `3` | how long to wait. |" in pages.options_table()

    @with_options("fit")
    def command(*, target: str, unlabeled: str, **given: Any) -> None:
        """Fit."""

    parameters = inspect.signature(command).parameters
    assert list(parameters)[:3] == ["target", "wait", "time_limit"]
    assert parameters["wait"].default == 3
    typed = {name: each.default for name, each in parameters.items()}
    assert options_of("fit", {**typed, "wait": 5})["patience"] == 10


def test_an_option_that_is_to_stand_after_nothing_known_is_named():
    with pytest.raises(ValueError, match="no parameter 'target' that 'time_limit' could stand after"):

        @with_options("fit")
        def command(**given: Any) -> None:
            """Fit."""
