# SPDX-License-Identifier: Apache-2.0
"""Infer a transition and its exponents by the renormalization group: block spins of two lattice sizes."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from isinglass import checks
from isinglass.errors import InputError
from isinglass.result import Check, Estimate, Result, none_or_float
from isinglass.run.progress import ProgressCallable, silent
from isinglass.tasks.infer_transition import checked
from isinglass.tasks.setting.phases_files import PhasesFiles
from isinglass.tasks.task import AbstractTask, Verb, setting

if TYPE_CHECKING:
    import xarray as xr

    from isinglass.data.configurations import Configurations
    from isinglass.inference.renormalization.matching import BlockFlow, CurveDraws, MatchedDraws

    BySize = Mapping[int, Result | Configurations]
else:
    BySize = Any

__all__ = ["InferRenormalization"]


@dataclass(frozen=True)
class InferRenormalization(AbstractTask):
    """T_c where the flow of block spins turns; y_T and y_h by the matrix ∂K'/∂K of four even and three odd couplings.

        infer(0, {64: a, 32: b}, method="renormalization")

    The exponents are held against the slope of the flow, and against <M²> ~ L^(2 y_h).
    Law: ν = 1/y_T, β/ν = d - y_h, γ/ν = 2 y_h - d.
    Ref: Swendsen 1979, doi:10.1103/PhysRevLett.42.859; Swendsen 1984, doi:10.1103/PhysRevLett.52.1165.
    """

    verb: ClassVar[Verb] = "infer"
    problem: ClassVar[tuple[str, ...]] = (
        "builtins:dict", "isinglass.data.configurations:Configurations", "isinglass.result:Result"
    )  # fmt: skip
    guide: ClassVar[str] = "docs/renormalization.md"
    what: ClassVar[str] = "configurations ±1 by lattice size, L and L/scale ({64: a, 32: b})"
    command: ClassVar[str] = "phases"
    source: ClassVar[type] = PhasesFiles

    method: str = setting("renormalization", choices=lambda: ["renormalization"])
    """renormalization: block spins of two lattice sizes, their flow and its exponents."""
    scale: int = 2
    """Sites of a block along each axis."""
    draws: int = 200
    """Bootstrap samples over chains, for the errors."""

    @classmethod
    def takes(cls, settings: Any) -> bool:
        """Where the method is renormalization."""
        return settings.get("method") == "renormalization"

    def run(
        self, key: Any, problem: BySize, *, progress: ProgressCallable = silent, checkpoint: Path | None = None
    ) -> Result:
        """Block, compare, and take the exponents; it takes seconds, so that `checkpoint` is not used."""
        import jax

        from isinglass.inference.renormalization.matching import flow_of, matched, pair_of

        begun = time.perf_counter()
        if self.scale < 2:
            raise InputError("blocks of 2 sites or more along each axis", f"{self.scale}", "take scale=2 or 3")
        if self.draws < 20:
            raise InputError("20 bootstrap draws or more", f"{self.draws}", "take draws=200")
        if not isinstance(problem, Mapping):
            raise InputError("configurations of two lattice sizes", "one", "write {64: a, 32: b}, or name both files")
        by_size = checked(problem)
        L, small = pair_of(by_size, self.scale)
        progress(0, 1, f"L = {L} and {small}: block spins")
        rng = np.random.default_rng(np.asarray(jax.random.key_data(key)))
        flow = flow_of(rng, by_size[L], by_size[small], self.scale, self.draws)
        found = matched(flow, self.scale)
        c = by_size[L]
        result = Result(
            "renormalization", settings={"scale": self.scale, "draws": self.draws, "sizes": [L, small]},
            arrays=arrays(flow, found, c.parameter_name), figures=["flow"] + (["exponents_by_step"] if found else []),
            checks=[checks.renormalization.flow_turns(*extremes(flow))],
        )  # fmt: skip
        unused = sorted(set(by_size) - {L, small})
        if unused:
            result.notes.append(f"Of the sizes, {L} and {small} are compared; {', '.join(map(str, unused))} not.")
        if found is None:
            law, result.status = lost(flow)
            result.checks.append(checks.critical.unproven(law))
        else:
            result.estimates = estimates(found, flow, len(c.lattice), c.parameter_name)
            result.checks += evidence(result.estimates, found, by_size, (L, small))
        groups = min(flow.large.groups, flow.small.groups)
        result.checks += checks.critical.within_range(3, groups)[1:]
        result.seconds = time.perf_counter() - begun
        return result


def spread(draws: "CurveDraws") -> np.ndarray:
    """Deviation of the draws after the first that have a value; NaN where more than one in twenty has none."""
    seen = np.isfinite(draws[1:])
    n = np.maximum(seen.sum(axis=0), 1)
    mean = np.where(seen, draws[1:], 0).sum(axis=0) / n
    deviation = np.sqrt((np.where(seen, draws[1:] - mean, 0) ** 2).sum(axis=0) / n)
    return np.where(seen.mean(axis=0) > 0.95, deviation, np.nan)  # noqa: PLR2004


def estimate(draws: np.ndarray) -> Estimate:
    """The first draw and the spread of the others; without error where they have no value."""
    return Estimate(float(draws[0]), none_or_float(float(spread(draws))))


def last(levels: "list[np.ndarray]") -> Estimate:
    """The last level's value; its error holds by how much more than by chance it differs from the level before."""
    found = estimate(levels[-1])
    return found if len(levels) == 1 else widened(found, beyond_chance(difference(levels)))


