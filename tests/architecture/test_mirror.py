"""Tests mirror the sources: `automl/table/files/lay_out.py` is tested by `tests/automl/table/files/test_lay_out.py`."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PLACES = {ROOT / "automl": ROOT / "tests" / "automl", ROOT / "plugins" / "automl_builtins": ROOT / "tests" / "plugins"}
LEAST_SHARE = 0.85
"""Of the modules, that have a test file of their name. It may only rise."""


def modules():
    """Yield each module that does something, with the place of its test file."""
    for sources, tests in PLACES.items():
        for path in sorted(sources.rglob("*.py")):
            if not only_names(path.read_text(encoding="utf-8")):
                yield path, tests / path.relative_to(sources).parent / f"test_{name_of(path)}.py"


def name_of(path):
    """Return the name by which a module is known: a package by its folder, another without underscores around it."""
    return path.parent.name if path.name == "__init__.py" else path.stem.strip("_")


def only_names(source):
    """Tell whether a module holds nothing but a docstring, imports and the list of what it hands on."""
    return all(
        isinstance(each, ast.Import | ast.ImportFrom)
        or (isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant))
        or (isinstance(each, ast.Assign) and ast.unparse(each.targets[0]) == "__all__")
        for each in ast.parse(source).body
    )


def test_modules_have_a_test_file_of_their_name_at_the_same_place():
    wanted = dict(modules())
    lacking = [str(path.relative_to(ROOT)) for path, test in wanted.items() if not test.exists()]
    share = 1 - len(lacking) / len(wanted)
    assert share >= LEAST_SHARE, f"{share:.1%} of {len(wanted)} modules have one; these lack it: {', '.join(lacking)}"


@pytest.mark.parametrize("tests", PLACES.values(), ids=lambda path: path.name)
def test_every_test_file_of_a_module_holds_tests(tests):
    empty = [
        str(path.relative_to(ROOT))
        for path in tests.rglob("test_*.py")
        if not any(line.lstrip().startswith(("def test_", "class Test")) for line in path.read_text().splitlines())
        and "_checks(" not in path.read_text()
    ]
    assert not empty


@pytest.mark.parametrize(
    ("source", "found"),
    [('"""Doc."""\n', True), ('"""Doc."""\nfrom a import b\n__all__ = ["b"]\n', True), ("LIMIT = 3\n", False),
     ("def f(): ...\n", False), ("if True:\n    import a\n", False)],
)  # fmt: skip
def test_a_module_that_only_hands_on_names_needs_none(source, found):
    assert only_names(source) is found
