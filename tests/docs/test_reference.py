"""The reference pages say what the code says: options, arguments, attributes, metrics, plugins, commands, figures."""

import importlib.util
import inspect
import re
import sys

import pytest

from automl import AutoML
from tests.docs.pages import DOCS, PAGES, ROOT


def load(path):
    """Import a script that lies beside the pages."""
    spec = importlib.util.spec_from_file_location(f"docs_{path.stem}", path)
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


generate = load(DOCS / "generate.py")


def text_of(page):
    return (DOCS / page).read_text(encoding="utf-8")


def table_after(text, heading):
    """Return the cells of the first table below a heading, row by row, the head first."""
    lines = text.split(f"{heading}\n", 1)[1].splitlines()
    begin = next(number for number, line in enumerate(lines) if line.startswith("|"))
    rows = []
    for line in lines[begin:]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return [row for row in rows if set("".join(row)) - set("-")]


@pytest.mark.parametrize("page", generate.PAGES)
def test_a_generated_page_is_what_the_code_says(page):
    assert generate.fresh(page) == text_of(page), "run: python docs/generate.py"


def test_every_option_is_documented():
    named = [name for names in generate.documented(AutoML, "Parameters") for name in names]
    assert sorted(named) == sorted(inspect.signature(AutoML).parameters)


def test_the_arguments_of_fit_are_documented_in_order_with_their_defaults():
    rows = table_after(text_of("options.md"), "## Arguments of `fit`")[1:]
    parameters = [each for each in inspect.signature(AutoML.fit).parameters.values() if each.name != "self"]
    told = [(row[0], row[2]) for row in rows]
    empty = inspect.Parameter.empty
    assert told == [
        (f"`{each.name}`", "required" if each.default is empty else f"`{each.default!r}`") for each in parameters
    ]


def test_every_attribute_of_a_fitted_estimator_is_documented(classifier):
    told = set(re.findall(r"`(\w+_)`", text_of("options.md").split("## After `fit`")[1]))
    has = {name for name in dir(classifier) if re.fullmatch(r"[a-z]\w*_", name)}
    assert has <= told
    assert told == {name for name in told if hasattr(classifier, name)}


def test_every_public_method_is_named():
    told = text_of("options.md").split("Methods:")[1]
    own = [name for name in vars(AutoML) if callable(getattr(AutoML, name)) and not name.startswith(("_", "set_"))]
    assert [name for name in own if name != "fit" and f"`{name}" not in told] == []


def test_every_page_is_in_the_navigation_once():
    lines = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").split("\nnav:\n")[1].splitlines()
    named = [found[1] for line in lines if (found := re.match(r"^ *- (?:\w+: )?([\w-]+\.md)$", line))]
    assert sorted(named) == sorted(page.name for page in DOCS.glob("*.md"))


@pytest.mark.parametrize("page", [page for page in PAGES if page.parent == DOCS], ids=lambda page: page.stem)
def test_every_link_of_a_page_leads_to_a_page_beside_it(page):
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8")):
        assert (DOCS / target).is_file(), f"{target} is linked and does not exist"


def test_the_figures_of_the_comparison_are_those_of_the_benchmarks():
    told = table_after(text_of("comparison.md"), "## Accuracy")
    measured = (ROOT / "benchmarks" / "README.md").read_text(encoding="utf-8")
    head, *rows = table_after(measured[measured.index("| system |") - 1 :], "")
    columns = [head.index(name) for name in told[0]]
    assert told[1:] == [[row[column] for column in columns] for row in rows]
