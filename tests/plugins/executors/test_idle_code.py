"""Idle code: only code that is as in its file is let go, and what runs afterwards finds it again."""

from __future__ import annotations

import subprocess
import sys

import pytest

from automl_builtins.executors._idle_code import let_go_of_code, untouched_code

SMAPS = """\
1000-3000 r-xp 00000000 08:01 17 /usr/lib/libone.so
Rss:                   8 kB
Anonymous:             0 kB
3000-4000 rw-p 00002000 08:01 17 /usr/lib/libone.so
Anonymous:             0 kB
4000-6000 r-xp 00000000 08:01 18 /usr/lib/lib two.so
Anonymous:             4 kB
6000-7000 r--p 00000000 08:01 18 /usr/lib/lib two.so
Anonymous:             0 kB
7000-9000 r-xp 00000000 00:00 0 [vdso]
Anonymous:             0 kB
a000-b000 r-xs 00000000 08:01 19 /usr/lib/shared.so
Anonymous:             0 kB
"""
MEASURE = """
import numpy, sys
from pathlib import Path
from automl_builtins.executors._idle_code import let_go_of_code

def file_kb():
    found = [line.split()[1] for line in Path("/proc/self/smaps").read_text().splitlines() if line.startswith("Rss:")]
    return sum(map(int, found))

before = file_kb()
let_go_of_code()
assert file_kb() < before
assert numpy.linalg.inv(numpy.eye(3)).sum() == 3
"""


def test_code_that_is_as_in_its_file_is_found_and_nothing_else():
    assert list(untouched_code(SMAPS.splitlines())) == [(0x1000, 0x3000)]


@pytest.mark.skipif(sys.platform != "linux", reason="/proc tells of mappings on Linux alone")
def test_a_process_takes_less_and_goes_on():
    subprocess.run([sys.executable, "-c", MEASURE], check=True)


def test_where_nothing_is_told_of_mappings_nothing_happens(monkeypatch):
    monkeypatch.setattr("pathlib.Path.read_text", lambda _: (_ for _ in ()).throw(OSError))
    let_go_of_code()
