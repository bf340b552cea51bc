# SPDX-License-Identifier: Apache-2.0
"""exp(-iHt)|ψ> and exp(-τH)|ψ> by Krylov subspaces: the exponential of a small tridiagonal matrix at each step.

With T = V† H V of j Lanczos vectors and β_1 ... β_j its off-diagonal elements, the last of them that of the vector
left out, the error of a step Δ is at most Δ^j β_1 ... β_j / j!: Park and Light 1986, doi:10.1063/1.451548; Hochbruck
and Lubich 1997, doi:10.1137/S0036142995280572.
"""

from collections.abc import Callable
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Complex, Float, Int, Shaped

from isinglass.approximation.exact.lanczos import lanczos_step

__all__ = ["Evolution", "evolve", "krylov_basis"]

MOST = 10_000  # steps between two times
TINY = 1e-300


class Evolution(NamedTuple):
    """Norm, observables and last state of an evolution, with the bound on its error."""

    times: Float[Array, " t"]
    observables: Shaped[Array, "t n"]  # <ψ|A|ψ> / <ψ|ψ> of each, at each time
    log_norm: Float[Array, " t"]  # ln |ψ(t)| / |ψ(0)|: 0 in real time
    state: Shaped[Array, " dim"]  # the last one, of the norm of the first
    error: Float[Array, ""]  # the sum of the bounds of all steps: |ψ - exact| / |ψ| is below it
    products: Int[Array, ""]  # how many times H was applied


@eqx.filter_jit
def evolve(
    product: Callable,
    psi: Shaped[Array, " dim"],
    times: Float[Array, " t"],
    observables: tuple[Callable, ...] = (),
    *,
    imaginary: bool = False,
    tolerance: float = 1e-10,
    basis: int = 24,
) -> Evolution:
    """ψ(t) = exp(-iHt) ψ(0), or exp(-Ht) ψ(0) if `imaginary`; `times` from 0 on, ascending.

    Each interval between two times is cut into steps, and each step has as many Lanczos vectors, at most `basis`, as
    the tolerance asks for.  Observables are products v -> A v.  Cost: about |H| t / 4 + 5 products a unit of time.
    Law: real time keeps the norm and <H>; the error is at most `tolerance` x t / t_end, summed, or `error` says more.
    """
    dtype = psi.dtype if imaginary else np.result_type(psi.dtype, np.complex64)
    norm = jnp.linalg.norm(psi)
    start = psi.astype(dtype) / norm.astype(dtype)
    per_time = tolerance / jnp.maximum(times[-1], TINY)

    def to(state, interval):
        psi, error, log_norm, products = state

        def going(s):
            return (s[0] > 0) & (s[-1] < MOST)

        def step(s):
            left, psi, error, log_norm, products, n = s
            krylov = krylov_basis(product, psi, basis, left, per_time, imaginary=imaginary)
            psi, grown = krylov.at(krylov.step)
            left = jnp.where(krylov.step < left, left - krylov.step, 0.0)
            return left, psi, error + krylov.bound, log_norm + grown, products + krylov.size, n + 1

        s = (interval, psi, error, log_norm, products, 0)
        left, psi, error, log_norm, products, _ = jax.lax.while_loop(going, step, s)
        error = jnp.where(left > 0, jnp.inf, error)  # the steps ran out
        measured = jnp.stack([jnp.vdot(psi, A(psi)) for A in observables]) if observables else jnp.zeros(0, dtype)
        return (psi, error, log_norm, products), (measured, log_norm)

    zero = jnp.zeros(())
    intervals = jnp.diff(times, prepend=0.0)
    carry, (measured, log_norms) = jax.lax.scan(to, (start, zero, zero, jnp.zeros((), int)), intervals)
    return Evolution(times, measured, log_norms, carry[0] * norm.astype(dtype), carry[1], carry[3])


class Krylov(NamedTuple):
    """The space of ψ, Hψ, H²ψ ... and a step that it allows."""

    V: Shaped[Array, "m dim"]
    energies: Float[Array, " m"]  # of T
    U: Float[Array, "m m"]  # its eigenvectors
    step: Float[Array, ""]
    bound: Float[Array, ""]  # of the error of this step
    size: Int[Array, ""]  # Lanczos vectors
    factor: Complex[Array, ""] | Float[Array, ""]  # i, or 1 in imaginary time

    def at(self, t: Float[Array, ""]) -> tuple[Shaped[Array, " dim"], Float[Array, ""]]:
        """V exp(-iTt) e_1, normalized, and the logarithm of its norm."""
        dtype = self.factor.dtype
        lowest = self.energies.min() if dtype == self.energies.dtype else jnp.zeros(())
        phases = jnp.exp(-self.factor * ((self.energies - lowest) * t).astype(dtype))
        c = self.U.astype(dtype) @ (phases * self.U[0].astype(dtype))
        norm = jnp.linalg.norm(c)
        return (c / norm.astype(dtype)).astype(self.V.dtype) @ self.V, jnp.log(norm) - lowest * t


def krylov_basis(product, psi, basis: int, left, per_time, *, imaginary: bool) -> Krylov:
    """As many Lanczos vectors as a step of length `left` needs, at most `basis`; then the longest step they allow.

    |exp(-iTt)_{j1}| <= t^{j-1} β_1 ... β_{j-1} / (j-1)!: the defect β_j |exp(-iTt)_{j1}| integrates to the bound.
    In imaginary time an error may grow by exp((<H> - E_0) t) beside the state: E_0 is estimated by the lowest of T.
    """
    m = min(basis, len(psi))
    log_bound = lambda j, betas, t: j * jnp.log(t) + betas - jax.lax.lgamma(j + 1.0)  # noqa: E731

    def short(state):
        _, _, j, betas, open_ = state
        enough = log_bound(j.astype(float), betas, left) <= jnp.log(per_time * left)
        return (j < m) & open_ & ((j == 0) | ~enough)

    def extend(state):
        V, T, j, betas, _ = state
        V, h, beta = lanczos_step(product, V, j)
        T = T.at[j, j].set(h[j].real).at[j + 1, j].set(beta).at[j, j + 1].set(beta)
        return V, T, j + 1, betas + jnp.log(jnp.maximum(beta, TINY)), beta > 0

    V = jnp.zeros((m + 1, len(psi)), psi.dtype).at[0].set(psi)
    start = V, jnp.zeros((m + 1, m + 1)), jnp.zeros((), int), jnp.zeros(()), jnp.ones((), bool)
    V, T, j, betas, _ = jax.lax.while_loop(short, extend, start)
    inside = jnp.arange(m) < j
    T = jnp.where(inside[:, None] & inside[None], T[:m, :m], T[0, 0] * jnp.eye(m))  # the rest stays at 0
    energies, U = jnp.linalg.eigh(T)
    spread = jnp.where(imaginary, T[0, 0] - energies.min(), 0.0)
    steps = left * 2.0 ** (-jnp.arange(0.0, 40.0, 0.5))
    bounds = log_bound(j.astype(float), betas, steps) + spread * steps
    allowed = bounds <= jnp.log(per_time * steps)
    chosen = jnp.argmax(allowed)  # the longest; the first if none is
    one = jnp.ones((), psi.dtype)
    return Krylov(V[:m], energies, U, steps[chosen], jnp.exp(bounds[chosen]), j, one if imaginary else 1j * one)
