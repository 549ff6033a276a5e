"""Write what the table of options is as code: the constructor, what it is documented as, and the settings of a search.

`python docs/generate_code.py` rewrites these parts of three files. Editors and type checkers read code, not a table, so
that each option is seen with its type, its default and what it is. `make format` runs it; a test compares.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

from automl.steps.plan.options import OPTIONS
from automl.vocabulary.options import Option

ROOT = Path(__file__).parents[1]
WIDTH = 120


def told_together() -> Iterator[tuple[list[Option], str]]:
    """Yield the options, those together that are told of in one text."""
    group: list[Option] = []
    for option in OPTIONS.values():
        if option.about and group:
            yield group, group[0].about
            group = []
        group.append(option)
    yield group, group[0].about


def documented() -> str:
    """Return the section of the docstring of `AutoML`."""
    lines = ["    Parameters", "    ----------"]
    for group, about in told_together():
        text = f"{', '.join(option.name for option in group)} : {about}"
        lines += textwrap.wrap(
            text, WIDTH, initial_indent=" " * 4, subsequent_indent=" " * 8, break_long_words=False,
            break_on_hyphens=False,
        )  # fmt: skip
    return "\n".join(lines) + "\n"


def constructor() -> str:
    """Return `__init__`: the first option by its place or name, all others by their names."""
    first, *others = OPTIONS.values()
    lines = ["    def __init__(  # noqa: PLR0913  every option by its name, as scikit-learn wants it", "        self,"]
    lines += [f"        {argument(first)},", "        *,", *(f"        {argument(each)}," for each in others)]
    lines += ["    ) -> None:", '        """Store the options; they are checked in `fit`."""']
    lines += [f"        self.{each.name} = {kept(each)}" for each in OPTIONS.values()]
    return "\n".join(lines) + "\n"


def argument(option: Option) -> str:
    """Return an option as an argument with its type and default."""
    default = f'"{option.default}"' if isinstance(option.default, str) else repr(option.default)
    return f"{option.name}: {option.kind} = {default}"


def kept(option: Option) -> str:
    """Return what the constructor keeps of an option."""
    return f"{option.kept_by}({option.name})" if option.kept_by else option.name


def fields() -> str:
    """Return the fields of `SearchSettings` that options become."""
    lines = [f"    {o.field}: {o.setting.kind} = {o.setting.default}" for o in OPTIONS.values() if o.setting]
    return "\n".join(dict.fromkeys(lines)) + "\n"


FILES: dict[str, tuple[str, Callable[[], str]]] = {
    "automl/estimator.py": (r"    Parameters\n    -{10}\n(?:    .+\n)+", documented),
    "automl/estimator_options.py": (r"    def __init__\((?:.*\n)+?(?=\n)", constructor),
    "automl/vocabulary/settings.py": (r"(?<=: begin\n)(?:    .+\n)+?(?=    # end)", fields),
}
"""Where which part stands in which file, and what it is made by."""


def fresh(file: str) -> str:
    """Return the text of a file with its written part made anew."""
    pattern, make = FILES[file]
    text, count = re.subn(pattern, lambda _: make(), (ROOT / file).read_text(encoding="utf-8"), count=1)
    if count != 1:
        raise ValueError(f"{file} has no part to write the options to.")
    return text


def main() -> None:
    """Write every part."""
    for file in FILES:
        (ROOT / file).write_text(fresh(file), encoding="utf-8")


if __name__ == "__main__":
    main()
