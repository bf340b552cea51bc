# SPDX-License-Identifier: Apache-2.0
"""Energy, specific heat and Binder's ratio of a run over temperature, beside the exact curves where they are cheap."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr
from jaxtyping import Float

from isinglass import systems
from isinglass.exact.lattice import enumeration, kaufman, moments, onsager
from isinglass.result import Result
from isinglass.stats.resampling import jackknife
from isinglass.symmetry.value import GlobalRotation, Reflection

if TYPE_CHECKING:
    from isinglass.sampling.ensemble.driver import Draws

__all__ = ["CURVE_ARRAYS", "curve_names", "side_by_side", "thermal_curves"]

QUANTITIES = {
    "energy_per_site": "energy per site",
    "specific_heat": "specific heat per site",
    "binder_ratio": "Binder ratio $U_4$",
}
CURVE_ARRAYS = [name + end for name in QUANTITIES for end in ("", "_error", "_exact", "_infinite")]
CURVE = 121  # temperatures of an exact curve
ENUMERATED, TRANSFERRED = 16, 6  # sites of an enumeration, side of a transfer matrix: under a second for a curve
KAUFMAN, ONSAGER = "Kaufman 1949, doi:10.1103/PhysRev.76.1232", "Onsager 1944, doi:10.1103/PhysRev.65.117"
Array = Float[np.ndarray, "..."]


def thermal_curves(draws: "Draws", temperature: Float[np.ndarray, " T"], system: Any) -> xr.Dataset:
    """energy_per_site(point), specific_heat(point), binder_ratio(point), each with NAME_error, over the chains.

    NAME_exact(curve), of this lattice, and NAME_infinite(curve), of an infinite one, where they are known.
    """
    found = measured(draws.energy, draws.order, temperature, system)
    known = exact(system, temperature) if found else {}
    curve = {"curve": curve_of(temperature)} if known else {}
    return xr.Dataset(found | {name: one for name, one in known.items() if name.rpartition("_")[0] in found}, curve)


def curve_names(arrays: xr.Dataset) -> list[str]:
    """The figures of them, where there are several temperatures or an exact curve."""
    there = [name for name in QUANTITIES if name in arrays]
    drawn = any(arrays.sizes.get(along, 0) > 1 for along in ("point", "curve"))
    return [f"thermal_curve/{name}" for name in there if drawn and np.isfinite(arrays[name]).any()]


def side_by_side(results: Mapping[int, Result]) -> xr.Dataset:
    """The curves of several lattice sizes at the same temperatures, along `size_of_curve`."""
    names = [n for n in QUANTITIES if all(n in one.arrays for one in results.values())]
    wanted = [n for n in CURVE_ARRAYS if n.startswith(tuple(names))]
    parts = [one.arrays[[n for n in wanted if n in one.arrays]] for one in results.values()]
    bare = [part.drop_vars([c for c in part.coords if c not in ("point", "curve")]) for part in parts]
    size = xr.IndexVariable("size_of_curve", list(results))
    options: Any = {"data_vars": "all", "coords": "minimal", "compat": "override", "join": "outer"}
    return xr.concat(bare, dim=size, combine_attrs="drop_conflicts", **options).drop_attrs(deep=False)


def measured(
    energy: Float[np.ndarray, "T R M"], order: Float[np.ndarray, "T R M"], temperature: Float[np.ndarray, " T"],
    system: Any,
) -> dict[str, Any]:  # fmt: skip
    """u = <E>/N, c = (<E²> - <E>²)/(N T²) and U_4 = 1 - <m⁴>/(3<m²>²), leaving out one chain after the other."""
    if energy.shape[1] < 2 or not (np.isfinite(energy).all() and np.isfinite(order).all()):
        return {}
    N, center = system.n_sites, energy.mean(axis=(1, 2), keepdims=True)
    off = energy - center  # so that squares of large energies do not cancel
    means = jnp.asarray(np.stack([power.mean(axis=2) for power in (off, off**2, order**2, order**4)], axis=-1))

    def of_chains(rows):
        E, E2, m2, m4 = rows.mean(axis=0)
        return jnp.stack([E / N, (E2 - E**2) / N, 1 - m4 / (3 * m2**2)])

    value, error = (np.array(a) for a in jax.vmap(lambda rows: jackknife(of_chains, rows, len(rows)))(means))
    value[:, 0] += center[:, 0, 0] / N
    value[:, 1], error[:, 1] = value[:, 1] / temperature**2, error[:, 1] / temperature**2
    error = np.where(error > 0, error, np.nan)  # chains that are all alike tell none
    names = list(QUANTITIES)[: 3 if is_magnet(system) else 2]
    return {
        name + end: ("point", column[:, k], {"long_name": QUANTITIES[name]})
        for k, name in enumerate(names)
        for end, column in (("", value), ("_error", error))
    }


def is_magnet(system: Any) -> bool:
    """Has it one order parameter whose sign or direction is free, and nothing that frustrates it?"""
    uniform = isinstance(system, systems.AbstractPairSystem) and system.J.shape == () and bool(system.J > 0)
    return uniform and (system.has(Reflection) or system.has(GlobalRotation))


def curve_of(temperature: Float[np.ndarray, " T"]) -> Float[np.ndarray, " curve"]:
    """Temperatures of an exact curve: those of the run and what lies between; about a single one, a tenth of it."""
    low, high = float(temperature.min()), float(temperature.max())
    return np.linspace(*((low, high) if high > low else (0.9 * low, 1.1 * low)), CURVE)


def exact(system: Any, temperature: Float[np.ndarray, " T"]) -> dict[str, Any]:
    """What is known exactly of Ising models without field and with one coupling J > 0: cost below a second."""
    if not isinstance(system, systems.Ising) or not is_magnet(system) or not system.has(Reflection):
        return {}
    J, T = float(system.J), curve_of(temperature)
    found: dict[str, tuple[Array, str]] = {}
    square = system.graph.name == "square" and len(system.shape) == 2
    if square:
        found["energy_per_site_exact"] = J * np.asarray(kaufman.energy(T / J, *system.shape)), KAUFMAN
        found["specific_heat_exact"] = np.asarray(kaufman.specific_heat(T / J, *system.shape)), KAUFMAN
        heat = np.asarray(onsager.specific_heat(T, J))
        found["energy_per_site_infinite"] = np.asarray(onsager.energy(T, J)), ONSAGER
        found["specific_heat_infinite"] = np.where(np.isfinite(heat), heat, np.nan), ONSAGER
        found["binder_ratio_infinite"] = np.where(T < onsager.critical_temperature(J), 2 / 3, 0.0), "2/3 below T_c"
    if system.n_sites <= ENUMERATED:
        for name, curve in enumerated(system, T).items():
            found.setdefault(f"{name}_exact", (curve, f"all {2**system.n_sites} configurations"))
    elif square and system.shape[0] == system.shape[1] <= TRANSFERRED:
        binder = np.array([moments.magnetization_moments(t / J, system.shape[0]).U4 for t in T])
        found["binder_ratio_exact"] = binder, "transfer matrix"
    return {name: ("curve", curve, {"source": source}) for name, (curve, source) in found.items()}


def enumerated(system: Any, T: Float[np.ndarray, " curve"]) -> dict[str, Array]:
    """Sums over all 2^N configurations."""
    N, J = system.n_sites, float(system.J)
    E = np.concatenate(list(enumeration.ising_energies(N, np.asarray(system.graph.bonds), J)))
    m = np.concatenate([enumeration.spins(x).mean(axis=1) for x in enumeration.configurations(N)])
    rows = []
    for t in T:
        p = np.exp((E.min() - E) / t)
        u, square, m2, m4 = (p @ np.stack([E, E**2, m**2, m**4], axis=1)) / p.sum()
        rows.append((u / N, (square - u**2) / (N * t**2), 1 - m4 / (3 * m2**2)))
    return dict(zip(QUANTITIES, np.array(rows).T, strict=True))
