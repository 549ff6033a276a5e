"""`automl machines`: show what a search would find on the machines of a cluster, and what is missing there."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from automl.fleet.survey import Surveyed
    from automl.registry import Registry

COLUMNS = ("machine", "slots", "GPUs", "memory", "disk", "link", "speed")
NOBODY = "No machine is there. Start workers, or wait longer for them with --wait."


def machines(
    address: Annotated[
        str,
        typer.Argument(metavar="CLUSTER", help="As for --executor: dask:tcp://HOST:8786, ray:HOST:6379, dask, ray."),
    ],
    wait: Annotated[float, typer.Option(min=1, help="Seconds to wait for machines and for their places.")] = 10.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
) -> None:
    """Show the machines of a cluster: slots, GPUs, memory, free disk, link from here, speed, and what is missing there.

    Slots are free places; they are taken for the few seconds that this looks. Exit status 1 where none can be used.
    """
    from automl.cli._output import print_table, stdout
    from automl.fleet.survey import survey
    from automl.registry import discover

    registry = discover()
    found = survey(registry, address, wait)
    if as_json:
        typer.echo(json.dumps([asdict(each) for each in found], indent=1, default=sorted))
    else:
        good = [each for each in found if not each.refused]
        title = f"{counted(len(good), 'machine')}, {counted(sum(each.slots for each in good), 'slot')}"
        print_table(title, COLUMNS, [cells_of(each) for each in good])
        for line in remarks_on(registry, found):
            stdout().print(line, highlight=False, markup=False, soft_wrap=True)
    if not any(each.slots and not each.refused for each in found):
        raise typer.Exit(1)


def counted(number: int, what: str) -> str:
    """Return "1 machine" or "2 machines"."""
    return f"{number} {what}{'s' * (number != 1)}"


def cells_of(machine: Surveyed) -> tuple[str, ...]:
    """Return the line of a machine: memory and disk in GB, the link in MB a second, speed beside a core here."""
    return (
        machine.host,
        str(machine.slots or "full"),
        str(machine.gpus),
        f"{machine.memory_mb / 1024:.1f} GB",
        f"{machine.disk_mb / 1024:.0f} GB",
        f"{machine.bandwidth:.0f} MB/s",
        f"{machine.speed:.2f}x",
    )


def remarks_on(registry: Registry, machines: Iterable[Surveyed]) -> Iterator[str]:
    """Yield what is wrong with machines and what would mend it, the same once for all of which it is true."""
    told: dict[str, list[str]] = {}
    for machine in machines:
        for remark in _remarks(registry, machine):
            told.setdefault(remark, []).append(machine.host)
    for remark, hosts in told.items():
        yield f"{', '.join(dict.fromkeys(hosts))}: {remark}"
    if not told and not tuple(machines):
        yield NOBODY


def _remarks(registry: Registry, machine: Surveyed) -> Iterator[str]:
    if machine.refused:
        yield f"cannot be used: {machine.refused}"
    elif not machine.slots:
        yield "full of others' work; a search would wait for a place there"
    lacking: dict[str, list[str]] = {}
    for model, why in machine.without.items():
        spec = registry.models.get(model)
        how = f"; run there: {spec.install}" if spec is not None and spec.install else ""
        lacking.setdefault(f"{why}{how}", []).append(model)
    for why, models in lacking.items():
        yield f"without {', '.join(models)}: {why}"
    if machine.differs:
        yield f"other versions: {'; '.join(machine.differs)}"