def widened(e: Estimate, by: float) -> Estimate:
    """The estimate with another error in quadrature; none where it has none."""
    return Estimate(e.value, None if e.error is None else float(np.hypot(e.error, by)))


def beyond_chance(e: Estimate) -> float:
    """|value| above its error."""
    return max(abs(e.value) - (e.error or 0.0), 0.0)


def exponent(
    flow: "BlockFlow", levels: "list[CurveDraws]", at: Estimate, draws: "list[np.ndarray]", other: np.ndarray
) -> Estimate:
    """y of the last step; its error holds its drift from step to step, that of T_c, and what another way gives."""
    reach = at.error or 0.0
    low, high = (np.interp(at.value + side * reach, flow.T, levels[-1][0]) for side in (-1, 1))
    apart = beyond_chance(estimate(draws[-1] - other))
    return widened(last(draws), float(np.hypot((high - low) / 2, apart)))


def estimates(found: "MatchedDraws", flow: "BlockFlow", d: int, parameter: str) -> dict[str, Estimate]:
    """T_c, y_T, y_h at the last level and at each; the usual exponents of both."""
    critical = last(found.critical)
    thermal = exponent(flow, flow.large.thermal, critical, found.thermal, found.slope)
    magnetic = exponent(flow, flow.large.magnetic, critical, found.magnetic, found.scaled)
    nu = 1 / thermal.value
    out = {f"critical_{parameter}": critical, "thermal_exponent": thermal, "magnetic_exponent": magnetic,
           "exponent_nu": Estimate(nu, nu**2 * (thermal.error or 0.0) or None),
           "exponent_beta_over_nu": Estimate(d - magnetic.value, magnetic.error),
           "exponent_gamma_over_nu": Estimate(2 * magnetic.value - d, 2 * (magnetic.error or 0.0) or None)}  # fmt: skip
    out |= {f"critical_{parameter}/level_{n}": estimate(draws) for n, draws in enumerate(found.critical)}
    out |= {f"thermal_exponent/step_{n + 1}": estimate(draws) for n, draws in enumerate(found.thermal)}
    out |= {f"magnetic_exponent/step_{n + 1}": estimate(draws) for n, draws in enumerate(found.magnetic)}
    return out | {"thermal_exponent/flow": estimate(found.slope), "magnetic_exponent/size": estimate(found.scaled)}


def difference(levels: "list[np.ndarray]") -> Estimate:
    """The last level minus the one before; without error where there is one level."""
    return estimate(levels[-1] - levels[-2]) if len(levels) > 1 else Estimate(float("nan"))


def evidence(known: dict[str, Estimate], found: "MatchedDraws", by_size: Mapping, pair: tuple[int, int]) -> list[Check]:
    """Levels agree, each exponent is had in two ways, and the lattices are tori."""
    of, c = checks.renormalization, by_size[pair[0]]
    d, Tc = len(c.lattice), abs(found.critical[-1][0])
    thermal, magnetic = known["thermal_exponent"], known["magnetic_exponent"]
    return [
        of.levels_agree(difference(found.critical), 0.005 * Tc, f"critical {c.parameter_name}"),
        of.levels_agree(difference(found.thermal), 0.05, "y_T"),
        of.levels_agree(difference(found.magnetic), 0.02, "y_h"),
        of.exponents_agree(thermal, known["thermal_exponent/flow"], "y_T", "the slope of the flow", 0.05),
        of.exponents_agree(magnetic, known["magnetic_exponent/size"], "y_h", "<M²> of both sizes", 0.02),
        *of.relevant({"y_T": thermal, "y_h": magnetic}, d),
        *(of.on_a_torus(by_size[L].boundary) for L in pair),
    ]


def lost(flow: "BlockFlow") -> tuple[str, str]:
    """The sentence for a verdict, and the status, of a flow in which no fixed point is found."""
    from isinglass.inference.renormalization.matching import turns

    if not turns(flow.change[-1]):
        return "a transition lies in the range", "no transition seen: the flow does not turn within the range"
    law = (
        "three values of the parameter lie so near to the turn that blocking keeps them in the range: sample more there"
    )
    return law, "the flow turns, but too few values of the parameter lie near the turn"


def extremes(flow: "BlockFlow") -> tuple[Estimate, Estimate]:
    """Largest and smallest change of the last level."""
    change = flow.change[-1]
    at = lambda i: Estimate(float(change[0, i]), float(change[1:, i].std()))  # noqa: E731
    return at(change[0].argmax()), at(change[0].argmin())


def arrays(flow: "BlockFlow", found: "MatchedDraws | None", parameter: str) -> "xr.Dataset":
    """The change at each level with its error; exponents of each blocking against the parameter."""
    import xarray as xr

    def both(name: str, dimension: str, levels: "list[CurveDraws]") -> dict[str, Any]:
        value = np.stack([y[0] for y in levels])
        error = np.stack([spread(y) for y in levels])
        return {name: ((dimension, "point"), value), f"{name}_error": ((dimension, "point"), error)}

    out = {"parameter_values": ("point", flow.T)} | both("flow", "level", flow.change)
    out |= both("thermal_exponent", "step", flow.large.thermal) | both("magnetic_exponent", "step", flow.large.magnetic)
    attributes = {"parameter": parameter} | ({"critical_parameter": float(found.critical[-1][0])} if found else {})
    return xr.Dataset(
        out, {"level": np.arange(len(flow.change)), "step": 1 + np.arange(len(flow.large.thermal))}, attributes
    )
