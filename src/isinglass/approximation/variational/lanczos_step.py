# SPDX-License-Identifier: Apache-2.0
"""One Lanczos step from a neural state: a lower energy, and the energy at zero variance.

With Δ = H - E, E = <H>, e = Δψ/ψ and f = Δ²ψ/ψ, the best of all states (1 + a Δ) ψ has the energy and variance

    E_1 = E + δ,   δ = t/2 - √(t²/4 + <f>),   t = <e* f> / <|e|²>,   a = δ / <f>,
    V_1 = <|e + a f|²> / <|1 + a e|²> - δ².

<f> and <|e|²> are both the variance V; in this place δ is without noise where (1 + a Δ) ψ is an eigenstate.  E_1 is
variational too.  Near an eigenstate E - E_0 is proportional to V, and the line through both states ends at V = 0.
Sorella 2001, doi:10.1103/PhysRevB.64.024512; Hu, Becca, Parola and Sorella 2013, arXiv:1304.2630.
"""

from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, Key, Shaped

from isinglass.approximation.variational.born_sampling import AbstractBornSampler
from isinglass.approximation.variational.local_energy import hops, local_energy
from isinglass.nets.wavefunction.quantum_state import AbstractQuantumState, AbstractWalker
from isinglass.result import Estimate
from isinglass.stats.resampling import jackknife, mean_over_groups
from isinglass.systems.quantum.hamiltonian import Hamiltonian

__all__ = ["LanczosStep", "improved", "lanczos_step", "local_square"]

CLOSED = 1e-14  # variance beside E², of an eigenstate
BLOCKS = 32  # of chains, for the error
AT_ONCE = 4096  # local energies
SMALL = 0.1  # a² <|e|²> of a change small enough to be believed
MOST = 1 << 21  # amplitudes in all, where states are sampled


class LanczosStep(NamedTuple):
    """Energy and variance after one Lanczos step, and the energy extrapolated to zero variance."""

    energy: Estimate  # E_1, never below E_0 but by chance
    variance: Estimate  # V_1
    extrapolated: Estimate  # at V = 0: no bound; its error is that of chance and, beside it, a quarter of E_1 - it

    def estimates(self, energy: Estimate) -> dict[str, Estimate]:
        """Name -> estimate, as a result prints them beside the energy before the step."""
        found = {"ground_state_energy/one_lanczos_step": self.energy}
        extrapolated = {"ground_state_energy/at_zero_variance": self.extrapolated}
        return found | (extrapolated if self.extrapolates(energy) else {})

    def extrapolates(self, energy: Estimate) -> bool:
        """Whether the line to V = 0 leads down, by more than its error: else it is no estimate.

        Of sums over all states it is none either: without chance its error would be the bend of the line alone, which
        does not show a share of a near level, whose energy has hardly any variance; and the exact energy is known.
        """
        down = energy.value - self.extrapolated.value > (self.extrapolated.error or 0.0)
        return down and bool(energy.error)


def local_square(
    hamiltonian: Hamiltonian, walker: AbstractWalker, n: Int[Array, " N"], center: Float[Array, ""]
) -> tuple[Shaped[Array, ""], Shaped[Array, ""]]:
    """e and f of one configuration: the local energies of all that it is connected with, weighted like ψ."""
    here, weights, ratio = (a.astype(complex) for a in hops(hamiltonian, walker, n))
    there = jax.vmap(lambda n: local_energy(hamiltonian, walker, n))(hamiltonian.connected(n)).astype(complex)
    hop, center = weights * ratio, center.astype(complex)
    e = here + hop.sum() - center
    return e, (here - center) * e + hop @ jnp.where(weights != 0, there - center, 0)


