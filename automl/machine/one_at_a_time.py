"""One at a time: what threads must not do side by side, as pandas changes the process's warnings for a moment each."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
_LOCKS = [threading.RLock()]


def one_at_a_time(function: Callable[P, T]) -> Callable[P, T]:
    """Have a function that uses pandas wait until no other thread is in one.

    pandas looks up a type between `warnings.catch_warnings` and its end. Of two threads that do so at once, the one
    that ends last may put back what the other one had set, and the program is not warned any more.
    """

    @wraps(function)
    def called(*args: P.args, **kwargs: P.kwargs) -> T:
        with _LOCKS[0]:
            return function(*args, **kwargs)

    return called


def _renew() -> None:
    """Begin anew in a forked process, where the thread that had the lock is not."""
    _LOCKS[0] = threading.RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew)
