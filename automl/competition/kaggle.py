"""Kaggle: download a competition's files and submit, through the public `kaggle` program where it is installed."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from automl.errors import InputError, OptionError

PROGRAM = "kaggle"
INSTALL = "pip install kaggle"
TOKEN = (
    "It needs a token: on kaggle.com, Settings, API, 'Create New Token', kept as ~/.kaggle/kaggle.json; and the "
    "competition's rules have to be accepted on its page"
)


def find_program() -> str:
    """Return where the `kaggle` program is, on the path or beside this Python; an OptionError where it is not."""
    beside = Path(sys.executable).parent / PROGRAM
    found = shutil.which(PROGRAM) or (str(beside) if beside.is_file() else None)
    if found is None:
        raise OptionError(
            f"The program {PROGRAM!r} is not installed; --download and --submit need it. Run: {INSTALL}. {TOKEN}. "
            f"Or download and submit in the browser: nothing else here needs a network."
        )
    return found


def download(competition: str, folder: Path) -> bool:
    """Download a competition's files to a folder and unpack them; False where files are there already."""
    if folder.is_dir() and any(folder.iterdir()):
        return False
    program = find_program()
    folder.mkdir(parents=True, exist_ok=True)
    _run(
        [program, "competitions", "download", "-c", competition, "-p", str(folder)],
        f"{competition!r} was not downloaded",
    )
    for archive in sorted(folder.glob("*.zip")):
        _unpack(archive, folder)
    if not any(folder.iterdir()):
        raise InputError(f"{PROGRAM} downloaded nothing for {competition!r}. Check the competition's name. {TOKEN}.")
    return True


def submit(competition: str, submission: Path, message: str) -> str:
    """Submit a file to a competition; return what the program said."""
    command = [find_program(), "competitions", "submit", "-c", competition, "-f", str(submission), "-m", message]
    return _run(command, f"{str(submission)!r} was not submitted to {competition!r}")


def _run(command: list[str], otherwise: str) -> str:
    """Run the program to its end; an InputError with its last lines where it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    said = "\n".join(part.strip() for part in (done.stdout, done.stderr) if part.strip())
    if done.returncode != 0 or said.lower().startswith(("could not find", "could not submit")):
        last = " ".join(said.splitlines()[-4:]) or f"it ended with status {done.returncode} and said nothing"
        raise InputError(f"{otherwise}: {PROGRAM} says: {last} {TOKEN}.")
    return said


def _unpack(archive: Path, folder: Path) -> None:
    """Unpack an archive of several files, or of one that has another name; a packed table is read as it is."""
    try:
        with zipfile.ZipFile(archive) as opened:
            opened.extractall(folder)
    except (zipfile.BadZipFile, OSError) as error:
        raise InputError(f"{str(archive)!r} cannot be unpacked: {error}. Remove it and download again.") from error
    archive.unlink()
