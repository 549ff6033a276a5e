"""Clusters of real processes on this machine, which are gone with the block that started them."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from automl.plugin_api import FleetRequest

SOON = 30.0
"""Seconds that a cluster may take on a busy machine."""
LOOPBACK = "127.0.0.1"


def free_port():
    with socket.socket() as given:
        given.bind((LOOPBACK, 0))
        return given.getsockname()[1]


def until(happens, seconds=SOON):
    """Wait until a function returns something true, and return that."""
    deadline = time.monotonic() + seconds
    while not (found := happens()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)
    return found


class Processes:
    """Processes of a cluster, each the leader of a group that ends as a whole."""

    def __init__(self):
        self.started = []

    def start(self, *command, prefix=(), python=sys.executable, **variables):
        process = subprocess.Popen(
            [*prefix, python, *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            env={**os.environ, "OMP_NUM_THREADS": "1", **variables},
        )
        self.started.append(process)
        return process

    def close(self):
        for process in self.started:
            kill(process)


def kill(process):
    """End a process with all that it has started and that is still in its group."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(SOON)


class DaskCluster:
    """A scheduler, and workers that come and go."""

    def __init__(self, folder, host=LOOPBACK, prefix=(), options=(), protocol="tcp"):
        self.processes, self.folder, self.options = Processes(), Path(folder), list(options)
        self.address = f"{protocol}://{host}:{free_port()}"
        port = self.address.rpartition(":")[2]
        command = ("-m", "dask", "scheduler", "--host", host, "--port", port, "--protocol", protocol, "--no-dashboard")
        self.scheduler = self.processes.start(*command, *self.options, prefix=prefix)

    def worker(self, threads=2, host=LOOPBACK, prefix=(), python=sys.executable, more=(), **variables):
        return self.processes.start(
            "-m", "dask", "worker", self.address, "--host", host, "--nthreads", str(threads), "--no-dashboard",
            "--no-nanny", "--memory-limit", "2GB", "--local-directory", str(self.folder), *self.options, *more,
            prefix=prefix, python=python, **variables,
        )  # fmt: skip

    def close(self):
        self.processes.close()


def opened(spec, address, most_slots=None):
    """Return an open fleet of this address."""
    fleet = spec.build(FleetRequest(address, most_slots))
    fleet.open()
    return fleet


def with_room(fleet, machines, seconds=SOON):
    """Wait until a fleet has so many machines with room, and return them by name."""

    def ready():
        found = {name: each for name, each in fleet.machines().items() if each.cores}
        return found if len(found) == machines else None

    return until(ready, seconds)
