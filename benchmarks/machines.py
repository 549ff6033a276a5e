"""What machines of a cluster cost: python benchmarks/machines.py overhead|limits|busy|spread [--engine dask|ray|here]

Clusters are made on this machine, of real schedulers and workers, so figures count what engine and agents add on busy
cores; there is no network but loopback. `spread` makes hosts of network namespaces, and needs root.

overhead   milliseconds from a job's hand-over to its answer, and the processor time of this process for each
limits     how late a job that outstays its time is ended, how long a kill takes, whether a neighbour goes on
busy       share of the time of 32 slots in jobs of two seconds
spread     bytes that leave this host for a table on 1, 2 and 4 machines, beside its size
"""

from __future__ import annotations

import argparse
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import FIRST_COMPLETED, wait
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from automl.fleet.find_executor import find_executor
from automl.plugin_api import ExecutorRequest
from automl.registry import discover
from tests.plugins.fleets.clusters import DaskCluster, RayCluster, is_open, until

UP_SECONDS = 180.0


@contextmanager
def cluster_of(engine, machines, slots):
    """Give the address of a cluster on this machine, of workers with so many slots each."""
    if engine == "here":
        yield "process_slots"
        return
    made = DaskCluster(tempfile.mkdtemp()) if engine == "dask" else RayCluster(cpus=slots)
    try:
        if engine == "ray":
            until(lambda: is_open(made.address), UP_SECONDS)
        for _ in range(machines - (engine == "ray")):
            made.worker(slots) if engine == "dask" else made.node(slots)
        yield f"{engine}:{made.address}"
    finally:
        made.close()


@contextmanager
def executor_on(wanted, slots):
    """Give an executor whose slots are all up."""
    with tempfile.TemporaryDirectory() as folder:
        request = ExecutorRequest(slots, 1, folder=Path(folder), patience=UP_SECONDS)
        executor = find_executor(discover(), wanted).build(request)
        executor.start()
        try:
            until(lambda: len(executor.slots()) == slots, UP_SECONDS)
            for future in [executor.submit(slot, nothing).future for slot in executor.slots()]:
                future.result(UP_SECONDS)
            yield executor
        finally:
            executor.close()


def nothing(place):
    """Do nothing."""


def sleeps(place, seconds):  # noqa: ARG001
    """Do nothing for some seconds."""
    time.sleep(seconds)


def holds_the_interpreter(place):  # noqa: ARG001
    """Compute in C for minutes, without a moment in which Python could look up."""
    return sum(range(10**12))


def overhead(engine, jobs=300):
    """Print what a job costs that does nothing."""
    with cluster_of(engine, 1, 2) as wanted, executor_on(wanted, 2) as executor:
        slot, taken = executor.slots()[0], []
        cpu = time.process_time()
        for _ in range(jobs):
            begun = time.perf_counter()
            executor.submit(slot, nothing).future.result(60)
            taken.append(1000 * (time.perf_counter() - begun))
        cpu = 1000 * (time.process_time() - cpu) / jobs
    taken.sort()
    print(
        f"{engine}: {statistics.median(taken):.1f} ms median, {taken[int(0.95 * jobs)]:.1f} ms p95, "
        f"{taken[int(0.99 * jobs)]:.1f} ms p99, {cpu:.2f} ms of this process's CPU a job, {jobs} jobs; load {load()}"
    )


def limits(engine, seconds=2.0):
    """Print how jobs are ended."""
    with cluster_of(engine, 1, 2) as wanted, executor_on(wanted, 2) as executor:
        first, second = executor.slots()
        neighbour = executor.submit(second, sleeps, 12.0).future
        begun = time.perf_counter()
        over = executor.submit(first, holds_the_interpreter, seconds=seconds).future
        error = over.exception(60)
        print(f"{engine}: a job in C code with {seconds} s ended after {time.perf_counter() - begun:.2f} s: {error!r}")
        begun = time.perf_counter()
        executor.submit(first, nothing).future.result(60)
        print(f"{engine}: its slot took the next after {time.perf_counter() - begun:.2f} s")
        over = executor.submit(first, holds_the_interpreter).future
        time.sleep(1.0)
        begun = time.perf_counter()
        executor.kill(first)
        error = over.exception(60)
        print(f"{engine}: a kill took {time.perf_counter() - begun:.3f} s ({type(error).__name__}); load {load()}")
        neighbour.result(60)
        print(f"{engine}: the neighbour went on to its end")


