"""Which display is chosen, what it writes, and that it never disturbs a search."""

import io
import os
import pty
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stderr

import pytest

from automl_builtins.observers import progress
from automl_builtins.observers._lines import LineDisplay
from automl_builtins.observers._live import LiveDisplay, clock
from tests.plugins.observers.events import (
    END,
    ENSEMBLE,
    TRIALS_END,
    failed,
    finished,
    fold_finished,
    fold_started,
    started,
)

WHOLE_SEARCH = (
    fold_started(),
    fold_finished(),
    finished(),
    failed(),
    failed(stage="choose"),
    TRIALS_END,
    ENSEMBLE,
    END,
)


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self):
        return True


def observe_search(verbose):
    observer = progress.ProgressObserver()
    for event in (started(verbose=verbose), *WHOLE_SEARCH):
        observer.observe(event)
    return observer


@pytest.fixture
def terminal(monkeypatch):
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.delenv("NO_COLOR", raising=False)
    return Terminal()


def test_without_a_terminal_there_is_one_line_for_each_candidate_the_ensemble_and_the_end(capsys):
    observe_search(verbose=1)
    output = capsys.readouterr()
    lines = output.err.splitlines()
    assert output.out == ""
    assert [line.split("s] ")[1].split()[0] for line in lines] == [
        "binary",
        "linear",
        "linear",
        "ensemble",
        "finished:",
    ]


def test_more_verbose_adds_folds_and_what_was_not_run(capsys):
    observe_search(verbose=2)
    output = capsys.readouterr().err
    assert "fold 1 0.88" in output
    assert "skipped" in output


def test_verbose_0_is_silent(capsys):
    observe_search(verbose=0)
    assert capsys.readouterr() == ("", "")


def test_a_process_without_stderr_is_silent(monkeypatch):
    monkeypatch.setattr(sys, "stderr", None)
    assert progress.make_progress(started()) is None


def test_a_terminal_gets_the_panel(terminal):
    with redirect_stderr(terminal):
        display = progress.make_progress(started())
        display.close()
    assert isinstance(display, LiveDisplay)


@pytest.mark.parametrize("name", ["dumb", "notebook"])
def test_a_dumb_terminal_and_a_notebook_get_lines(terminal, monkeypatch, name):
    if name == "dumb":
        monkeypatch.setenv("TERM", "dumb")
    else:
        monkeypatch.setitem(sys.modules, "ipykernel", object())
    with redirect_stderr(terminal):
        assert isinstance(progress.make_progress(started()), LineDisplay)


def test_the_panel_shows_the_time_the_best_score_the_counts_and_the_slots(terminal):
    display = LiveDisplay(started(), terminal, detailed=False)
    for event in (finished(), failed(), fold_started(slot=1, model="lightgbm", fold=2)):
        display.take(event)
    display._live.refresh()
    shown = terminal.getvalue()
    display.close()
    for part in (
        "left of 1:00",
        "roc_auc 0.9",
        "1 complete, 1 failed",
        "slot 1  lightgbm",
        "fold 3 of 5",
        "[odd] input",
    ):
        assert part in shown


def test_a_search_by_count_shows_how_many_trials_are_done(terminal):
    display = LiveDisplay(started(time_limit=None, max_trials=40), terminal, detailed=False)
    display.take(finished())
    display._live.refresh()
    display.close()
    assert "1 of 40" in terminal.getvalue()


def test_the_panel_leaves_the_ensemble_and_the_reason_behind_and_no_thread(terminal):
    before = set(threading.enumerate())
    with redirect_stderr(terminal):
        observe_search(verbose=1)
        assert sys.stderr is terminal
    written = terminal.getvalue()
    assert "ensemble weighted: roc_auc 0.95" in written
    assert "the time limit was reached" in written
    left = set(threading.enumerate()) - before
    for thread in left:
        thread.join(timeout=5)
    assert not [thread for thread in left if thread.is_alive()]


def test_a_display_that_breaks_is_closed_and_the_search_goes_on():
    class Broken(io.StringIO):
        def write(self, text):
            raise BrokenPipeError

    with redirect_stderr(Broken()):
        observer = observe_search(verbose=1)
    assert observer._display is None


def test_a_search_that_broke_leaves_no_display_to_the_next(terminal):
    observer = progress.ProgressObserver()
    with redirect_stderr(terminal):
        observer.observe(started())
        first = observer._display
        observer.observe(started())
        assert first is not observer._display
        assert not first._live.is_started
        observer.close()


@pytest.mark.parametrize(("seconds", "shown"), [(0, "0:00"), (59.2, "1:00"), (65, "1:05"), (3725, "1:02:05")])
def test_times_are_shown_as_on_a_clock(seconds, shown):
    assert clock(seconds) == shown


class Display:
    """What is shown of one search."""

    def __init__(self, opened):
        self.n_taken, self.is_closed = 0, False
        opened.append(self)

    def take(self, event):
        self.n_taken += 1

    def close(self):
        self.is_closed = True


def test_searches_in_two_threads_leave_each_others_display_open(monkeypatch):
    opened = []
    monkeypatch.setattr(progress, "make_progress", lambda event: Display(opened))
    progress.automl_event(started())
    with ThreadPoolExecutor(1) as pool:
        pool.submit(progress.automl_event, started()).result()
        assert [each.is_closed for each in opened] == [False, False]
        progress.automl_event(finished())
        pool.submit(progress.automl_event, END).result()
    assert [(each.is_closed, each.n_taken) for each in opened] == [(False, 1), (True, 1)]
    progress.automl_event(END)
    assert opened[0].is_closed


INTERRUPTED = """
from automl_builtins.observers import progress
from tests.plugins.observers.events import started
progress.automl_event(started())
raise KeyboardInterrupt
"""


def test_an_interrupt_gives_the_terminal_back():
    controller, terminal = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color"}
    ended = subprocess.run(
        [sys.executable, "-c", INTERRUPTED], stderr=terminal, stdout=terminal, env=environment, timeout=60, check=False
    )
    os.close(terminal)
    written = os.read(controller, 65536).decode()
    os.close(controller)
    assert ended.returncode != 0
    assert "KeyboardInterrupt" in written
    assert written.rindex("\x1b[?25h") > written.rindex("\x1b[?25l"), "the cursor is hidden at the end"


def test_the_plugin_is_light_to_import():
    code = "import sys, automl_builtins.observers.progress; print({'rich', 'pandas', 'sklearn'} & set(sys.modules))"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "set()"
