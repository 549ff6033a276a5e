"""Requirements: lower bounds for users, pins for the tests, and only what is used."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
BASE = PROJECT["dependencies"]
GROUPS = PROJECT["optional-dependencies"]
EXTRAS = [each for group in GROUPS.values() for each in group]
PINS = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if line and not line.startswith("#")]


def plain_name(requirement):
    """Return a requirement's name as package indexes compare it."""
    return re.sub(r"[-_.]+", "-", re.match(r"[\w.-]+", requirement)[0]).lower()


def of_others(*requirements):
    """Return those that do not name an extra of the project itself."""
    return [each for each in requirements if plain_name(each) != PROJECT["name"]]


@pytest.mark.parametrize("requirement", of_others(*BASE, *EXTRAS))
def test_a_requirement_has_a_lower_bound_and_no_upper_one(requirement):
    assert re.fullmatch(r"[\w.-]+(\[[\w,-]+\])?>=[\d.]+(\s*;.*)?", requirement)


@pytest.mark.parametrize("line", PINS)
def test_a_constraint_is_one_exact_version_without_place_or_host(line):
    assert re.fullmatch(r"[a-z0-9-]+==[\w.]+", line)


@pytest.mark.parametrize("requirement", of_others(*BASE, *GROUPS["test"], *GROUPS["dev"]))
def test_what_the_tests_need_is_pinned(requirement):
    assert plain_name(requirement) in {line.split("==")[0] for line in PINS}


def test_each_package_is_pinned_once():
    names = [line.split("==")[0] for line in PINS]
    assert sorted(set(names)) == names
