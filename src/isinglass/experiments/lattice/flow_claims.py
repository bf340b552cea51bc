# SPDX-License-Identifier: Apache-2.0
"""What is claimed of the flows of machines: their direction, their end, and what it is not."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from isinglass.exact.lattice import onsager
from isinglass.experiments.lattice.trained_flows import MachineRecipe, Mixture, StartFlows
from isinglass.experiments.theory_curve import beyond, over_samples
from isinglass.result import Check, Estimate

__all__ = ["TrainedSet", "end_checks", "end_estimates", "length_checks", "over_trainings"]

TC = onsager.critical_temperature()
ISO = "Iso, Shiba and Yokoo 2018, arXiv:1801.07172"
ROWS = "Kaufman 1949, doi:10.1103/PhysRev.76.1232, of the rows that were trained on"
PUBLISHED = "contrastive divergence"


def over_trainings(values: Sequence[float]) -> Estimate:
    """Mean and standard error; NaN where a temperature is infinite or none."""
    return over_samples(values) if np.isfinite(values).all() else Estimate(float("nan"))


class TrainedSet(NamedTuple):
    """Machines of one recipe, the same but for their random numbers."""

    recipe: MachineRecipe
    machines: list[Any]
    flows: list[StartFlows]
    exact: Mixture

    def end(self, of: str) -> Estimate:
        """Over trainings."""
        return over_trainings([getattr(flow.end, of) for flow in self.flows])

    def at(self, start: int, step: int) -> Estimate:
        """Temperature on the way, over trainings."""
        return over_trainings([flow.of_start[start][step].temperature for flow in self.flows])


Scan = dict[tuple[str, int, int], TrainedSet]  # by kind of chains, hidden spins, passes


def end_estimates(sets: dict[str, TrainedSet], scan: Scan) -> dict[str, Estimate]:
    """The end of every flow, by energy and |m|, the spread of its energies, and the same of the rows."""
    told = {}
    for name, one in sets.items():
        told |= {f"end_temperature/{name}": one.end("temperature"),
                 f"end_temperature_by_magnetization/{name}": one.end("by_magnetization"),
                 f"end_spread/{name}": one.end("spread"), f"rows_temperature/{name}": Estimate(one.exact.temperature),
                 f"rows_temperature_by_magnetization/{name}": Estimate(one.exact.by_magnetization),
                 f"rows_spread/{name}": Estimate(one.exact.spread)}  # fmt: skip
    return told | {f"end_temperature/{kind}, {M} hidden spins, {n} passes": one.end("temperature")
                   for (kind, M, n), one in scan.items()}  # fmt: skip


def end_checks(
    sets: dict[str, TrainedSet], told: dict[str, Estimate], tolerance: float, spread_tolerance: float
) -> list[Check]:
    """Directions; ends at the mean energy of the rows, on this or that side of T_c; the spread of energies."""
    checks, every = [], sets["all temperatures"]
    for what, start, sign in (("warms the coldest", 0, 1), ("cools the hottest", -1, -1)):
        of = [f.of_start[start] for f in every.flows]
        moved = [sign * (steps[-1].temperature - steps[0].temperature) for steps in of]
        law = f"a machine of all temperatures {what} configurations, |change of T|"
        checks.append(beyond(law, over_trainings(moved), 0.0, ISO))
    for name, one in sets.items():
        if name != PUBLISHED:
            T, of = one.exact.temperature, f"end_temperature/{name}"
            law = f"end of the flow, machines of {name}: T of the mean energy of their rows"
            checks.append(Check.within(law, told[of].value, T, tolerance * T, error=told[of].error, source=ROWS,
                                       of=of).resolved())  # fmt: skip
    for name, sign in (("all", 1), ("high", 1), ("low", -1)):
        end, side = told[f"end_temperature/{name} temperatures"], "above" if sign > 0 else "below"
        law = f"end of the flow, machines of {name} temperatures: {side} T_c by"
        checks.append(beyond(law, Estimate(sign * (end.value - TC), end.error), 0.0, ROWS))
    of, known = "end_spread/all temperatures", every.exact.spread
    law = "variance of the energies at the end, all temperatures"
    checks += [
        beyond(f"{law}, over that of one", told[of], 1.0, ROWS, of),
        Check.within(f"{law}, as that of the rows", told[of].value, known, spread_tolerance * known,
                     error=told[of].error, source=ROWS, of=of).resolved(),
    ]  # fmt: skip
    published = told[f"end_temperature/{PUBLISHED}"]
    colder = Estimate(every.exact.temperature - published.value, published.error)
    return [*checks, beyond("contrastive divergence ends below the temperature of the rows by", colder, 0.0, ROWS)]


def length_checks(scan: Scan) -> list[Check]:
    """The end of contrastive divergence moves with the length of the training."""
    M = max(units for _, units, _ in scan)
    lengths = [passes for _, _, passes in scan]
    few, many = min(lengths), max(lengths)
    a, b = (scan[PUBLISHED, M, n].end("temperature") for n in (few, many))
    fallen = Estimate(a.value - b.value, float(np.hypot(a.error or 0.0, b.error or 0.0)))
    law = f"its end falls with the length of the training, {few} to {many} passes, {M} hidden spins, by"
    return [beyond(law, fallen, 0.0, ISO)]
