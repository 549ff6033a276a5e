"""Ray addresses: what a user wrote behind "ray:", and a connection to that cluster or one clear error."""

from __future__ import annotations

import os
import socket
from typing import Any

from automl.plugin_api import OptionError

SECONDS = 10.0
"""How long a head may take to answer at all."""
DOCS = "docs/machines.md shows how to start a cluster."
EXPECTED = "expected ray:HOST:6379, or ray alone on a machine of the cluster or with RAY_ADDRESS"


def connect(written: str) -> None:
    """Connect this process to a cluster; an OptionError where there is none, or it will not have us."""
    address = address_of(written)
    import ray

    try:
        ray.init(address=address, log_to_driver=False, configure_logging=False, **_own_address(address))
    except Exception as error:
        raise OptionError(_refused(written, error)) from error


def address_of(written: str) -> str:
    """Return what Ray calls the address; an OptionError where nobody answers there."""
    address = written or os.environ.get("RAY_ADDRESS", "auto")
    if address.startswith("ray://"):
        raise OptionError(
            f"Found executor='ray:{written}', the address of a Ray Client server, whose connections do not survive a "
            f"short loss of the network; {EXPECTED}. Run the search on a machine of the cluster (`ray start "
            f"--address=HOST:6379 --num-cpus=0` makes this one such), or submit it with `ray job submit`. {DOCS}"
        )
    if address == "auto":
        return address
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit():
        raise OptionError(f"Found executor='ray:{written}', an address without a host and a port; {EXPECTED}. {DOCS}")
    try:
        socket.create_connection((host.strip("[]"), int(port)), SECONDS).close()
    except OSError as error:
        raise OptionError(
            f"Found executor='ray:{written}', and nobody answers there ({error}); expected the head of a Ray cluster. "
            f"Is it running (`ray start --head`), and is its port open to this machine? {DOCS}"
        ) from error
    return address


def _own_address(address: str) -> dict[str, Any]:
    """Return which of this machine's addresses the head sees, found without asking anybody outside the cluster."""
    if address == "auto":
        return {}
    host, _, port = address.rpartition(":")
    with socket.create_connection((host.strip("[]"), int(port)), SECONDS) as connection:
        return {"_node_ip_address": str(connection.getsockname()[0])}


def _refused(written: str, error: Exception) -> str:
    found, why = f"Found executor='ray{':' * bool(written)}{written}'", f"{type(error).__name__}: {error}"
    if not written and "RAY_ADDRESS" not in os.environ:
        return f"{found}, no RAY_ADDRESS, and no cluster that runs on this machine ({why}); {EXPECTED}. {DOCS}"
    return (
        f"{found}, and the cluster that answers there does not let us in ({why}); expected one that takes our token, "
        f"of the same Ray and Python, of which this machine is part. Where it asks for a token set RAY_AUTH_MODE=token "
        f"with RAY_AUTH_TOKEN or ~/.ray/auth_token; compare `ray --version`; `ray start --address=HOST:6379 "
        f"--num-cpus=0` makes this machine part of it. {DOCS}"
    )
