"""Clusters of real processes on this machine, which are gone with the block that started them."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from automl.plugin_api import FleetRequest

SOON = 30.0
"""Seconds that a cluster may take on a busy machine."""
LOOPBACK = "127.0.0.1"


def free_port():
    with socket.socket() as given:
        given.bind((LOOPBACK, 0))
        return given.getsockname()[1]


def is_open(address):
    host, _, port = address.rpartition(":")
    with contextlib.suppress(OSError), socket.create_connection((host, int(port)), 1):
        return True
    return False


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
        self.started, self.folders = [], []

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
        for folder in self.folders:
            shutil.rmtree(folder, ignore_errors=True)


def kill(process):
    """End a process with all that it has started."""
    with contextlib.suppress(psutil.NoSuchProcess):
        family = psutil.Process(process.pid)
        for each in [family, *family.children(recursive=True)]:
            with contextlib.suppress(psutil.NoSuchProcess):
                each.kill()
    process.wait(SOON)


class DaskCluster:
    """A scheduler, and workers that come and go."""

    @staticmethod
    def spec():
        from automl_builtins.fleets.dask import DASK

        return DASK

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


class RayCluster:
    """A head, and nodes that come and go; python: of an environment that has Ray."""

    @staticmethod
    def spec():
        from automl_builtins.fleets.ray import RAY

        return RAY

    def __init__(self, host=LOOPBACK, prefix=(), cpus=2, **variables):
        self.processes, self.variables = Processes(), variables
        self.address = f"{host}:{free_port()}"
        port = self.address.rpartition(":")[2]
        self.head = self._start(
            "--head", "--port", port, "--include-dashboard", "false", host=host, prefix=prefix, cpus=cpus
        )

    def node(self, cpus=2, host=LOOPBACK, prefix=(), python=sys.executable, **variables):
        return self._start("--address", self.address, host=host, prefix=prefix, cpus=cpus, python=python, **variables)

    def _start(self, *more, host, prefix, cpus, python=sys.executable, **variables):
        self.processes.folders.append(tempfile.mkdtemp(prefix="r", dir="/tmp"))  # short, as sockets lie in it
        return self.processes.start(
            "-m", "ray.scripts.scripts", "start", *more, "--node-ip-address", host, "--num-cpus", str(cpus), "--block",
            "--object-store-memory", "200000000", "--disable-usage-stats", "--temp-dir", self.processes.folders[-1],
            prefix=prefix, python=python, **{**self.variables, **variables},
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
