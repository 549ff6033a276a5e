"""No sentence is read: code compares enumerations and records, so that whatever people are told can be reworded."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT, parsed, sources

SENTENCE = re.compile(r"[A-Za-z]{2,}[,:;]? [A-Za-z]{2,}")
"""Two words side by side."""
READERS = {"startswith", "endswith", "removeprefix", "removesuffix", "find", "index", "count", "partition", "replace"}
"""Methods of text that look for their first argument."""
TRUE_EXCEPTIONS = {
    "could not find": "what Kaggle's program says",
    "could not submit": "what Kaggle's program says",
    "EOF inside string": "what pandas raises",
    "on purpose": "what a check of the kit has raised itself, to see that it comes back",
    "digit count": "the name of a part of strings",
    "short runs": "a value of a hyperparameter",
}
"""What is looked for though it has the form of a sentence, and why that is no sentence of ours."""


def sentences_read(tree: ast.Module, constants: dict[str, str]) -> Iterator[tuple[int, str]]:
    """Yield line and text wherever a text of several words, or the name of one, is compared or looked for."""
    for node in ast.walk(tree):
        looked_for: list[ast.expr] = []
        if isinstance(node, ast.Compare):
            looked_for = [node.left, *node.comparators]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in READERS:
            looked_for = node.args[:1]
        elif isinstance(node, ast.MatchValue):
            looked_for = [node.value]
        for text in (text for each in looked_for for text in texts_of(each, constants)):
            if SENTENCE.search(text):
                yield node.lineno, text


def texts_of(node: ast.expr, constants: dict[str, str]) -> Iterator[str]:
    """Yield the texts that an expression is or holds: literals, parts of f-strings, and names of constants."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(text for part in node.values for text in texts_of(part, constants))
    elif isinstance(node, ast.FormattedValue):
        yield from texts_of(node.value, constants)
    elif isinstance(node, ast.Name) and node.id in constants:
        yield constants[node.id]
    elif isinstance(node, ast.Tuple | ast.List | ast.Set):
        for each in node.elts:
            yield from texts_of(each, constants)


def own_constants(tree: ast.Module) -> dict[str, str]:
    """Return the texts that a module keeps under names of its own; of several in a tuple the first with words."""
    found: dict[str, str] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            texts = [text for text in texts_of(node.value, found) if " " in text]
            if texts:
                found[node.targets[0].id] = next(filter(SENTENCE.search, texts), texts[0])
    return found


def known_constants(tree: ast.Module, by_module: dict[str, dict[str, str]]) -> dict[str, str]:
    """Return the texts that a module knows by name: its own, and those that it imports."""
    imported = {
        alias.asname or alias.name: by_module[node.module][alias.name]
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module in by_module
        for alias in node.names
        if alias.name in by_module[node.module]
    }
    return imported | own_constants(tree)


def module_name(path: Path) -> str:
    """Return the name by which others import a file."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[1:] if parts[0] == "plugins" else parts).removesuffix(".__init__")


def test_no_code_looks_for_words_of_a_message():
    trees = {path: parsed(path) for path in sources("automl", "plugins")}
    by_module = {module_name(path): own_constants(tree) for path, tree in trees.items()}
    read = [
        (f"{path.relative_to(ROOT)}:{line}", text)
        for path, tree in trees.items()
        for line, text in sentences_read(tree, known_constants(tree, by_module))
    ]
    assert [each for each in read if each[1] not in TRUE_EXCEPTIONS] == []
    assert set(TRUE_EXCEPTIONS) <= {text for _, text in read}


@pytest.mark.parametrize(
    "code",
    [
        'if reason == "interrupted by the user": pass',
        'if cause.startswith("it failed"): pass',
        'if "are allowed for one fit" in cause: pass',
        'kept = [each for each in notes if each.startswith(("resumed fits:", "path"))]',
        'END = "over and done"\nis_over = reason in (END, "")',
        'LIKE = "looks like"\nWHOLE = f"{LIKE} an identifier"\nis_one = note == WHOLE',
    ],
)
def test_reading_a_sentence_is_found(code):
    tree = ast.parse(code)
    assert len(list(sentences_read(tree, known_constants(tree, {})))) == 1


def test_a_constant_of_another_module_is_known():
    tree = ast.parse("from automl.b import END\nis_over = reason == END")
    assert len(list(sentences_read(tree, known_constants(tree, {"automl.b": {"END": "over and done"}})))) == 1


@pytest.mark.parametrize("code", ['if status == "complete": pass', 'raise ValueError("it failed")', "x = ended is END"])
def test_words_of_code_and_messages_that_are_made_are_no_reading(code):
    tree = ast.parse(code)
    assert list(sentences_read(tree, known_constants(tree, {}))) == []
