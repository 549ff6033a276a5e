"""Slots over real worker processes: what hangs or dies comes back as a failure, and the slot goes on."""

import threading
import time
from concurrent.futures import Future
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from automl.plugin_api import (
    Again,
    Candidate,
    ColumnKind,
    ExecutorRequest,
    ExecutorSpec,
    ModelSpec,
    SearchSettings,
    Slot,
    Stage,
    Started,
    WorkerEndedError,
    publish_locally,
)
from automl.registry import discover
from automl.steps.fit.choose_preparation import choose_preparation
from automl.steps.fit.fit_fold import FoldJob
from automl.steps.fit.store_dataset import store_dataset
from automl.steps.fit.warm_up import warm_up
from automl.steps.plan.plan_resampling import stratified
from automl.steps.trials import follow_slots, run_jobs
from automl.steps.trials.assign_resources import assign_resources
from automl.steps.trials.follow_slots import Offer
from automl.steps.trials.run_jobs import Slots
from automl.vocabulary.results import Failure, FoldResult
from tests.automl.steps.fit.test_prepare_fold import dataset_of
from tests.changing import slots_of
from tests.troublesome import BUILDERS, ClassShares, process_of, what_a_worker_sees

REGISTRY = discover()


@pytest.fixture(scope="module")
def job(tmp_path_factory):
    folder = tmp_path_factory.mktemp("jobs")
    data = dataset_of("binary")
    stored = store_dataset(data, stratified(data, 3, np.random.default_rng(0)), folder / "data")
    published = publish_locally(stored.name, stored.files)

    def make(model, fold=0, seconds=30.0):
        spec = ModelSpec(model, BUILDERS[model], scaling="standard")
        preparation = choose_preparation(spec, {}, data.schema, REGISTRY.preprocessors)
        candidate = Candidate(model, {"x": 0.5}, preparation)
        return FoldJob(published, candidate, fold, spec, REGISTRY.preprocessors, "roc_auc", 7, 1, seconds)

    return make


@pytest.fixture(scope="module")
def executor(tmp_path_factory):
    folder = tmp_path_factory.mktemp("words")
    made = REGISTRY.executors["process_slots"].build(ExecutorRequest(2, 1, warm_up, folder=folder))
    made.start()
    yield made
    made.close()


@pytest.fixture
def slots(executor, job):
    """Two slots that have run something, so that their time counts from the start."""
    made = Slots(executor, executor.slots()[:2])
    for slot in (0, 1):
        made.submit(slot, job("class_shares"))
    assert all(isinstance(each.result, FoldResult) for each in collect(made, 2))
    return made


def collect(slots, n_jobs, seconds=40.0):
    """Wait until so many jobs are back."""
    back, until = [], time.monotonic() + seconds
    while len(back) < n_jobs and time.monotonic() < until:
        back += slots.wait(1.0)
    assert len(back) == n_jobs
    return back


def test_jobs_come_back_with_the_slot_they_ran_on_and_leave_it_idle(slots, job):
    slots.submit(0, job("class_shares", fold=1))
    assert slots.idle() == [1]
    slots.submit(1, job("raises_in_fit", fold=2))
    assert slots.idle() == []
    back = {each.slot: each.result for each in collect(slots, 2)}
    assert back[0].fold == 1
    assert back[1].cause == "ValueError: the fit broke"
    assert slots.idle() == [0, 1]
    assert slots.running == ()


@pytest.mark.parametrize("model", ["aborts", "exits"])
def test_a_fit_that_ends_its_process_is_a_failure_and_the_other_slot_is_not_touched(slots, job, model):
    slots.submit(0, job(model))
    slots.submit(1, job("class_shares"))
    back = {each.slot: each.result for each in collect(slots, 2)}
    assert isinstance(back[1], FoldResult)
    assert isinstance(back[0], Failure)
    assert back[0].model == model
    slots.submit(0, job("class_shares"))
    assert isinstance(collect(slots, 1)[0].result, FoldResult)


@pytest.mark.parametrize("model", ["sleeps", "loops_in_c"])
def test_a_fit_that_outstays_its_time_is_killed_and_says_so(slots, job, model, monkeypatch):
    monkeypatch.setattr(run_jobs, "GRACE_SECONDS", 0.3)
    slots.submit(0, job(model, seconds=0.5))
    begun = time.monotonic()
    (finished,) = collect(slots, 1)
    assert 0.8 < time.monotonic() - begun < 5
    assert finished.result.stage == "worker"
    assert finished.result.cause.startswith("killed after")
    assert "given 0.5 s" in finished.result.cause
    slots.submit(0, job("class_shares"))
    assert isinstance(collect(slots, 1)[0].result, FoldResult)


def test_a_new_worker_gets_time_to_start_before_its_job_is_overdue(executor, job):
    fresh = Slots(executor, executor.slots()[:1])
    executor.kill(executor.slots()[0])
    fresh.submit(0, job("class_shares", seconds=0.01))
    assert isinstance(collect(fresh, 1)[0].result, FoldResult)


