"""Ctrl-C while something is cleaned up."""

import signal

import pytest

from automl.steps.hold_interrupts import interrupts_held


def test_an_interrupt_waits_until_the_block_is_done():
    done = []
    with pytest.raises(KeyboardInterrupt), interrupts_held():  # noqa: PT012  # the order of the two is what is tested
        signal.raise_signal(signal.SIGINT)
        done.append("cleaned up")
    assert done == ["cleaned up"]


def test_what_answers_to_interrupts_is_put_back():
    before = signal.getsignal(signal.SIGINT)
    with interrupts_held():
        assert signal.getsignal(signal.SIGINT) is not before
    assert signal.getsignal(signal.SIGINT) is before
