# SPDX-License-Identifier: Apache-2.0
"""The flow v → h → v of restricted Boltzmann machines, and the temperature of what they make of Ising configurations.

h is drawn from p(h|v), then v from p(v|h): block Gibbs sampling, so that the law of v ends at that of the machine.
Of a stack h goes up through every machine, and down again; its law is the law of no single machine.
Refs: Iso, Shiba & Yokoo 2018, arXiv:1801.07172; Funai & Giataganas 2018, arXiv:1810.08179.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, Int8

from isinglass.errors import InputError
from isinglass.exact.lattice.kaufman import specific_heat, temperature_of_energy
from isinglass.exact.lattice.moments import MagnetizationThermometer
from isinglass.systems.lattice.boltzmann_machine import RestrictedBoltzmannMachine, drawn

__all__ = ["STEPS", "IsingThermometry", "MachineFlow", "hidden_spins", "machine_flow", "reconstructed", "thermometry"]

STEPS = (0, 1, 3, 10, 30, 100, 300, 1000)
Machines = tuple[RestrictedBoltzmannMachine, ...]


class IsingThermometry(NamedTuple):
    """Of n configurations: temperatures by two means, and whether their energies spread as at one temperature."""

    temperature: float  # by the mean energy, exact of this lattice
    temperature_error: float
    by_magnetization: float  # by the mean |m|; NaN without a thermometer
    by_magnetization_error: float
    spread: float  # variance of the energy over that of the Ising model at `temperature`: 1 for its configurations
    spread_error: float


class MachineFlow(NamedTuple):
    """Configurations after some reconstructions, and their thermometry."""

    step: tuple[int, ...]
    configurations: Int8[np.ndarray, "step n L L"]
    of_step: tuple[IsingThermometry, ...]


def machine_flow(
    key, machine: Any, x: Any, *, steps: Sequence[Any] = STEPS,
    magnetization: MagnetizationThermometer | None = None, groups: Any = None,
) -> MachineFlow:  # fmt: skip
    """Reconstruct configurations x [n, L, L] of ±1 again and again, and take their temperature after `steps` times.

        found = machine_flow(0, result.models["machine"], x)
        print([one.temperature for one in found.of_step])

    `machine`: one, or a stack from below.  `groups` [n]: the Markov chain of each row, which errors are over; rows are
    independent if not given.
    Errors: InputError for other rows, rows or a thermometer of another size, steps that do not rise from 0 or more.
    """
    machines = as_stack(machine)
    try:
        rows = np.asarray(x)
    except ValueError:
        raise InputError("configurations [n, L, L]", "rows of several lengths", "give an array") from None
    if rows.ndim != 3 or len(rows) < 2 or rows.shape[1] != rows.shape[2] or rows.shape[1] < 2:  # noqa: PLR2004
        raise InputError("configurations [n, L, L]", f"shape {list(rows.shape)}", "give two or more of an L x L torus")
    if rows.dtype.kind not in "biuf" or not np.isin(rows, (-1, 1)).all() or machines[0].visible != "spin":
        found = f"a machine of {machines[0].visible} units" if np.isin(rows, (-1, 1)).all() else "other values"
        raise InputError("spins ±1, and a machine of spins", found, "use 2*x - 1; other rows: `reconstructed`")
    group = np.arange(len(rows)) if groups is None else np.asarray(groups)
    if group.shape != rows.shape[:1] or len(np.unique(group)) < 2:  # noqa: PLR2004
        raise InputError("a group for each configuration, two or more", f"shape {list(group.shape)}", "leave it out")
    if magnetization is not None and magnetization.side != rows.shape[1]:
        found = f"one of side {magnetization.side}"
        raise InputError(f"a thermometer of side {rows.shape[1]}", found, "abs m depends on the side: make another")
    flat = rows.reshape(len(rows), -1).astype(float)
    made = reconstructed(key, machines, flat, steps).reshape(-1, *rows.shape).astype(np.int8)
    return MachineFlow(tuple(steps), made, tuple(thermometry(s, magnetization, group) for s in made))


def reconstructed(
    key, machine: Any, v: Float[Array | np.ndarray, "n D"], steps: Sequence[Any] = STEPS
) -> Float[np.ndarray, "steps n D"]:  # fmt: skip
    """The rows after so many times v → h → v, of any machine or stack, in single precision.  Step 0: the rows.

    Law: rows of the machine's own law keep it.  Cost of a step: 4 n D M.
    """
    machines, at = as_stack(machine), np.asarray(steps)
    if at.ndim != 1 or not len(at) or at.dtype.kind not in "iu" or at[0] < 0 or (np.diff(at) <= 0).any():
        raise InputError("steps, whole numbers that rise from 0 or more", f"{list(steps)[:8]}", "try (0, 1, 10, 100)")
    if np.ndim(v) != 2 or np.shape(v)[1] != machines[0].n_sites:  # noqa: PLR2004
        expected = f"rows of {machines[0].n_sites} numbers, as the machine has"
        raise InputError(expected, f"shape {list(np.shape(v))}", "flatten them, or train a machine on such rows")
    key = jax.random.key(key) if isinstance(key, int) else key
    single = jax.tree.map(lambda a: jnp.asarray(a, jnp.float32), machines)
    return np.asarray(going(key, single, jnp.asarray(v, jnp.float32), jnp.asarray(at)), float)


def hidden_spins(key, machine: RestrictedBoltzmannMachine, v: Float[Array | np.ndarray, "n D"]) -> np.ndarray:
    """h [n, M] from p(h|v): rows for the next machine of a stack."""
    return np.asarray(drawn_hidden(key, machine, jnp.asarray(v, machine.weights.dtype)))


@eqx.filter_jit
def drawn_hidden(key, machine: RestrictedBoltzmannMachine, v: Float[Array, "n D"]) -> Float[Array, "n M"]:
    """h of every row."""
    f = jax.vmap(machine.hidden_fields)(v)
    return drawn(machine.hidden, f, jax.random.uniform(key, f.shape, f.dtype, 1e-6))


def thermometry(
    s: Int8[np.ndarray, "n L L"], magnetization: MagnetizationThermometer | None = None, group: Any = None
) -> IsingThermometry:
    """Of configurations on the L x L torus; errors over groups of rows, each row its own if not given.

    Law: of Ising configurations both temperatures agree and the spread is 1.
    """
    n, L = len(s), s.shape[-1]
    x = s.astype(float)
    energy = -(x * (np.roll(x, 1, axis=-1) + np.roll(x, 1, axis=-2))).mean(axis=(-2, -1))
    of = np.unique(np.arange(n) if group is None else group, return_inverse=True)[1]
    u, u_error = mean_over_groups(energy, of)
    T = temperature_of_energy(u, L)
    heat = float(specific_heat(T, L)) if 0 < T < np.inf else np.nan
    variance, variance_error = mean_over_groups((energy - u) ** 2, of)
    canonical = heat * T**2 / L**2 if 0 < T < np.inf else np.nan
    m, m_error = mean_over_groups(np.abs(x.mean(axis=(-2, -1))), of)
    by_m = by_m_error = np.nan
    if magnetization is not None:
        by_m = magnetization.temperature(m)
        near = [magnetization.temperature(m + sign * m_error) for sign in (1, -1)]
        by_m_error = abs(near[1] - near[0]) / 2 if np.isfinite(near).all() else np.nan
    return IsingThermometry(T, u_error / heat, by_m, by_m_error, variance / canonical, variance_error / canonical)


def mean_over_groups(y: Float[np.ndarray, " n"], of: Int[np.ndarray, " n"]) -> tuple[float, float]:
    """Mean, and its error by the spread of the sums of groups."""
    mean, size = y.mean(), np.bincount(of)
    off = np.bincount(of, y) - mean * size
    G = len(size)
    return float(mean), float(np.sqrt((off**2).sum() * G / (G - 1)) / len(y))


def as_stack(machine: Any) -> Machines:
    """The machines from below.  Errors: InputError for none, for others, where one does not fit on the one below."""
    machines = (machine,) if isinstance(machine, RestrictedBoltzmannMachine) else tuple(machine or ())
    if not machines or not all(isinstance(one, RestrictedBoltzmannMachine) for one in machines):
        found = ", ".join(type(one).__name__ for one in machines) or "none"
        raise InputError("a RestrictedBoltzmannMachine, or several", found, 'give result.models["machine"]')
    for below, above in zip(machines, machines[1:], strict=False):
        if below.hidden != above.visible or below.hidden_bias.size != above.n_sites:
            found = f"{below.hidden_bias.size} {below.hidden} units below {above.n_sites} {above.visible} ones"
            raise InputError("machines whose visible units are the hidden ones below", found, "train it on these")
    return machines


@eqx.filter_jit
def going(key, machines: Machines, v: Float[Array, "n D"], steps: Int[Array, " steps"]) -> Float[Array, "steps n D"]:
    """Rows after `steps` reconstructions."""

    def one(number, x):
        keys = iter(jax.random.split(jax.random.fold_in(key, number), 2 * len(machines)))
        unit = lambda kind, f: drawn(kind, f, jax.random.uniform(next(keys), f.shape, f.dtype, 1e-6))  # noqa: E731
        for machine in machines:
            x = unit(machine.hidden, jax.vmap(machine.hidden_fields)(x))
        for machine in reversed(machines):
            x = unit(machine.visible, jax.vmap(machine.visible_fields)(x))
        return x

    def segment(x, ends):
        x = jax.lax.fori_loop(ends[0], ends[1], one, x)
        return x, x

    first = jnp.concatenate([jnp.zeros(1, steps.dtype), steps[:-1]])
    return jax.lax.scan(segment, v, (first, steps))[1]
