"""How long a file may be, and that it says what it is for."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
MOST_LINES = 400


def python_files(*folders):
    """Return the Python files below the folders."""
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def test_no_file_is_longer_than_can_be_read_in_one_go():
    files = python_files("automl", "plugins/automl_builtins", "tests", "examples")
    lengths = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in files}
    assert len(lengths) > 50
    assert {name: length for name, length in lengths.items() if length > MOST_LINES} == {}


def test_every_source_file_says_in_its_first_line_what_it_is_for():
    files = python_files("automl", "plugins/automl_builtins", "examples")
    mute = [str(path.relative_to(ROOT)) for path in files if not path.read_text(encoding="utf-8").startswith('"""')]
    assert mute == []
