"""A process that dies, or is killed for its slowness, leaves word of where it was."""

import subprocess
import sys
import time
from textwrap import dedent

import pytest

from automl.machine.last_words import last_words

SCRIPT = """
    import ctypes, os, signal, sys, time
    from automl.machine.last_words import last_words

    def the_culprit():
        {what}

    with open(sys.argv[1], "wb") as file, last_words(file, {seconds}):
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
    words = (tmp_path / "words").read_text()
    assert said in words
    assert "the_culprit" in words


def test_what_outstays_its_time_says_what_it_is_at_even_in_c(tmp_path):
    what = "signal.signal(signal.SIGALRM, signal.SIG_DFL); signal.alarm(1); 3 ** (10**8) % 7"
    run(tmp_path / "words", what, seconds="0.3")
    assert "the_culprit" in (tmp_path / "words").read_text()


def test_who_ends_well_says_nothing(tmp_path):
    assert run(tmp_path / "words", "pass", seconds="5.0").returncode == 0
    assert (tmp_path / "words").read_text() == ""


def test_where_somebody_else_listens_to_crashes_nothing_is_changed(tmp_path):
    with (tmp_path / "words").open("wb") as file, last_words(file, 0.01):  # pytest listens
        time.sleep(0.1)
    assert (tmp_path / "words").read_text() == ""


def test_without_a_file_a_fit_runs_all_the_same():
    code = "from automl.machine.last_words import last_words\nwith last_words(None, 0.1): print('ran')"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout == b"ran\n"
