"""A worker keeps what it has built as far as memory allows, and drops what was used least recently."""

from dataclasses import dataclass

import pytest

from automl.steps.fit.worker_cache import WorkerCache


@dataclass(frozen=True)
class Sized:
    """Something that says how large it is."""

    megabytes: float


@pytest.fixture
def cache(monkeypatch):
    """A cache of 100 MB in a process that does not grow."""
    made = WorkerCache(100.0)
    monkeypatch.setattr(made, "_resident_mb", lambda: 500.0)
    return made


def kept(cache, *keys):
    """Return which of the keys need not be built anew."""
    found = []
    for key in keys:
        built = []
        cache.get_or_build(key, lambda built=built: built.append(1) or Sized(0.0))
        found += [] if built else [key]
    return found


def test_what_is_there_is_not_built_again(cache):
    first = cache.get_or_build("a", lambda: Sized(1.0))
    assert cache.get_or_build("a", lambda: pytest.fail("built again")) is first


def test_past_its_limit_what_was_used_least_recently_goes(cache):
    for key in ("a", "b"):
        cache.get_or_build(key, lambda: Sized(40.0))
    cache.get_or_build("a", lambda: Sized(0.0))
    cache.get_or_build("c", lambda: Sized(40.0))
    assert kept(cache, "a", "c", "b") == ["a", "c"]


def test_a_single_entry_stays_however_large(cache):
    cache.get_or_build("small", lambda: Sized(1.0))
    cache.get_or_build("large", lambda: Sized(9_000.0))
    assert kept(cache, "large", "small") == ["large"]


def test_an_entry_counts_for_what_the_process_grew(monkeypatch):
    cache, resident = WorkerCache(100.0), iter([10.0, 70.0, 70.0, 130.0])
    monkeypatch.setattr(cache, "_resident_mb", lambda: next(resident))
    cache.get_or_build("a", object)
    cache.get_or_build("b", object)
    monkeypatch.setattr(cache, "_resident_mb", lambda: 130.0)
    assert kept(cache, "b", "a") == ["b"]


def test_what_breaks_while_it_is_built_leaves_nothing(cache):
    with pytest.raises(ZeroDivisionError):
        cache.get_or_build("a", lambda: 1 / 0)
    assert cache.get_or_build("a", lambda: 3) == 3
