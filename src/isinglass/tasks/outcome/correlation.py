# SPDX-License-Identifier: Apache-2.0
"""Correlations of the sites of a measured state: by distance where H is invariant under translations, else by pairs."""

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from isinglass import approximation, systems
from isinglass.errors import InputError

if TYPE_CHECKING:
    import xarray as xr

    from isinglass.approximation.variational.energy import Energy
    from isinglass.systems.quantum.hamiltonian import Hamiltonian
    from isinglass.systems.quantum.quantum_numbers import QuantumNumbers

__all__ = ["correlation_arrays", "correlation_figures", "level_correlations"]

MOST_SITES = 128  # of which all pairs are taken
MOST_WORDS = 1 << 20  # terms of H times translations, that are compared
MOST_STATES = 1 << 20  # that are summed
MEANING = {"zz": "<Z_i Z_j>, Z = ±1,", "sz": "<S^z_i S^z_j>", "density": "<n_i n_j>"}


def correlation_arrays(hamiltonian: "Hamiltonian", found: "Energy", lattice: tuple[int, ...] | None) -> "xr.Dataset":
    """`zz_correlation`, `sz_correlation` or `density_correlation` with its error, from the samples of the energy.

    Not connected: <v_i v_j> itself.  None of more than 128 sites without translations.
    """
    import xarray as xr

    space, shape = hamiltonian.space, torus(hamiltonian, lattice)
    if shape is None and space.n_sites > MOST_SITES:
        return xr.Dataset()
    of = approximation.variational.correlation.correlations_of_samples
    return table(hamiltonian, *of(space, found.n, found.weights, shape), shape)


def level_correlations(
    hamiltonian: "Hamiltonian", psi: Any, numbers: "QuantumNumbers | None", lattice: tuple[int, ...] | None
) -> "xr.Dataset":
    """The same of a vector, without error: sums over all basis states n, in a block over their images g n.

    Of |r~> = P|r> / √<r|P|r> all images g r have one probability.  None of a space of more than 2^20 states.
    """
    import xarray as xr

    space = hamiltonian.space
    if space.size > MOST_STATES:
        return xr.Dataset()
    p, shape = np.abs(np.asarray(psi)) ** 2, torus(hamiltonian, lattice)
    p /= p.sum()
    if numbers is None:
        images = [space.states()]
    else:
        block = systems.quantum.symmetric_space.SymmetricSpace(space, *numbers.whole())
        images = [block.image(table, block.codes) for table in block.images]
    of = approximation.variational.correlation.correlations_of_samples
    each = [of(space, (codes[:, None] // space.radix % space.levels)[None], p, shape)[0] for codes in images]
    C = sum(each) / len(images)
    return table(hamiltonian, C, np.zeros_like(C), shape)


def correlation_figures(arrays: "xr.Dataset") -> list[str]:
    """The figure of the correlations, where there are some."""
    return ["correlation"] if any(str(name).endswith("_correlation") for name in arrays) else []


def table(hamiltonian: "Hamiltonian", C: Any, error: Any, shape: tuple[int, ...] | None) -> "xr.Dataset":
    """Correlations by distance on a torus, to half of a ring; else by pairs."""
    import xarray as xr

    space = hamiltonian.space
    if shape is None:
        dims: dict[str, Any] = {"site": np.arange(space.n_sites), "other_site": np.arange(space.n_sites)}
    elif len(shape) == 1:
        dims = {"distance": np.arange(shape[0] // 2 + 1)}
        C, error = C[: shape[0] // 2 + 1], error[: shape[0] // 2 + 1]
    else:
        dims = {f"d{axis}": np.arange(L) for axis, L in zip("xyzuvw", shape, strict=False)}
    kind = "density" if space.kind != "spin" else "zz" if space.levels == 2 else "sz"
    which = "of all pairs i, j" if shape is None else "averaged over all i, j = i + r"
    about = {"long_name": f"{MEANING[kind]} {which}, not connected"}
    return xr.Dataset(
        {f"{kind}_correlation": (tuple(dims), C, about), f"{kind}_correlation_error": (tuple(dims), error)}, coords=dims
    )


def torus(hamiltonian: "Hamiltonian", lattice: tuple[int, ...] | None) -> tuple[int, ...] | None:
    """The sides of the torus whose translations all leave H as it is: those given, else a ring; None where they do not.

    Sites in C order.
    """
    sides = tuple(lattice) if lattice is not None else (hamiltonian.space.n_sites,)
    N, words = hamiltonian.space.n_sites, systems.quantum.hamiltonian.canonical(hamiltonian.operator, hamiltonian.space)
    if prod(sides) != N or len(sides) > 6 or N * len(words) > MOST_WORDS:
        return None
    try:
        approximation.variational.ansatz.translations(hamiltonian, sides, at_least=N)
    except InputError:
        return None
    return sides
