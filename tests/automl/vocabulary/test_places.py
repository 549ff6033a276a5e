"""A path that begins with "~" leads into the user's home, and never makes a folder of that name."""

from pathlib import Path

import pytest

from automl.errors import InputError
from automl.vocabulary.places import place_of


def test_a_path_leads_to_the_home_that_it_names(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert place_of("~/a/b.csv") == tmp_path / "a/b.csv"
    assert place_of(Path("a/~b")) == Path("a/~b")
    assert place_of("~nobody-of-this-name/x") == Path("~nobody-of-this-name/x")


def test_a_path_that_no_system_takes_is_refused():
    with pytest.raises(InputError, match="a character of 0"):
        place_of("a\0b")
