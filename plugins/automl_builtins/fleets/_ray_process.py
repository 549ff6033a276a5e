"""A process of its own that speaks with Ray: Ray ends a process that has lost its cluster, which a search outlives.

`python -m automl_builtins.fleets._ray_process` hears requests on its standard input and answers them on its output.
"""

from __future__ import annotations

import os
import sys
import threading
from concurrent.futures import Future
from functools import partial
from typing import Any

from automl.plugin_api import Line
from automl_builtins.fleets._ray_address import connect
from automl_builtins.fleets._ray_nodes import Nodes


class Server:
    """Answers requests, each a number, a verb and arguments, with that number, whether it went well, and a value."""

    def __init__(self, line: Line) -> None:
        """Take the line to the search."""
        self._line = line
        self._nodes: Nodes | None = None

    def serve(self) -> None:
        """Answer until nobody asks any more."""
        while True:
            number, verb, arguments = self._line.receive()
            if verb in ("ask", "hand_over"):
                self._begin(number, verb, arguments)
            else:
                threading.Thread(target=self._do, args=(number, verb, arguments), daemon=True).start()

    def _begin(self, number: int, verb: str, arguments: tuple[Any, ...]) -> None:
        try:
            future: Future[bytes] = getattr(self._nodes, verb)(*arguments)
        except Exception as error:
            self._reply(number, False, error)
        else:
            future.add_done_callback(partial(self._ended, number))

    def _ended(self, number: int, future: Future[bytes]) -> None:
        error = future.exception()
        self._reply(number, error is None, future.result() if error is None else error)

    def _do(self, number: int, verb: str, arguments: tuple[Any, ...]) -> None:
        try:
            found = self._open(*arguments) if verb == "open" else getattr(self._nodes, verb)()
        except Exception as error:
            self._reply(number, False, error)
        else:
            self._reply(number, True, found)

    def _open(self, address: str, most_slots: int | None) -> bool:
        connect(address)
        self._nodes = Nodes(most_slots)
        return True

    def _reply(self, number: int, well: bool, found: Any) -> None:
        try:
            self._line.send((number, well, found))
        except (OSError, ValueError):  # nobody is there any more
            os._exit(0)
        except Exception:  # of errors of Ray's that cannot be pickled
            self._line.send((number, False, RuntimeError(f"{type(found).__name__}: {found}")))


def main() -> None:
    """Serve the process that has started this one, and end with it."""
    writer = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what libraries print is no message
    try:
        Server(Line(sys.stdin.buffer, writer)).serve()
    finally:
        os._exit(0)


if __name__ == "__main__":
    main()
