"""Keep the process as it was: what a plugin does to global state ends with the plugin's turn."""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import numpy as np

from automl.vocabulary.arrays import USUAL_ERRORS


@contextmanager
def kept_process(seed: int | None = None) -> Iterator[None]:
    """Put back the working folder, the environment, Python's and NumPy's global random state, and NumPy's error state.

    With a seed the random states start from it, so that a plugin that draws from them gives the same result whatever
    ran in this process before. Without one, and beside a main thread that goes on, NumPy's error state alone is put
    back, which is each thread's own: what the program itself changes meanwhile cannot be told from a plugin's doing.
    """
    if seed is None and threading.current_thread() is not threading.main_thread():
        with np.errstate(**USUAL_ERRORS):
            yield
        return
    folder, environment = _folder(), dict(os.environ)
    states = random.getstate(), np.random.get_state()
    if seed is not None:
        random.seed(seed)
        np.random.seed(seed % 2**32)
    try:
        with np.errstate(**USUAL_ERRORS):
            yield
    finally:
        random.setstate(states[0])
        np.random.set_state(states[1])
        _put_back(environment)
        if folder is not None and _folder() != folder:
            with suppress(OSError):  # it has been removed
                os.chdir(folder)


def _folder() -> str | None:
    try:
        return os.getcwd()
    except OSError:  # it has been removed
        return None


def _put_back(environment: dict[str, str]) -> None:
    for name in set(os.environ) - set(environment):
        del os.environ[name]
    for name, value in environment.items():
        if os.environ.get(name) != value:
            os.environ[name] = value