def test_a_fit_that_hangs_in_a_new_worker_is_killed_soon_and_says_where_it_was(executor, job):
    fresh = Slots(executor, executor.slots()[:1])
    executor.kill(executor.slots()[0])
    fresh.submit(0, job("sleeps", seconds=0.3))
    begun, until, done = None, time.monotonic() + 60, []
    while not done and time.monotonic() < until:
        if begun is None and any(each.up for each in fresh.running):
            begun = time.monotonic()
        done = fresh.wait(0.5)
    (finished,) = done
    assert begun is None or time.monotonic() - begun < 15
    assert finished.result.cause.startswith("killed after")
    assert "most recent call first" in finished.result.traceback


def test_jobs_of_another_runtime_never_meet_the_common_ones_in_a_process(executor, job, monkeypatch):
    monkeypatch.setattr(run_jobs, "fit_fold", process_of)
    slots = Slots(executor, executor.slots()[:2])
    common = job("class_shares")
    torch = replace(common, spec=replace(common.spec, runtime="torch"))
    found = {}
    for turn, (slot, each) in enumerate([(0, common), (0, torch), (1, common), (1, torch), (0, torch), (0, common)]):
        slots.submit(slot, each)
        (finished,) = collect(slots, 1)
        assert finished.slot == slot
        found[turn] = finished.result
    assert len({found[0], found[1], found[2], found[3]}) == 4
    assert found[4] == found[1]
    assert found[5] == found[0]


COMMON, APART = ModelSpec("common", ClassShares), ModelSpec("apart", ClassShares, runtime="torch")
READS_TEXTS = replace(APART, name="reads_texts", needs=frozenset({ColumnKind.TEXT}))
GAINS = ModelSpec("gains", ClassShares, runtime="torch", gpu=True)


def test_few_slots_take_another_runtime_where_starting_workers_would_cost_too_much(executor):
    slots = Slots(executor, [Slot(number) for number in range(4)], lambda spec, there: 3 if spec.needs else 1)
    assert [slots.suits(slot, APART) for slot in range(4)] == [False, False, False, True]
    assert [slots.suits(slot, READS_TEXTS) for slot in range(4)] == [False, True, True, True]
    assert all(slots.suits(slot, COMMON) for slot in range(4))


def test_models_that_gain_from_a_gpu_run_there_alone_and_others_never_do(executor):
    slots = Slots(executor, ExecutorRequest(2, 1, gpus=("0", "1")).slots())
    assert slots.idle() == [0, 1, 2, 3]
    assert [slots.suits(slot, GAINS) for slot in range(4)] == [False, False, True, True]
    assert [slots.suits(slot, APART) for slot in range(4)] == [True, True, False, False]
    assert [slots.suits(slot, COMMON) for slot in range(4)] == [True, True, False, False]
    without = Slots(executor, executor.slots()[:2])
    assert [without.suits(slot, GAINS) for slot in range(2)] == [True, True]


def test_each_gpu_slot_has_a_process_that_sees_its_own_gpu_alone(job, monkeypatch):
    monkeypatch.setattr(run_jobs, "fit_fold", what_a_worker_sees)
    made = REGISTRY.executors["process_slots"].build(ExecutorRequest(2, 1, gpus=("3", "GPU-7")))
    first, _, *with_gpu = made.slots()
    slots = Slots(made, [first, *with_gpu])  # one core's slot is not used, for lack of memory
    common = job("class_shares")
    gains = replace(common, spec=replace(common.spec, runtime="torch", gpu=True))
    apart = replace(common, spec=replace(common.spec, runtime="torch"))
    try:
        slots.submit(2, gains)
        slots.submit(3, gains)
        slots.submit(0, common)
        found = {each.slot: each.result for each in collect(slots, 3)}
        slots.submit(0, apart)
        (last,) = collect(slots, 1)
    finally:
        made.close()
    assert found[2][1:] == ("3", "cuda", "3")
    assert found[3][1:] == ("GPU-7", "cuda", "GPU-7")
    assert found[0][1:] == ("", "cpu", "")
    assert last.result[1:] == ("", "cpu", "")
    assert len({found[0][0], found[2][0], found[3][0], last.result[0]}) == 4


class Takes:
    """Stands for an executor, and keeps what it is handed."""

    def __init__(self):
        self.taken = []

    def submit(self, slot, function, job, **more):
        self.taken.append((slot, job))
        return Started(Future())


def test_a_fit_has_the_threads_of_its_slot_and_shares_work_with_those_of_its_host_alone(job):
    offered = [Slot(0, host="a", threads=3), Slot(1, host="b"), Slot(2, host="b"), Slot(3, host="b")]
    executor = Takes()
    slots = Slots(executor, offered)
    for place in (0, 1):
        slots.submit(place, replace(job("class_shares"), sharing=4))
    assert [(slot.host, each.threads, each.sharing) for slot, each in executor.taken] == [("a", 3, 1), ("b", 1, 3)]


