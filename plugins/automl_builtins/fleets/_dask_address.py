"""Dask addresses: what a user wrote behind "dask:", and a client of that cluster or one clear error."""

from __future__ import annotations

import socket
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from automl.plugin_api import OptionError

SECONDS = 10.0
"""How long a scheduler may take to answer."""
LISTEN_SECONDS = 3.0
DOCS = "docs/machines.md shows how to start a cluster."
EXPECTED = "expected dask:tcp://HOST:8786, dask:tls://HOST:8786, dask:FILE.json, or dask alone where Dask is configured"


def connect(written: str) -> Any:
    """Return a client that no other code of this process uses by default; an OptionError where there is no cluster."""
    where = where_of(written)
    try:
        return _in_time(where)
    except Exception as error:
        raise OptionError(_refused(written, where, error)) from error


def _in_time(where: Mapping[str, Any]) -> Any:
    """Return a client; a TimeoutError where one that listens never speaks, for which Dask would wait for ever."""
    from distributed import Client

    made: Future[Any] = Future()

    def make() -> None:
        try:
            made.set_result(Client(**where, timeout=SECONDS, set_as_default=False, name="automl"))
        except Exception as error:
            made.set_exception(error)

    threading.Thread(target=make, name="automl-dask-client", daemon=True).start()
    return made.result(1.2 * SECONDS)


def where_of(written: str) -> dict[str, Any]:
    """Return what tells a client where its scheduler is."""
    if not written:
        return _configured()
    if written.endswith(".json"):
        if not Path(written).is_file():
            raise OptionError(
                f"Found executor='dask:{written}', and no such file; {EXPECTED}. The file is written by "
                f"`dask scheduler --scheduler-file {written}`, on a disk that this machine sees too."
            )
        return {"scheduler_file": written}
    address = written if "://" in written else f"tcp://{written}"
    if _port(address) is None and not address.startswith("inproc://"):
        raise OptionError(f"Found executor='dask:{written}', an address without a host and a port; {EXPECTED}.")
    return {"address": address}


def _configured() -> dict[str, Any]:
    """Return the cluster of the client that this process has, else the one of Dask's configuration."""
    import dask
    from distributed import default_client

    try:
        client = default_client()
    except ValueError:
        pass
    else:
        return {"address": client.scheduler.address, "security": client.security}
    for option in ("scheduler-address", "scheduler-file"):
        if found := dask.config.get(option, None):
            return where_of(str(found))
    raise OptionError(
        f"Found executor='dask', no client in this process and no cluster in Dask's configuration; {EXPECTED}: set "
        f"DASK_SCHEDULER_ADDRESS=tcp://HOST:8786, or make a distributed.Client first. {DOCS}"
    )


def _refused(written: str, where: dict[str, Any], error: Exception) -> str:
    found, why = f"Found executor='dask{':' * bool(written)}{written}'", f"{type(error).__name__}: {error}"
    address = str(where.get("address", ""))
    if not address:
        return f"{found}, and nobody answers at the address in that file ({why}). Is the scheduler running? {DOCS}"
    if not _listens(address):
        return (
            f"{found}, and nobody answers there within {SECONDS:.0f} s; expected a Dask scheduler. Is it running "
            f"(`dask scheduler`), and is its port open to this machine? {DOCS}"
        )
    if address.startswith("tls://"):
        return (
            f"{found}, and what answers there agrees on no TLS connection with us ({why}); expected a scheduler whose "
            f"certificate is signed by the authority we trust, and that trusts ours. Compare "
            f"DASK_DISTRIBUTED__COMM__TLS__CA_FILE, __CLIENT__CERT and __CLIENT__KEY here with what the scheduler was "
            f"started with. {DOCS}"
        )
    return (
        f"{found}, and what answers there is no Dask scheduler that speaks plain TCP with us ({why}). Where the "
        f"cluster uses TLS write dask:tls://...; else look at its port (8786, not the dashboard's 8787) and version. "
        f"{DOCS}"
    )


def _listens(address: str) -> bool:
    try:
        with socket.create_connection((urlsplit(address).hostname or "", _port(address) or 0), LISTEN_SECONDS):
            return True
    except OSError:
        return False


def _port(address: str) -> int | None:
    try:
        return urlsplit(address).port
    except ValueError:
        return None
