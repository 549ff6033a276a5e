"""Hosts: network namespaces of this machine, joined by a switch, whose cables can be cut."""

import os
import shutil
import signal
import subprocess
import time
from contextlib import suppress

import pytest

NETWORK = "10.77.0"


def needs_hosts():
    """Skip a test where namespaces cannot be made."""
    if shutil.which("ip") is None or os.geteuid() != 0:
        pytest.skip("needs root and ip, for network namespaces")
    if subprocess.run(["ip", "netns", "add", f"automl-try-{os.getpid()}"], capture_output=True).returncode:
        pytest.skip("network namespaces cannot be made here")
    ip("netns", "delete", f"automl-try-{os.getpid()}")


def ip(*arguments):
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True)
    assert done.returncode == 0, f"ip {' '.join(arguments)}: {done.stderr}"
    return done.stdout


class Hosts:
    """Hosts 0 to n-1, each with an address of its own; the first one is where a search is controlled from."""

    def __init__(self, count):
        self.prefix, self.count = f"automl-{os.getpid()}-{time.monotonic_ns() % 100_000}", count
        ip("netns", "add", self._space("switch"))
        self._in("switch", "link", "add", "bridge", "type", "bridge")
        self._in("switch", "link", "set", "bridge", "up")
        for number in range(count):
            self._plug_in(number)

    def _plug_in(self, number):
        ip("netns", "add", self._space(number))
        cable = ("link", "add", f"cable{number}", "type", "veth", "peer", "name", "eth0", "netns", self._space(number))
        self._in("switch", *cable)
        self._in("switch", "link", "set", f"cable{number}", "master", "bridge", "up")
        self._in(number, "address", "add", f"{self.address(number)}/24", "dev", "eth0")
        for device in ("lo", "eth0"):
            self._in(number, "link", "set", device, "up")

    def address(self, number):
        return f"{NETWORK}.{number + 1}"

    def on(self, number):
        """Return what stands before a command that is to run on a host."""
        return ("ip", "netns", "exec", self._space(number))

    def cut(self, number):
        self._in("switch", "link", "set", f"cable{number}", "down")

    def mend(self, number):
        self._in("switch", "link", "set", f"cable{number}", "up")

    def sent(self, number):
        """Return how many bytes have left a host."""
        shown = subprocess.run([*self.on(number), "cat", "/proc/net/dev"], capture_output=True, text=True).stdout
        return int(next(line for line in shown.splitlines() if "eth0" in line).split(":")[1].split()[8])

    def processes(self, number):
        return [int(each) for each in ip("netns", "pids", self._space(number)).split()]

    def kill(self, number, signal_=signal.SIGKILL):
        """End all that runs on a host."""
        for process in self.processes(number):
            with suppress(ProcessLookupError):
                os.kill(process, signal_)

    def close(self):
        for number in range(self.count):
            until = time.monotonic() + 10
            while self.processes(number) and time.monotonic() < until:
                self.kill(number)
                time.sleep(0.1)
        for name in ("switch", *range(self.count)):
            ip("netns", "delete", self._space(name))

    def _space(self, name):
        return f"{self.prefix}-{name}"

    def _in(self, name, *arguments):
        return ip("-n", self._space(name), *arguments)
