"""Engines on hosts: a cluster of each kind over network namespaces, and searches that use it."""

import json
import os
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

import psutil

from tests.plugins.fleets.clusters import DaskCluster, RayCluster, is_open, until

HEAD, CONTROL = 3, 0
"""The hosts of scheduler or head, and of the search."""
WORKERS = (1, 2)
UP_SECONDS = 60.0


class OnHosts:
    """A cluster of an engine: a head, and a worker of one core on some hosts."""

    def __init__(self, engine, hosts, folder, **more):
        self.engine, self.hosts = engine, hosts
        where = {"host": hosts.address(HEAD), "prefix": hosts.on(HEAD)}
        if engine == "dask":
            self.cluster = DaskCluster(folder, **where, **more)
        else:
            self.cluster = RayCluster(**where, cpus=0, **more)
        self.address = self.cluster.address
        _, _, self.port = self.address.rpartition(":")
        until(self.is_up, UP_SECONDS)
        if engine == "ray":  # a search runs on a machine of the cluster
            self.cluster.node(0, host=hosts.address(CONTROL), prefix=hosts.on(CONTROL))

    def is_up(self):
        probe = f"import socket; socket.create_connection(({self.hosts.address(HEAD)!r}, {self.port}), 1)"
        return not subprocess.run(
            [*self.hosts.on(CONTROL), sys.executable, "-c", probe], capture_output=True
        ).returncode

    def worker(self, number, **more):
        """Start a worker of one core on a host, and wait until its process is there."""
        where = {"host": self.hosts.address(number), "prefix": self.hosts.on(number)}
        start = self.cluster.worker if self.engine == "dask" else self.cluster.node
        return start(1, **where, **more)

    def search(self, log, **options):
        """Start a search on the cluster."""
        given = {"executor": f"{self.engine}:{self.address}", "models": ["linear", "lightgbm"], **options}
        return Search(self.hosts, log, given)

    def close(self):
        self.cluster.close()


class Search:
    """A search that has been started on the host that is for it."""

    def __init__(self, hosts, log, options):
        self.log, self.options = Path(log), options
        self.process = subprocess.Popen(
            [*hosts.on(CONTROL), sys.executable, "-m", "tests.plugins.fleets.control", str(log), json.dumps(options)],
            stdin=subprocess.DEVNULL,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )

    def told(self, what, **more):
        """Return what was told of a kind so far."""
        if not self.log.exists():
            return []
        lines = [json.loads(line) for line in self.log.read_text(encoding="utf-8").splitlines() if line.endswith("}")]
        return [each for each in lines if each["what"] == what and more.items() <= each.items()]

    def fits_on(self, host):
        return self.told("FoldFinished", machine=host)

    def ended(self):
        """Wait for the end, and return how it ended."""
        self.process.wait(self.options.get("time_limit", 60) + 60)
        return (self.told("ended") or self.told("refused"))[0]


def agents_on(hosts, number):
    """Return the processes of agents on a host, and of what they have started."""
    found = []
    for process in hosts.processes(number):
        try:
            command = psutil.Process(process).cmdline()
        except psutil.NoSuchProcess:
            continue
        if any("automl.fleet.agent" in each or "executors._template" in each for each in command):
            found.append(process)
    return found


def environment_without(folder, *packages):
    """Return the python of an environment that has what this one has but for some packages, without a copy of it."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", "--symlinks", str(folder)], check=True)
    here = Path(sysconfig.get_path("purelib"))
    there = next(Path(folder).glob("lib/python*/site-packages"))
    for each in here.iterdir():
        name = each.name.partition("-")[0].partition(".")[0]
        if name not in packages and not (there / each.name).exists():
            (there / each.name).symlink_to(each)
    return str(next(Path(folder).glob("bin/python")))


def wait_until(moment):
    time.sleep(max(0.0, moment - time.monotonic()))


__all__ = [
    "CONTROL",
    "HEAD",
    "WORKERS",
    "OnHosts",
    "Search",
    "agents_on",
    "environment_without",
    "is_open",
    "wait_until",
]
