"""Ctrl-C while something is cleaned up."""

import signal

import pytest

from automl.machine.hold_interrupts import interrupts_held


@pytest.fixture(autouse=True)
def heard():
    """Hear interrupts as Python does from a terminal; whoever starts tests in the background has them ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


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
