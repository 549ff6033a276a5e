"""One thread at a time, and a forked process is not held up by a thread that it has not."""

import multiprocessing
import threading

import pytest

from automl.machine.one_at_a_time import one_at_a_time


def test_two_threads_are_never_in_it_together_but_one_may_be_twice():
    inside, together = [], []

    @one_at_a_time
    def work(depth):
        inside.append(threading.get_ident())
        together.append(set(inside))
        if depth:
            work(depth - 1)
        inside.pop()

    threads = [threading.Thread(target=lambda: [work(1) for _ in range(50)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {len(each) for each in together} == {1}


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="there is no fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_a_process_forked_while_another_thread_is_in_it_can_go_on():
    is_in, leave = threading.Event(), threading.Event()

    @one_at_a_time
    def stay():
        is_in.set()
        leave.wait(20)

    thread = threading.Thread(target=stay)
    thread.start()
    assert is_in.wait(10)
    child = multiprocessing.get_context("fork").Process(target=one_at_a_time(int))
    child.start()
    child.join(10)
    leave.set()
    thread.join()
    code = child.exitcode
    if code is None:
        child.kill()
    assert code == 0
