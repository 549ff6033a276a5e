"""The report: one file that is read anywhere, asks for nothing, and leaves nothing out."""

import re
import shutil

import pytest

from automl import AutoML
from automl.errors import OptionError
from tests.conftest import quick
from tests.tables import binary_table

SECTIONS = {
    "binary": ("ROC", "Precision and recall", "Calibration", "Confusion matrix"),
    "multiclass": ("ROC", "Precision and recall", "Calibration", "Confusion matrix"),
    "regression": ("Predicted", "Residuals"),
}


ALWAYS = (
    "What was asked", "How it was validated", "Leaderboard and ensemble", "Score over time", "weights",
    "Permutation importance", "Partial dependence", "Where it is worst", "Data audit", "Why not", "Failures",
    "Made with",
)  # fmt: skip


NARROW, WIDE = (480, 900), (1300, 900)


@pytest.fixture(scope="module")
def browser():
    """A real browser that was never told to fetch anything."""
    program, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not program or not driver:
        pytest.skip("there is no Chromium with its driver")
    webdriver = pytest.importorskip("selenium.webdriver", reason="selenium comes with the extra dev")
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driven = webdriver.Chrome(options=options, service=webdriver.ChromeService(executable_path=driver))
    yield driven
    driven.quit()


@pytest.mark.parametrize("kind", SECTIONS)
def test_everything_is_told(pages, kind):
    text = pages[kind].read_text(encoding="utf-8")
    missing = [each for each in (*ALWAYS, *SECTIONS[kind]) if each not in text]
    assert missing == []


@pytest.mark.parametrize("kind", SECTIONS)
def test_the_file_holds_all_that_it_shows_and_no_script(pages, kind):
    text = pages[kind].read_text(encoding="utf-8")
    assert not re.search(r"<script|<link[^>]+href=\"(?!data:)|@import|url\((?!#|data:)", text)
    assert re.findall(r"(?:src|href)=\"(?!#|data:)[^\"]*", text) == []


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
@pytest.mark.parametrize("kind", SECTIONS)
def test_a_browser_shows_it_without_a_complaint_a_request_or_a_scroll_bar_below(browser, pages, kind, size):
    browser.set_window_size(*size)
    browser.get(pages[kind].as_uri())
    assert browser.get_log("browser") == []
    assert browser.execute_script("return performance.getEntriesByType('resource').length") == 0
    assert browser.execute_script("return document.documentElement.scrollWidth <= window.innerWidth")
    assert browser.execute_script("return [...document.querySelectorAll('figure svg')].every(s => s.clientHeight > 80)")
    assert len(browser.find_elements("css selector", "section")) >= 9


def test_it_is_dark_where_that_is_preferred(browser, pages):
    shades = []
    for scheme in ("light", "dark"):
        browser.execute_cdp_cmd(
            "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
        )
        browser.get(pages["binary"].as_uri())
        colour = browser.execute_script("return getComputedStyle(document.body).backgroundColor")
        shades.append(sum(map(int, re.findall(r"\d+", colour)[:3])))
    assert shades[0] > 700
    assert shades[1] < 150


def test_a_saved_model_reports_what_was_measured_before_it_was_saved(classifier, pages, tmp_path):
    assert pages["binary"].exists()  # importance was measured for it
    classifier.save(tmp_path / "model.automl")
    loaded = AutoML.load(tmp_path / "model.automl").set_params(executor=classifier.executor)  # of the machine, not kept
    before, after = (re.sub(r"<footer>.*", "", each.read_text(encoding="utf-8")) for each in (
        classifier.report(tmp_path / "before.html"), loaded.report(tmp_path / "after.html"))
    )  # fmt: skip
    pattern = r"<section id=\"(\w+)\">(.*?)</section>"
    sections, others = dict(re.findall(pattern, before, re.S)), dict(re.findall(pattern, after, re.S))
    assert sections.keys() == others.keys()
    figures = re.compile(r"<svg.*?</svg>", re.S)  # ids within them are drawn anew
    assert [name for name in sections if figures.sub("", sections[name]) != figures.sub("", others[name])] == []


def test_a_saved_model_holds_no_row_of_the_table(classifier, tmp_path):
    classifier.save(tmp_path / "model.automl")
    assert AutoML.load(tmp_path / "model.automl")._fit.looked.sample is None


def test_names_that_are_markup_are_shown_as_they_are(tmp_path):
    table = binary_table(80).rename(columns={"age": "<b>age</b>", "bought": "<script>alert(1)</script>"})
    model = quick(max_trials=2, models=["linear"]).fit(table, "<script>alert(1)</script>")
    text = model.report(tmp_path / "report.html").read_text(encoding="utf-8")
    assert "<script" not in text
    assert "<b>age" not in text
    assert "&lt;script&gt;alert(1)" in text
    assert "<script" not in model._repr_html_()


def test_rows_that_are_given_are_scored_and_looked_at(classifier, tmp_path):
    page = classifier.report(tmp_path / "report.html", binary_table(60, seed=5))
    text = page.read_text(encoding="utf-8")
    assert "60 rows" in text


def test_a_folder_in_the_place_of_the_file_is_refused(classifier, tmp_path):
    with pytest.raises(OptionError, match="is a folder; expected a file"):
        classifier.report(tmp_path)
