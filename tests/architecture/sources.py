"""Sources of the engine and the built-in plugins, each parsed once for all the tests that look at code."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@cache
def sources(*folders: str) -> tuple[Path, ...]:
    """Return the source files in folders of the project, by name in order."""
    return tuple(path for folder in folders for path in sorted((ROOT / folder).rglob("*.py")))


@cache
def parsed(path: Path) -> ast.Module:
    """Return the code of a file as a tree, which nobody changes."""
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """Return what the tree of a file consists of."""
    return tuple(ast.walk(parsed(path)))