def busy(engine, machines, seconds=2.0, total=32, rounds=8):
    """Print the share of slot time in jobs, each slot's up to the answer to its own last one."""
    slots = total // machines
    with cluster_of(engine, machines, slots) as wanted, executor_on(wanted, total) as executor:
        begun, cpu, taken = time.perf_counter(), time.process_time(), 0.0
        running = {executor.submit(slot, sleeps, seconds).future: (slot, rounds - 1) for slot in executor.slots()}
        while running:
            done, _ = wait(running, timeout=60, return_when=FIRST_COMPLETED)
            for future in done:
                future.result()
                slot, left = running.pop(future)
                if left:
                    running[executor.submit(slot, sleeps, seconds).future] = slot, left - 1
                else:
                    taken += time.perf_counter() - begun
        cpu = 1000 * (time.process_time() - cpu) / (rounds * total)
    print(
        f"{engine}: {seconds * rounds * total / taken:.3f} of the time of {total} slots on {machines} machines in "
        f"{rounds} jobs of {seconds} s each, {cpu:.2f} ms of this process's CPU a job; load {load()}"
    )


def spread(engine, megabytes):
    """Print what of a table leaves the host that has it."""
    from tests.plugins.fleets.engines import CONTROL, OnHosts
    from tests.plugins.fleets.hosts import Hosts

    for machines in (1, 2, 4):
        numbers = [1, 2, 4, 5][:machines]
        hosts = Hosts(6)
        try:
            with tempfile.TemporaryDirectory() as folder:
                cluster = OnHosts(engine, hosts, folder)
                for number in numbers:
                    cluster.worker(number)
                spread_on(engine, cluster, hosts, machines, megabytes, hosts.on(CONTROL))
                cluster.close()
        finally:
            hosts.close()


def spread_on(engine, cluster, hosts, machines, megabytes, prefix):
    """Have a process on the controlling host bring a table to all machines, and count what leaves it."""
    command = [sys.executable, __file__, "spread-here", f"{engine}:{cluster.address}", str(machines), str(megabytes)]
    process = subprocess.Popen([*prefix, *command], stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True)
    process.stdout.readline()  # all slots are up
    before, begun = hosts.sent(0), time.perf_counter()
    process.stdin.write("\n")
    process.stdin.flush()
    process.stdout.readline()  # all have it
    sent, seconds = (hosts.sent(0) - before) / 2**20, time.perf_counter() - begun
    process.communicate("\n", timeout=120)
    print(
        f"{engine}: {sent:.0f} MB left the host for a table of {megabytes} MB on {machines} machines "
        f"({sent / megabytes:.2f} copies) in {seconds:.1f} s; load {load()}",
        flush=True,
    )


def spread_here(wanted, machines, megabytes):
    """Publish a table of random bytes when told to, and tell when all machines have it."""
    with executor_on(wanted, machines) as executor, tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table"
        path.write_bytes(os.urandom(megabytes * 2**20))
        print("up", flush=True)
        sys.stdin.readline()
        executor.publish("table", {"table": path})
        until(lambda: len(executor.slots()) == machines, 300)
        print("there", flush=True)
        sys.stdin.readline()


def load():
    """Return the load of this machine over the last minute."""
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else math.nan


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["overhead", "limits", "busy", "spread", "spread-here"])
    parser.add_argument("more", nargs="*", help=argparse.SUPPRESS)
    parser.add_argument("--engine", default="dask", choices=["dask", "ray", "here"])
    parser.add_argument("--machines", type=int, default=8, help="that the slots of `busy` are on")
    parser.add_argument("--megabytes", type=int, default=200, help="of the table that is spread")
    given = parser.parse_args()
    if given.what == "spread-here":
        wanted, machines, megabytes = given.more
        spread_here(wanted, int(machines), int(megabytes))
    elif given.what == "spread":
        spread(given.engine, given.megabytes)
    elif given.what == "busy":
        busy(given.engine, given.machines)
    else:
        {"overhead": overhead, "limits": limits}[given.what](given.engine)


if __name__ == "__main__":
    main()
