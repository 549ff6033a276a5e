"""Slots are told apart by number and runtime alone, and of a call nothing need be known but its future."""

from concurrent.futures import Future
from dataclasses import replace

from automl.plugin_api import ExecutorRequest, Slot, Started


def test_a_slot_is_the_same_whatever_threads_it_is_used_with_and_another_with_each_runtime():
    slot = Slot(3, threads=1, host="a")
    assert {replace(slot, threads=4), replace(slot, host="b")} == {slot}
    assert slot.worker("torch") != slot
    assert slot.worker("torch").worker("") == slot
    assert slot.worker("torch").host == "a"


def test_an_executor_of_this_machine_offers_its_cores_and_then_its_gpus():
    slots = ExecutorRequest(2, 3, gpus=("0", "GPU-7"), memory_mb=500).slots()
    assert [slot.number for slot in slots] == [0, 1, 2, 3]
    assert [slot.gpu for slot in slots] == ["", "", "0", "GPU-7"]
    assert {(slot.threads, slot.memory_mb, slot.host) for slot in slots} == {(3, 500, "")}


def test_a_call_of_which_nothing_is_heard_is_one_that_may_not_have_begun():
    started = Started(Future())
    assert started.began() is None
    assert started.last_words() == ""
