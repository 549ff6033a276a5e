"""A process that dies, or is killed for its slowness, leaves word of where it was."""

import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from automl.machine.last_words import last_words, read_last_words

SCRIPT = """
    import ctypes, os, pathlib, signal, sys, time
    from automl.machine.last_words import last_words

    def the_culprit():
        {what}

    with last_words(pathlib.Path(sys.argv[1]), {seconds}):
        the_culprit()
"""


def run(path, what, seconds="float('inf')"):
    script = dedent(SCRIPT).format(what=what, seconds=seconds)
    return subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, check=False)


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("os.abort()", "Aborted"),
        ("ctypes.string_at(0)", "Segmentation fault"),
    ],
)
def test_a_crash_says_where_it_happened(tmp_path, what, said):
    assert run(tmp_path / "words", what).returncode < 0
    words = read_last_words(tmp_path / "words")
    assert said in words
    assert "the_culprit" in words
    assert not (tmp_path / "words").exists()


def test_what_outstays_its_time_says_what_it_is_at_even_in_c(tmp_path):
    what = "signal.signal(signal.SIGALRM, signal.SIG_DFL); signal.alarm(1); 3 ** (10**8) % 7"
    run(tmp_path / "words", what, seconds="0.3")
    assert "the_culprit" in read_last_words(tmp_path / "words")


def test_who_ends_well_leaves_nothing(tmp_path):
    assert run(tmp_path / "words", "pass", seconds="5.0").returncode == 0
    assert list(tmp_path.iterdir()) == []
    assert read_last_words(tmp_path / "words") == ""


def test_where_somebody_else_listens_to_crashes_nothing_is_changed(tmp_path):
    path: Path = tmp_path / "words"  # pytest listens
    with last_words(path, 1.0):
        assert not path.exists()
