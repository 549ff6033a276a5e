"""How many arguments a function may take: more than six belong together in a record."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.architecture.sources import parsed, sources

MOST = 6
EXCEPTIONS = {
    "EstimatorOptions.__init__": "scikit-learn wants every option of an estimator by its name",
    "AutoML.compete": "what a user may tell of a competition, each by its name",
    "AutoML.predict_file": "what is written of each row, each by its name",
    "fit": "the options of a command",
    "predict": "the options of a command",
    "compete": "the options of a command",
}
"""Functions that take more, and why."""


def test_no_function_takes_more_arguments_than_can_be_kept_in_mind():
    counts = {name: count for path in sources("automl", "plugins") for name, count in functions(parsed(path))}
    assert len(counts) > 1_000
    assert {name: count for name, count in counts.items() if count > MOST and name not in EXCEPTIONS} == {}


def test_arguments_are_counted_with_those_that_are_collected_and_without_the_object_itself():
    text = """
class A:
    def of_an_object(self, a, /, b, *more, c=1, **rest): ...
    @staticmethod
    def of_a_class(a): ...
def outer(a, b):
    async def inner(cls): ...
"""
    found = dict(functions(ast.parse(text)))
    assert found == {"A.of_an_object": 5, "A.of_a_class": 1, "outer": 2, "outer.inner": 1}


def functions(node: ast.AST, within: str = "", is_class: bool = False) -> Iterator[tuple[str, int]]:
    """Give each function's name, with what it is in, and how many arguments it takes."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            given = child.args
            names = [each.arg for each in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
            own = int(is_class and names[:1] in (["self"], ["cls"]))
            yield within + child.name, len(names) - own + (given.vararg is not None) + (given.kwarg is not None)
            yield from functions(child, f"{within}{child.name}.")
        elif isinstance(child, ast.ClassDef):
            yield from functions(child, f"{within}{child.name}.", is_class=True)
        else:
            yield from functions(child, within, is_class)
