"""Print the lowest versions that pyproject.toml allows, as constraints for pip: `python tests/versions/lowest.py`."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

PYPROJECT = Path(__file__).parents[2] / "pyproject.toml"
EXTRAS = ("catboost", "report", "xgboost")
"""What is installed beside the base: no torch and no trackers, which take long to download."""


def lowest(project: dict, extras: Iterable[str]) -> Iterator[str]:
    """Yield `name==version` for each requirement of the base and of some extras, with its condition."""
    wanted = [*project["dependencies"], *(each for extra in extras for each in project["optional-dependencies"][extra])]
    for requirement in wanted:
        found = re.fullmatch(r"([\w.-]+)>=([\w.]+)(\s*;.*)?", requirement)
        if found is None:
            raise SystemExit(f"Found the requirement {requirement!r}; expected NAME>=VERSION alone.")
        yield f"{found[1]}=={found[2]}{found[3] or ''}"


if __name__ == "__main__":
    chosen = sys.argv[1:] or EXTRAS
    print("\n".join(lowest(tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"], chosen)))
