"""The Ray actor's side: what answers calls on a node of a cluster."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import cloudpickle

from automl_builtins.fleets._calls import answer_of, question_of
from automl_builtins.fleets._relay import HolderError

MOST_CALLS = 1000
"""As many as Ray lets run in one actor at a time by default."""


class Answering:
    """Answers calls in threads that are made as they are needed, and last as long as the actor's process."""

    def __init__(self) -> None:
        """Answer nothing yet."""
        self._threads = ThreadPoolExecutor(MOST_CALLS, thread_name_prefix="automl")

    async def stay(self) -> None:
        """Return never: what waits for it hears of the actor's end, whatever it is."""
        await asyncio.Event().wait()

    async def ready(self) -> bool:
        """Tell that calls are answered."""
        return True

    async def answer(self, question: bytes) -> bytes:
        """Make a call that was written down."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, answer_of, question)

    async def take_over(self, given: list[Any], writing: bytes) -> bytes:
        """Write what another actor has read, or will have; a HolderError in the answer where it cannot.

        given: holds the reference to its answer; Ray would wait for one outside of a list, and fail this call with it.
        writing: the function that writes, and its arguments behind the chunk.
        """
        try:
            was_read, chunk = cloudpickle.loads(await given[0])
        except Exception as error:
            was_read, chunk = False, error
        if not was_read:
            return await self.answer(question_of(_fail, f"{type(chunk).__name__}: {chunk}"))
        return await self.answer(question_of(_write, writing, chunk))


def _fail(why: str) -> None:
    raise HolderError(why)


def _write(writing: bytes, chunk: bytes) -> Any:
    write, arguments = cloudpickle.loads(writing)
    return write(chunk, *arguments)
