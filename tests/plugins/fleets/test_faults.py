"""What goes wrong with real machines costs their fits, and never the search: cut cables, killed workers, lost heads.

Hosts are network namespaces; each search is a process of its own.
"""

import importlib
import time

import pytest

from tests.plugins.fleets.clusters import kill, until
from tests.plugins.fleets.engines import HEAD, WORKERS, OnHosts, agents_on, environment_without
from tests.plugins.fleets.hosts import Hosts, needs_hosts

pytestmark = [pytest.mark.long, pytest.mark.timeout(400)]
LIMIT = 60
GRACE = 2.0
"""Seconds by which a search may outstay its limit."""
LOST_SECONDS = 15.0
"""What the slots of a machine that is cut off may cost."""
AGENTS_END = 60.0
"""An agent that hears nothing of its controller for 30 s ends."""
FIRST, SECOND = WORKERS


@pytest.fixture(params=["dask", "ray"])
def engine(request):
    try:
        importlib.import_module({"dask": "distributed"}.get(request.param, request.param))
    except ImportError:
        pytest.skip(f"{request.param} is not installed")
    return request.param


@pytest.fixture
def hosts():
    needs_hosts()
    made = Hosts(4)
    yield made
    made.close()


@pytest.fixture
def cluster(engine, hosts, tmp_path):
    made = OnHosts(engine, hosts, tmp_path)
    yield made
    made.close()


@pytest.fixture
def both(cluster):
    """Workers on two hosts."""
    return [cluster.worker(number) for number in WORKERS]


def name_of(hosts, number):
    return hosts.address(number)


def began(cluster, hosts, folder, wanted=WORKERS):
    """Start a search, and wait until each worker has made some fits, and a candidate or two stand."""
    search = cluster.search(folder / "course.jsonl", time_limit=LIMIT)

    def is_under_way():
        made = all(len(search.fits_on(hosts.address(each))) > 2 for each in wanted)
        return (made and len(search.told("CandidateFinished")) > 1) or search.told("refused")

    until(is_under_way, LIMIT)
    assert not search.told("refused"), search.told("refused")
    return search


def check_end(search, hosts, left_alone=(), told=""):
    """The limit is kept, no candidate has failed, what happened is told, and no agent is left."""
    end = search.ended()
    print(f"ended after {end['seconds']:.1f} s of {LIMIT}, {len(search.told('FoldFinished'))} fits; {end['notes']}")
    assert end["what"] == "ended", end
    assert end["seconds"] <= LIMIT + GRACE
    assert not [each for each in end["failures"] if each[1] in ("fit", "predict", "worker", "memory", "machine")]
    assert told in " ".join(end["notes"])
    for number in WORKERS:
        if number not in left_alone:
            until(lambda number=number: not agents_on(hosts, number), AGENTS_END)
    return end


def seconds_until_lost(search, host, since):
    """Wait until the search has given a machine up, and return how long that took."""
    lost = until(lambda: search.told("FoldLost", machine=host), 60)
    return lost[0]["at"] - since


def test_a_cut_cable_costs_its_slots_for_some_seconds(cluster, both, hosts, tmp_path):
    search = began(cluster, hosts, tmp_path)
    hosts.cut(FIRST)
    cut = time.monotonic()
    seconds = seconds_until_lost(search, hosts.address(FIRST), cut)
    print(f"given up after {seconds:.1f} s")
    assert seconds <= LOST_SECONDS
    check_end(search, hosts, told=hosts.address(FIRST))
    assert [each for each in search.fits_on(hosts.address(SECOND)) if each["at"] > cut + seconds]


def test_a_killed_worker_costs_its_fits_alone(cluster, both, hosts, tmp_path):
    search = began(cluster, hosts, tmp_path)
    killed = time.monotonic()
    kill(both[0])
    seconds = seconds_until_lost(search, hosts.address(FIRST), killed)
    print(f"given up after {seconds:.1f} s")
    assert seconds <= LOST_SECONDS
    check_end(search, hosts, told=hosts.address(FIRST))


def test_a_lost_head_ends_the_search_in_time_with_what_it_has(cluster, both, hosts, tmp_path):
    search = began(cluster, hosts, tmp_path)
    hosts.kill(HEAD)
    check_end(search, hosts, told="did not tell any more who is there")


def test_a_machine_that_is_late_slow_and_lacks_a_library_does_what_it_can(cluster, hosts, tmp_path):
    cluster.worker(FIRST)
    search = began(cluster, hosts, tmp_path, wanted=[FIRST])
    prefix = (*hosts.on(SECOND), "nice", "-n", "19")
    start = cluster.cluster.worker if cluster.engine == "dask" else cluster.cluster.node
    start(1, host=hosts.address(SECOND), prefix=prefix, python=environment_without(tmp_path / "other", "lightgbm"))
    check_end(search, hosts, told="lightgbm did not run on the machine")
    models = {each["model"] for each in search.fits_on(hosts.address(SECOND))}
    assert models <= {"linear", "baseline"}
    assert models