@eqx.filter_jit
def drawn_moments(key, hamiltonian, sampler, psi, memory, center, chunk: int):
    """e, f, |e|², e* f, |f|² of every sample [R, D, 5], and their weights."""
    space = hamiltonian.space
    drawn, _ = sampler.draw(key, psi, memory, space)
    few = drawn.n if drawn.weights is not None else drawn.n[: enough(hamiltonian, drawn.n.shape)]
    walker, n = psi.walker(), few.reshape(-1, space.n_sites)
    e, f = jax.lax.map(lambda n: local_square(hamiltonian, walker, n, center), n, batch_size=chunk)
    rows = jnp.stack([e.real, f.real, jnp.abs(e) ** 2, (e.conj() * f).real, jnp.abs(f) ** 2], axis=-1)
    return rows.reshape(*few.shape[:2], 5), drawn.weights


def enough(hamiltonian: Hamiltonian, shape: tuple[int, ...]) -> int:
    """How many chains are used: all where that is not too much work, never fewer than two blocks of them."""
    M = len(hamiltonian.moved)
    return min(shape[0], max(2 * BLOCKS, MOST // max(1, M**2 * shape[1])))


def improved(means: Float[Array, " 5"]) -> Float[Array, " 4"]:
    """E_1, V_1, the energy at V = 0 and a² <|e|²> from the means of e, f, |e|², e* f and |f|².

    Energies are counted from the center.  The center need not be exact: first it is moved to the mean of e.
    a² <|e|²> tells how large the change is.
    """
    c, f, ee, ef, ff = means
    ff = ff - 4 * c * ef + 4 * c**2 * ee + 2 * c**2 * f - 3 * c**4
    ef = ef - 2 * c * ee - c * f + 2 * c**3
    ee, f = ee - c**2, f - c**2
    t = ef / ee
    delta = t / 2 - jnp.sqrt(t**2 / 4 + f)
    a = delta / f
    variance = (ee + 2 * a * ef + a**2 * ff) / (1 + a**2 * ee) - delta**2
    line = delta * ee / (ee - variance)
    return jnp.stack([c + delta, variance, c + line, a**2 * ee])


@eqx.filter_jit
def with_error(chains: Float[Array, "R 5"]) -> tuple[Float[Array, " 4"], Float[Array, " 4"]]:
    """`improved` of the mean of the chains, and its error from leaving out some of them."""
    return jackknife(lambda rows: improved(rows.mean(axis=0)), chains, min(BLOCKS, len(chains)))


def lanczos_step(
    key: Key[Array, ""],
    hamiltonian: Hamiltonian,
    sampler: AbstractBornSampler,
    psi: AbstractQuantumState,
    memory: Any,
    center: float,
) -> LanczosStep | None:
    """One Lanczos step from the samples of one step; `memory`: chains in equilibrium; `center`: <H>, about.

    None where the change is large, although <f>, which drives it, is not above its noise: ψ is so near to an
    eigenstate that what is left lies on states of almost no amplitude, which samples miss.
    Cost: a local energy for each way to move from each sample; of many chains of large systems only some are used.
    Law: with all states, E_1 is the lower eigenvalue of H in the plane of ψ and Hψ.
    """
    chunk = max(1, AT_ONCE // max(1, len(hamiltonian.moved)))
    rows, weights = drawn_moments(key, hamiltonian, sampler, psi, memory, jnp.asarray(center), chunk)
    means = rows.mean(axis=(0, 1)) if weights is None else jnp.asarray(weights) @ rows.reshape(-1, 5)
    if means[2] < CLOSED * center**2:
        width = float(np.sqrt(means[2]))  # an eigenvalue lies within it; the noise of the center is smaller still
        return LanczosStep(Estimate(center, width), Estimate(0.0, float(means[2])), Estimate(center, width))
    value, error = improved(means), jnp.zeros(4)
    if weights is None:
        f, noise = mean_over_groups(rows[..., 1].mean(axis=1))
        if f < 2 * noise and not value[3] < SMALL:
            return None
        value, error = with_error(rows.mean(axis=1))
    if not jnp.isfinite(value).all():
        return None
    (delta, variance, line, _), errors = np.asarray(value), np.asarray(error)
    doubt = abs(line - delta) / 4
    return LanczosStep(
        Estimate(center + float(delta), float(errors[0])),
        Estimate(float(variance), float(errors[1])),
        Estimate(center + float(line), float(np.hypot(errors[2], doubt))),
    )
