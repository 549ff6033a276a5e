"""A line: messages from process to process over a pair of pipes, which end with either process."""

from __future__ import annotations

import pickle
import struct
import threading
from typing import Any, BinaryIO

HEAD = struct.Struct("<Q")
"""How many bytes a message has, in front of it."""


class Line:
    """Both directions between two processes; any thread may send, one receives."""

    def __init__(self, reader: BinaryIO, writer: BinaryIO) -> None:
        """Take the two ends of this process."""
        self._reader, self._writer = reader, writer
        self._sending = threading.Lock()

    def send(self, message: Any) -> None:
        """Send what can be pickled; an OSError, or a ValueError, where the other process is gone."""
        data = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
        with self._sending:
            self._writer.write(HEAD.pack(len(data)))
            self._writer.write(data)
            self._writer.flush()

    def receive(self) -> Any:
        """Wait for the next message; an EOFError once the other process is gone."""
        (size,) = HEAD.unpack(self._read(HEAD.size))
        return pickle.loads(self._read(size))

    def _read(self, size: int) -> bytes:
        data = self._reader.read(size)
        if len(data) < size:
            raise EOFError
        return data
