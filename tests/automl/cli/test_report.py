"""`automl report`: a saved model told in one HTML file."""

from pathlib import Path

import pytest

from automl.cli.report import check_place
from automl.errors import OptionError
from tests.automl.cli.running import run


def test_the_report_is_written_where_it_is_asked_for(fitted, tmp_path):
    assert "wrote" in run("report", fitted[0], "-o", tmp_path / "it.html")
    assert "<title>ill" in (tmp_path / "it.html").read_text(encoding="utf-8")


def test_a_name_that_is_no_page_is_refused():
    check_place(Path("it.HTM"))
    with pytest.raises(OptionError, match=r"'it.pdf'; a report is HTML"):
        check_place(Path("it.pdf"))
