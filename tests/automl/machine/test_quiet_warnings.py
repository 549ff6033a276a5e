"""Warnings are as they were, however the turns of several threads overlap."""

import threading
import warnings

import pytest

from automl.machine.quiet_warnings import quiet_warnings


def in_turns(*blocks):
    """Enter each block in a thread of its own, in order, then leave them in the same order."""
    threads, entered, leaves = [], [], []
    for block in blocks:
        is_in, leave = threading.Event(), threading.Event()

        def stay(block=block, is_in=is_in, leave=leave):
            with block():
                is_in.set()
                leave.wait(10)

        thread = threading.Thread(target=stay)
        thread.start()
        assert is_in.wait(10)
        threads.append(thread)
        entered.append(is_in)
        leaves.append(leave)
    for thread, leave in zip(threads, leaves, strict=True):
        leave.set()
        thread.join()


def test_nobody_is_warned_meanwhile_and_everybody_is_afterwards():
    with quiet_warnings():
        warnings.warn("advice", UserWarning, stacklevel=1)
    with pytest.warns(UserWarning, match="advice"):
        warnings.warn("advice", UserWarning, stacklevel=1)


def test_threads_whose_turns_overlap_leave_the_filters_as_they_were():
    before, content = warnings.filters, list(warnings.filters)
    in_turns(quiet_warnings, quiet_warnings, quiet_warnings)
    assert warnings.filters is before
    assert list(warnings.filters) == content


def test_a_program_that_catches_warnings_over_our_end_or_beginning_is_not_silent_afterwards():
    for blocks in ((quiet_warnings, warnings.catch_warnings), (warnings.catch_warnings, quiet_warnings)):
        with warnings.catch_warnings():
            content = list(warnings.filters)
            in_turns(*blocks)
            assert list(warnings.filters) == content


def test_what_somebody_sets_meanwhile_stays_where_the_list_is_another():
    with warnings.catch_warnings():
        with quiet_warnings():
            warnings.filters = [("always", None, UserWarning, None, 0)]
        assert warnings.filters == [("always", None, UserWarning, None, 0)]
