"""The engine asks of a task what form its outputs have, in one place, and little of which kind it is."""

import re
from pathlib import Path

ENGINE = Path(__file__).parents[2] / "automl"
OWN = ("vocabulary/task.py", "vocabulary/outputs.py", "plugin_api/specs/tasks.py")
"""Where kinds and forms are defined, and what follows from them."""
KIND = re.compile(r"\bTaskKind\.[A-Z]+")
FORM = re.compile(r"\bis_classification\b|\bhas_classes\b|\.told_by\b|\btask\.like\b|\bTrait\.[A-Z]+")
MOST, MOST_OF_KIND = 19, 3
"""Lines that ask anything of a task, and those that name a kind; they were 78 and 30 while kinds were closed. Lower
them where one goes."""


def branches():
    for path in sorted(ENGINE.rglob("*.py")):
        place = path.relative_to(ENGINE).as_posix()
        if place in OWN or place.startswith("testing/"):
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if KIND.search(line) or FORM.search(line):
                yield f"{place}:{number}: {line.strip()}"


def test_few_lines_of_the_engine_branch_on_the_task():
    found = list(branches())
    assert len(found) <= MOST, "\n".join(found)


def test_hardly_a_line_of_the_engine_names_a_kind():
    found = [line for line in branches() if KIND.search(line)]
    assert len(found) <= MOST_OF_KIND, "\n".join(found)


def test_no_line_of_the_engine_asks_a_kind_whether_it_is_one_of_classes():
    assert [line for line in branches() if "is_classification" in line] == []
