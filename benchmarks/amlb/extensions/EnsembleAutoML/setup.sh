#!/usr/bin/env bash
# Makes the virtual environment that exec.py runs in, and writes the version where AMLB reads it.
# AMLB calls it with: VERSION REPOSITORY PACKAGE [EXTRA]. Not its shared/setup.sh, which pins an older NumPy.
set -euo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
PYTHON=${AUTOML_PYTHON:-python3}
SOURCE=${AUTOML_SOURCE:-$(cd "$HERE/../../../.." && pwd -P)}
EXTRA=${4:-}

"$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Found Python %d.%d; expected 3.11 or newer: set AUTOML_PYTHON." % sys.version_info[:2])'
[[ -x "$HERE/venv/bin/python" ]] || "$PYTHON" -m venv "$HERE/venv"
if [[ -d "$SOURCE" && -n "$EXTRA" ]]; then
    "$HERE/venv/bin/python" -m pip install --quiet "$SOURCE[$EXTRA]"
elif [[ -n "$EXTRA" ]]; then
    "$HERE/venv/bin/python" -m pip install --quiet "ensemble-automl[$EXTRA] @ $SOURCE"
else
    "$HERE/venv/bin/python" -m pip install --quiet "$SOURCE"
fi
mkdir -p "$HERE/.setup"
"$HERE/venv/bin/python" -c 'import automl; print(automl.__version__)' > "$HERE/.setup/installed"
