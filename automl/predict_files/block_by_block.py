"""Block by block: predict a large file in this process at first, then on slots, where that is worth their start."""

from __future__ import annotations

import os
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from hashlib import blake2b
from pathlib import Path

import pandas as pd

from automl.errors import error_line
from automl.machine.free_memory import free_memory_mb
from automl.machine.hold_folder import temporary_folder
from automl.machine.hold_interrupts import interrupts_held
from automl.machine.watch_memory import MemoryWatch
from automl.plugin_api.executors import Executor
from automl.plugin_api.process_memory import used_mb
from automl.plugin_api.specs import ExecutorRequest
from automl.predict_files.nouns import Block, Model, NotAlikeError, Predicted, Progress, Served, Tell, Wanted
from automl.predict_files.open_rows import OpenRows
from automl.predict_files.predict_block import MODEL, Call, predict_block, predict_rows, told_where, warm_up
from automl.predict_files.predicted_frame import predicted_frame
from automl.predict_files.read_ahead import ReadAhead
from automl.predict_files.run_blocks import BlockRunner, Means
from automl.predict_files.tell_seen import SeenSoFar
from automl.predict_files.write_table import NOT_ARROW, Form, Output, is_parquet, opened
from automl.predictor import rows_at_once

WORTH_SECONDS = 10.0
"""Of work left for this process, from which on bringing up others is worth their start."""
LEAST_BLOCKS = 2
"""Blocks that are predicted here before that is judged: the first takes longer than others."""
MEMORY_SHARE = 0.8
"""Of what is free that may be taken."""
AHEAD = 2
"""Blocks that are read ahead of those on their way to other machines."""
COPIES = 5
"""Of a block while it is sent to another machine: as it was read, pickled with its call, in the hands of the fleet."""
NO_PROCESS = (OSError, ImportError, RuntimeError)
"""What is raised where processes are forbidden, too many, or cannot talk to each other."""


class BlockByBlock:
    """Predicting one large file."""

    def __init__(self, served: Served, rows: OpenRows, wanted: Wanted, tell: Tell) -> None:
        """Begin with nothing predicted."""
        self._served, self._rows, self._wanted, self._tell = served, rows, wanted, tell
        self._seen = SeenSoFar(rows, served.model.schema_)
        self._begun, self._done = time.monotonic(), 0

    def write(self, output: Path) -> int:
        """Write the predictions of all rows, and return how many there are."""
        model, rows = self._served.model, self._rows
        form = Form(is_parquet(output), is_parquet(output) and not _fit_arrow(model), rows.moments)
        call = Call(rows.reading, self._wanted, form)
        names = form.pack(predicted_frame(model, rows.empty, self._wanted), names=True)
        step, served = rows_at_once(model.schema_, model.task_.n_outputs), self._served
        ahead = AHEAD if served.away else max(1, served.jobs)
        further = served.away or (served.jobs > 1 and served.executor.isolated)
        with (
            opened(output, form, names=names, types=rows.types) as file,
            ReadAhead(rows.blocks(step), ahead) as blocks,
        ):
            self._predict_here(call, blocks, file, further=further)
            if not blocks.ended:
                self._predict_on_workers(call, blocks, file)
        self._seen.tell()
        return self._done

    def _predict_here(self, call: Call, blocks: ReadAhead, file: Output, *, further: bool) -> None:
        """Predict blocks in this process: all, or (`further`) until so much is left that workers are worth it."""
        least, n_blocks = float("inf"), 0
        while not blocks.ended:
            block = blocks.next(1.0)
            if block is None:
                continue
            begun = time.monotonic()
            predicted = self._predicted(call, block)
            self._add(predicted, file, 0)
            least, n_blocks = min(least, (time.monotonic() - begun) / block.n_rows), n_blocks + 1
            if further and n_blocks >= LEAST_BLOCKS and least * (self._rows.n_rows - self._done) > WORTH_SECONDS:
                return

    def _predicted(self, call: Call, block: Block) -> Predicted:
        try:
            return predict_rows(self._served.model, call, block)
        except NotAlikeError:
            raise
        except Exception as error:
            raise told_where(error, block) from error

    def _predict_on_workers(self, call: Call, blocks: ReadAhead, file: Output) -> None:
        """Predict the other blocks in processes of their own; in this one where none can be started, or has room."""
        own_mb, free_mb = used_mb([os.getpid()]), MEMORY_SHARE * free_memory_mb()
        jobs = self._served.jobs if self._served.away else min(self._served.jobs, int(free_mb // own_mb))
        if jobs < 2 and not self._served.away:
            self._predict_here(call, blocks, file, further=False)
            return
        with temporary_folder() as folder:
            saved = self._served.model.save(folder / MODEL)
            try:
                with self._running(jobs, folder, own_mb + free_mb) as executor:
                    published = executor.publish(_digest(saved), {MODEL: saved})
                    send = (predict_block, published, self._served.load, call)
                    watch, most_bytes = MemoryWatch(own_mb + free_mb), free_mb * 2**20 / COPIES
                    means = Means(executor, send, partial(self._predicted, call), watch, most_bytes)
                    self._run(BlockRunner(means), blocks, file)
                    _tell_lost(executor)
            except _NoProcessError as none:
                warnings.warn(str(none), UserWarning, stacklevel=2)
                self._predict_here(call, blocks, file, further=False)

    def _run(self, runner: BlockRunner, blocks: ReadAhead, file: Output) -> None:
        for predicted in runner.run(blocks):
            self._add(predicted, file, runner.n_slots)
        for note in runner.told:
            warnings.warn(f"machines: {note}.", UserWarning, stacklevel=2)

    @contextmanager
    def _running(self, jobs: int, folder: Path, memory_mb: float) -> Iterator[Executor]:
        served = self._served
        request = ExecutorRequest(jobs, 1, warm_up, (), folder, memory_mb)
        executor = served.executor.build(replace(request, most_slots=served.most_slots, modules={"": served.modules}))
        try:
            try:
                executor.start()
            except NO_PROCESS as error:
                if served.away:
                    raise
                raise _NoProcessError(
                    f"No process can be started here ({error_line(error)}), so this one predicts alone."
                ) from error
            yield executor
        finally:
            with interrupts_held():
                executor.close()

    def _add(self, predicted: Predicted, file: Output, workers: int) -> None:
        self._seen.add(predicted)
        file.add(predicted.data)
        self._done += predicted.n_rows
        seconds = time.monotonic() - self._begun
        left = seconds / self._done * max(0.0, self._rows.n_rows - self._done)
        self._tell(Progress(self._done, self._rows.n_rows, seconds, left, workers))


class _NoProcessError(Exception):
    """No process can be started here."""


def _tell_lost(executor: Executor) -> None:
    """Tell of machines that were lost or left out, of executors that know of any."""
    notes: Callable[[], Sequence[str]] | None = getattr(executor, "notes", None)
    for note in notes() if notes is not None else ():
        warnings.warn(note, UserWarning, stacklevel=2)


def _fit_arrow(model: Model) -> bool:
    """Tell whether Arrow has a type for the labels of each target."""
    import pyarrow as pa

    if not model.task_.has_some_classes:
        return True
    labels = model.classes_ if isinstance(model.classes_, list) else [model.classes_]
    try:
        for each in labels:
            pa.Table.from_pandas(pd.DataFrame({"label": each}))
    except NOT_ARROW:
        return False
    return True


def _digest(saved: Path) -> str:
    """Return a name that follows from a file's content."""
    found = blake2b(digest_size=16)
    with saved.open("rb") as file:
        while piece := file.read(2**20):
            found.update(piece)
    return f"model-{found.hexdigest()}"