def test_a_fit_shares_work_with_those_slots_alone_that_take_its_model(job):
    executor = Takes()
    slots = Slots(executor, [Slot(number) for number in range(4)], shared=lambda spec, n_slots: n_slots // 2)
    common = replace(job("class_shares"), sharing=4)
    slots.submit(3, replace(common, spec=replace(common.spec, runtime="torch")))
    slots.submit(2, common)
    assert [each.sharing for _, each in executor.taken] == [2, 4]


class ByHand:
    """Stands for an executor whose futures a test answers by hand."""

    def __init__(self, offered=()):
        self.offered, self.futures, self.killed = tuple(offered), {}, []

    def slots(self):
        return self.offered

    def submit(self, slot, function, job, **more):
        self.futures[slot.number] = Future()
        return Started(self.futures[slot.number])

    def kill(self, slot):
        self.killed.append(slot)


def offered_by(executor, monkeypatch):
    """Return slots that follow what an executor offers, asked each time."""
    monkeypatch.setattr(follow_slots, "EVERY_SECONDS", 0.0)
    spec = ExecutorSpec("by hand", lambda request: executor)
    offer = Offer(executor, partial(assign_resources, SearchSettings(), spec))
    return Slots(executor, offer.assignment.used, offer=offer)


def test_new_slots_are_used_and_those_that_are_gone_take_no_more_jobs(job, monkeypatch):
    executor = ByHand(slots_of("a", 2))
    slots = offered_by(executor, monkeypatch)
    slots.submit(0, job("class_shares"))
    assert (slots.idle(), slots.n_slots) == ([1], 2)
    executor.offered = (*slots_of("a", 1), *slots_of("b", 2, first=7))
    assert slots.follow()
    assert (slots.idle(), slots.n_slots, slots.host(7), slots.place(8)) == ([7, 8], 3, "b", 2)
    executor.offered = tuple(slots_of("b", 2, first=7))
    assert slots.wait(0.0) == []
    executor.futures[0].set_exception(WorkerEndedError(Stage.MACHINE, "lost"))
    (finished,) = collect(slots, 1)
    assert (finished.result.stage, finished.result.cause, finished.machine) == (Stage.MACHINE, "lost", "a")
    assert slots.idle() == [7, 8]
    assert executor.killed == []


def test_what_an_executor_ended_itself_says_why_and_how_it_may_fit_in(job, monkeypatch):
    executor = ByHand((*slots_of("a", 3), *slots_of("b", 1, first=3)))
    slots = offered_by(executor, monkeypatch)
    for slot in (0, 3):
        slots.submit(slot, job("class_shares"))
        executor.futures[slot].set_exception(WorkerEndedError(Stage.MEMORY, "too much", Again.FEWER_FITS))
    back = collect(slots, 2)
    assert [(each.result.stage, each.again) for each in back] == 2 * [(Stage.MEMORY, Again.FEWER_FITS)]
    assert slots.idle() == [1, 2, 3]  # one fewer is used there, and a machine keeps its last one


def test_a_model_goes_only_where_its_library_and_memory_are(monkeypatch):
    executor = ByHand((*slots_of("a", 1, without=frozenset({"apart"})), *slots_of("b", 1, first=1, memory_mb=2_000)))
    slots = offered_by(executor, monkeypatch)
    assert [slots.suits(slot, APART) for slot in (0, 1)] == [False, True]
    assert [slots.suits(slot, COMMON, 5_000.0) for slot in (0, 1)] == [True, False]


def test_where_machines_are_gone_others_are_awaited_for_a_while(monkeypatch):
    executor = ByHand(slots_of("a", 1))
    slots = offered_by(executor, monkeypatch)
    executor.offered = ()
    assert slots.await_others(0.0)
    assert slots.are_gone
    slots._patience = 0.01
    time.sleep(0.02)
    assert not slots.await_others(0.0)
    executor.joining = lambda: True
    assert slots.await_others(0.0)
    assert not Slots(executor, [Slot(0)]).await_others(0.0)


def test_everything_can_be_ended_at_once(slots, job):
    slots.submit(0, job("sleeps"))
    slots.submit(1, job("loops_in_c"))
    time.sleep(0.2)
    begun = time.monotonic()
    ended = slots.kill_all("over")
    assert time.monotonic() - begun < 3
    assert {each.result.cause for each in ended} == {"over"}
    assert slots.idle() == [0, 1]
    assert slots.wait(0.1) == []


def test_a_job_that_cannot_be_sent_is_a_failure_and_the_worker_is_kept(slots, job):
    unsendable = job("class_shares")
    unsendable = replace(unsendable, spec=replace(unsendable.spec, install=threading.Lock()))
    slots.submit(0, unsendable)
    (finished,) = collect(slots, 1)
    assert finished.result.cause.startswith("cannot be sent to a worker: ")
    assert "cannot pickle '_thread.lock' object" in finished.result.cause
    slots.submit(0, job("class_shares", seconds=1.0))
    begun = time.monotonic()
    assert isinstance(collect(slots, 1)[0].result, FoldResult)
    assert time.monotonic() - begun < 1.5
