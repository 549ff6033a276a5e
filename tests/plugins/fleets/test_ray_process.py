"""The process that speaks with Ray: requests are answered, whatever comes of them."""

import os
import threading

import pytest

from automl.plugin_api import OptionError
from automl_builtins.fleets._ray_process import Line, Server
from automl_builtins.fleets.ray import RAY
from tests.plugins.fleets.clusters import opened


@pytest.fixture
def line():
    """The other end of a server's line."""
    (asked, ask), (answered, answer) = os.pipe(), os.pipe()
    ends = [os.fdopen(each, mode) for each, mode in ((asked, "rb"), (ask, "wb"), (answered, "rb"), (answer, "wb"))]
    server = threading.Thread(target=serve, args=(Server(Line(ends[0], ends[3])),), daemon=True)
    server.start()
    yield Line(ends[2], ends[1])
    ends[1].close()
    server.join(10)
    for end in ends:
        end.close()


def serve(server):
    with pytest.raises(EOFError):
        server.serve()


def test_what_is_asked_before_it_is_open_is_an_error_and_the_next_is_answered_too(line):
    for number in (1, 2):
        line.send((number, "ask", ("machine", b"question")))
        assert line.receive()[:2] == (number, False)


def test_an_address_that_is_refused_is_refused_in_the_search(line):
    line.send((1, "open", ("ray://host:10001", None)))
    number, well, error = line.receive()
    assert (number, well, type(error)) == (1, False, OptionError)


@pytest.mark.slow
def test_the_process_is_gone_after_a_refusal():
    pytest.importorskip("ray")
    with pytest.raises(OptionError, match="Ray Client"):
        opened(RAY, "ray://host:10001")
