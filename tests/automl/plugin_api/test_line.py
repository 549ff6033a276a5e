"""A line carries messages of any size, and says when the other process is gone."""

import os
import threading

import pytest

from automl.plugin_api.line import Line


def test_messages_arrive_whole_and_in_order_until_the_other_end_is_closed():
    reading, writing = os.pipe()
    here, there = Line(None, os.fdopen(writing, "wb")), Line(os.fdopen(reading, "rb"), None)
    sent = [b"", "text", b"x" * 2**20, {"number": 1}]

    def send():
        for message in sent:
            here.send(message)
        here._writer.close()

    thread = threading.Thread(target=send)
    thread.start()
    assert [there.receive() for _ in sent] == sent
    thread.join()
    with pytest.raises(EOFError):
        there.receive()
    there._reader.close()
