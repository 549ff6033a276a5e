"""Memory of processes is told as it is, or quickly and rather too much."""

import os

from automl.plugin_api import Families
from automl.plugin_api.process_memory import resident_mb, used_mb


def test_quick_figures_are_never_below_the_proportional_ones():
    families = Families()
    here = [os.getpid()]
    assert 0 < families.memory_mb(here) <= 1.02 * families.memory_mb(here, quick=True)


def test_processes_that_are_gone_take_nothing():
    gone = 2**22 + 1
    assert (used_mb([gone]), resident_mb(gone), Families().memory_mb([gone])) == (0.0, 0.0, 0.0)
