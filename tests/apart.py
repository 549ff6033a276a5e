"""An executor that shares nothing: each worker is a process with folders of its own, and all goes by messages."""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import cache
from multiprocessing.connection import Connection
from pathlib import Path
from socket import socketpair

import cloudpickle

from automl.plugin_api import ExecutorSpec, Ref, Slot, Started, hookimpl

BEGAN, WANTS, PUT, RETURNED, RAISED = "began", "wants", "put", "returned", "raised"
START = "from tests.apart import work; work({}, {}, {!r})"


@cache
def may_mount():
    """Tell whether a process may have a /tmp that nobody else sees, and needs nothing that lies there to run."""
    hidden = Path(tempfile.gettempdir()).resolve()
    if any(Path(each).resolve().is_relative_to(hidden) for each in (sys.prefix, *sys.path) if each):
        return False
    tried = ["unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", tempfile.gettempdir()]
    return shutil.which("unshare") is not None and subprocess.run(tried, capture_output=True).returncode == 0


class Apart:
    """Runs functions on hosts that see no file of the controller's, nor of each other."""

    def __init__(self, request):
        self.request = request
        self.workers, self.published, self.kept = {}, {}, {}
        self.fetched = []
        RUNNING.append(self)

    def start(self):
        for slot in self.slots():
            self.worker(slot)

    def slots(self):
        return tuple(Slot(number, host=f"host {number}") for number in range(self.request.n_slots))

    def submit(self, slot, function, *arguments, **more):
        return self.worker(slot).call(function, *arguments)

    def publish(self, name, files):
        self.published[name] = {each: path.read_bytes() for each, path in files.items()}
        return Ref(name)

    def fetch(self, put):
        self.fetched.append(put.name)
        try:
            return self.kept[put.place]
        except KeyError:
            raise FileNotFoundError(put.name) from None

    def discard(self, put):
        self.kept.pop(put.place, None)

    def kill(self, slot):
        if slot in self.workers:
            self.workers.pop(slot).end()

    def memory_mb(self, slot, *, quick=False):
        return None

    def close(self):
        for slot in list(self.workers):
            self.kill(slot)

    def worker(self, slot):
        if slot not in self.workers or not self.workers[slot].is_alive():
            self.kill(slot)
            self.workers[slot] = Worker(self, slot)
        return self.workers[slot]


RUNNING = []
"""The executors of this process, the latest last: tests look at what they have kept."""


class Worker:
    """A process, and a thread that listens to it."""

    def __init__(self, executor, slot):
        self.executor, self.slot = executor, slot
        self.future, self.began = None, None
        ours, theirs = socketpair()
        self.words, speaks = os.pipe()
        os.set_blocking(self.words, False)
        start = START.format(theirs.fileno(), speaks, tempfile.gettempdir() if may_mount() else "")
        command = [sys.executable, "-c", start]
        seen = {"PYTHONPATH": os.pathsep.join(each for each in sys.path if each), "OMP_NUM_THREADS": "1"}
        self.process = subprocess.Popen(
            ["unshare", "--mount", *command] if may_mount() else command,
            pass_fds=(theirs.fileno(), speaks), env={**os.environ, **seen}, cwd="/",
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        theirs.close()
        os.close(speaks)
        self.messages = Connection(ours.detach())
        self.messages.send_bytes(cloudpickle.dumps(executor.request.initialize))
        self.listener = threading.Thread(target=self.listen, daemon=True)
        self.listener.start()

    def is_alive(self):
        return self.listener.is_alive() and self.process.poll() is None

    def call(self, function, *arguments):
        future, self.began = Future(), None
        try:
            sent = cloudpickle.dumps((function, arguments))
        except Exception as error:
            future.set_exception(error)
            return Started(future)
        self.future = future
        self.messages.send_bytes(sent)
        return Started(future, lambda: self.began, self.last_words)

    def listen(self):
        with contextlib.suppress(EOFError, OSError):
            while True:
                what, told = cloudpickle.loads(self.messages.recv_bytes())
                if what == BEGAN:
                    self.began = time.monotonic()
                elif what == WANTS:
                    self.messages.send_bytes(cloudpickle.dumps(self.executor.published[told]))
                elif what == PUT:
                    place, data = told
                    self.executor.kept[place] = data
                else:
                    future, self.future = self.future, None
                    (future.set_result if what == RETURNED else future.set_exception)(told)
        if self.future is not None:
            self.future.set_exception(RuntimeError("the worker is gone"))

    def last_words(self):
        with contextlib.suppress(BlockingIOError):
            return os.read(self.words, 4_000).decode(errors="replace")
        return ""

    def end(self):
        self.process.kill()
        self.process.wait()
        self.listener.join()


@dataclass
class Host:
    """What a function finds around it: folders of its own host, and messages for all else."""

    messages: Connection
    folder: Path
    words: object
    found: dict = field(default_factory=dict)

    def tell(self, what, told=None):
        self.messages.send_bytes(cloudpickle.dumps((what, told)))

    def files(self, published):
        if published.name not in self.found:
            self.tell(WANTS, published.name)
            files = cloudpickle.loads(self.messages.recv_bytes())
            for name, data in files.items():
                (self.folder / name).write_bytes(data)
            self.found[published.name] = {name: self.folder / name for name in files}
        return self.found[published.name]

    def put(self, name, data):
        place = f"{os.getpid()}/{name}"
        self.tell(PUT, (place, data))
        return Ref(name, place=place)


def work(messages, words, hidden):
    """Run what is sent, in a worker; `hidden` is the folder of temporary files, which is to be one of its own."""
    if hidden:
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", hidden], check=True)
    folder = Path(tempfile.mkdtemp(prefix="automl-apart-"))
    os.chdir(folder)
    with os.fdopen(words, "wb", buffering=0) as file:
        host = Host(Connection(messages), folder, file)
        initialize = cloudpickle.loads(host.messages.recv_bytes())
        if initialize is not None:
            initialize()
        try:
            serve(host)
        except EOFError:  # the controller is gone
            shutil.rmtree(folder, ignore_errors=True)


def serve(host):
    while True:
        function, arguments = cloudpickle.loads(host.messages.recv_bytes())
        host.tell(BEGAN)
        try:
            answer = RETURNED, function(host, *arguments)
        except BaseException as error:
            answer = RAISED, error
        host.tell(*answer)


APART = ExecutorSpec("apart", Apart)


class OffersApart:
    """The executor, as a plugin."""

    @hookimpl
    def automl_executors(self):
        return [APART]
