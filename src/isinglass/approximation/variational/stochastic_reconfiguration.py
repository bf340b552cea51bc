# SPDX-License-Identifier: Apache-2.0
"""Stochastic reconfiguration: imaginary-time evolution, projected on the parameters.

    (S + λ) δ = F,  S = <ΔO^† ΔO>,  F = <ΔO^† ΔE>,  O_k = ∂ ln ψ / ∂θ_k,  θ <- θ - η δ.

Sorella 1998, doi:10.1103/PhysRevLett.80.4558.  For real parameters the real parts are meant.  It is the ridge
regression of ΔE on ΔO: δ minimizes |A δ - e|² + λ |δ|², A = √w ΔO, e = √w ΔE.
"""

from typing import Literal, NamedTuple, get_args

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.scipy.sparse.linalg
import numpy as np
from jaxtyping import Array, Float, Int, Shaped

from isinglass.approximation.variational.log_derivatives import AbstractDerivatives
from isinglass.approximation.variational.update_rule import AbstractOptimizer, Rate, rate_at

__all__ = ["HeavyBall", "StochasticReconfiguration", "cross_validated_shift", "natural_step"]

Form = Literal["shape", "covariance", "kernel", "iterative"]
RELATIVE = 10.0 ** np.linspace(-8, 0, 41)  # shifts that cross-validation tries, over the largest eigenvalue
TINY = 1e-30
LOWER, HIGHER = 0.8, 4.0  # by which λ changes
LEAST, MOST = 1e-4, 10.0  # of λ beside what it is at first
ITERATIONS = 300  # of conjugate gradients, at most


class Memory(NamedTuple):
    """What the next step needs: the last δ, the shift λ and the number of steps."""

    delta: Shaped[Array, " P"]  # the last δ
    shift: Float[Array, ""]  # λ
    count: Int[Array, ""]


class StochasticReconfiguration(AbstractOptimizer):
    """θ <- θ - η δ.

    `shift` λ: None chooses it every `renew` steps by generalized cross-validation.
    `momentum` μ > 0 is SPRING (Goldshlager et al. 2024, arXiv:2401.10190): δ minimizes |A δ - e|² + λ |δ - μ δ_last|².
    `longest`: |η δ| is cut to it.  `form`: see `natural_step`.
    """

    rate: Rate = 0.1
    shift: float | None = 1e-3
    momentum: float = 0.9
    longest: float | None = 0.2
    form: Form = eqx.field(static=True, default="shape")
    renew: int = eqx.field(static=True, default=50)

    def __check_init__(self):
        if self.form not in get_args(Form):
            raise ValueError(f"Expected a form among {', '.join(get_args(Form))}, found {self.form!r}; choose one.")

    def init(self, theta):
        real = jnp.zeros((), theta.real.dtype)
        return Memory(jnp.zeros_like(theta), real + (self.shift or 0.0), jnp.zeros((), jnp.int32))

    def step(self, derivatives, energies, memory):
        e, shift = derivatives.centered(energies), memory.shift
        if self.shift is None:
            renew = memory.count % self.renew == 0
            shift = jax.lax.cond(renew, lambda: cross_validated_shift(derivatives, e), lambda: shift)
        start = jnp.asarray(self.momentum, e.dtype) * memory.delta
        delta = natural_step(derivatives, e, shift, start, self.form)
        update = rate_at(self.rate, memory.count, delta.dtype) * delta
        if self.longest is not None:
            length = jnp.linalg.norm(update)
            update = update * jnp.minimum(1.0, self.longest / length).astype(update.dtype)
        return update, Memory(delta, shift, memory.count + 1)


class Inertia(NamedTuple):
    """What the next step of a heavy ball needs."""

    velocity: Shaped[Array, " P"]  # the last v
    energy: Float[Array, ""]  # <H> one step before
    variance: Float[Array, ""]  # of the local energy at first
    shift: Float[Array, ""]  # λ
    count: Int[Array, ""]


class HeavyBall(AbstractOptimizer):
    """θ <- θ - v, v <- μ v + η δ; the inertia is dropped after a rise of <H>, and where v leads uphill, Re v^† F <= 0.

    For averages without noise: a mode that lies low decays by √κ steps in place of κ, κ the spread of H over its gap.
    v is cut so that the state moves by |A v| <= `longest` and no ln ψ(x) by more than `steepest`, to first order.
    The shift λ rises by `HIGHER` after a rise of <H> and falls by `LOWER` after a fall, as far as the variance of the
    local energy has fallen: as small as steps stay where ψ is linear in them.  Marquardt 1963, doi:10.1137/0111030.
    Polyak 1964, doi:10.1016/0041-5553(64)90137-5; restarts: O'Donoghue and Candès 2015, arXiv:1204.3982.
    Law: from rest, uncut, the step of stochastic reconfiguration.
    """

    rate: Rate = 0.1
    shift: float = 1e-3
    momentum: float = 0.9
    longest: float = 0.2
    steepest: float = 3.0
    form: Form = eqx.field(static=True, default="shape")

    def init(self, theta):
        real = jnp.zeros((), theta.real.dtype)
        return Inertia(jnp.zeros_like(theta), real + jnp.inf, real, real + self.shift, jnp.zeros((), jnp.int32))

    def step(self, derivatives, energies, memory):
        e, v = derivatives.centered(energies), memory.velocity
        energy, variance = derivatives.w @ jnp.real(energies).astype(derivatives.w.dtype), jnp.sum(jnp.abs(e) ** 2)
        first, rose = jnp.where(memory.count == 0, variance, memory.variance), energy > memory.energy
        least = self.shift * jnp.clip(variance / jnp.maximum(first, TINY), LEAST, 1.0)
        shift = jnp.clip(memory.shift * jnp.where(rose, HIGHER, LOWER), least, MOST * self.shift)
        delta = natural_step(derivatives, e, shift, None, self.form)
        downhill = ~rose & (jnp.real(derivatives.pull(e).conj() @ v) > 0)
        v = jnp.where(downhill, jnp.asarray(self.momentum, v.dtype), 0) * v
        v = v + rate_at(self.rate, memory.count, delta.dtype) * delta
        v = v / jnp.maximum(1.0, self.excess(derivatives, v)).astype(v.dtype)
        return v, Inertia(v, energy, first, shift, memory.count + 1)

    def excess(self, derivatives: AbstractDerivatives, v: Shaped[Array, " P"]) -> Float[Array, ""]:
        """How many times too far v leads: the whole state, or one amplitude."""
        change = jnp.abs(derivatives.push(v)).reshape(-1, len(derivatives.w))  # √w of that of ln ψ
        steep = (change / jnp.sqrt(jnp.maximum(derivatives.w, TINY))[None]).max()
        return jnp.maximum(jnp.linalg.norm(change) / self.longest, steep / self.steepest)


def natural_step(
    derivatives: AbstractDerivatives, e: Shaped[Array, " B"], shift: float | Float[Array, ""],
    start: Shaped[Array, " P"] | None = None, form: Form = "shape",
) -> Shaped[Array, " P"]:  # fmt: skip
    """δ of least |A δ - e|² + λ |δ - start|²; `e` as `derivatives.centered` gives it, `start` by default 0.

    covariance: (A†A + λ)^-1 A†e.  kernel: A†(AA† + λ)^-1 e, the same by push-through (minSR; Chen and Heyl 2024,
    arXiv:2302.01941).  shape: the smaller of the two.  iterative: conjugate gradients, without a matrix.
    Cost: that of the matrix, and its cube; iterative: 2 B P an iteration.
    """
    samples, parameters = derivatives.shape
    if form == "shape":
        form = "covariance" if parameters <= samples else "kernel"
    rest = e if start is None else e - derivatives.push(start)
    if form == "covariance":
        delta = solve(derivatives.covariance(), derivatives.pull(rest), shift)
    elif form == "kernel":
        delta = derivatives.pull(solve(derivatives.kernel(), rest, shift))
    else:
        shift = jnp.asarray(shift).astype(e.dtype)
        apply = lambda d: derivatives.pull(derivatives.push(d)) + shift * d  # noqa: E731
        delta, _ = jax.scipy.sparse.linalg.cg(apply, derivatives.pull(rest), tol=1e-6, maxiter=ITERATIONS)
    return delta if start is None else start + delta


def solve(S: Shaped[Array, "k k"], F: Shaped[Array, " k"], shift: float | Float[Array, ""]) -> Shaped[Array, " k"]:
    """(S + λ)^-1 F by Cholesky."""
    S = S + jnp.asarray(shift).astype(S.dtype) * jnp.eye(len(S), dtype=S.dtype)
    return jax.scipy.linalg.cho_solve(jax.scipy.linalg.cho_factor(S), F)


def cross_validated_shift(derivatives: AbstractDerivatives, e: Shaped[Array, " B"]) -> Float[Array, ""]:
    """λ of least |(1 - H) e|² / tr(1 - H)², H = A (A†A + λ)^-1 A†: the least error predicted for new samples.

    Golub, Heath and Wahba 1979, doi:10.1080/00401706.1979.10489751.  Cost: one diagonalization of the smaller matrix.
    """
    samples, parameters = derivatives.shape
    if parameters <= samples:
        s, V = jnp.linalg.eigh(derivatives.covariance())
        weight = jnp.abs(V.conj().T @ derivatives.pull(e)) ** 2 / jnp.maximum(s, 1e-12 * s[-1])
    else:
        s, V = jnp.linalg.eigh(derivatives.kernel())
        weight = jnp.abs(V.conj().T @ e) ** 2
    weight = jnp.where(s > 1e-12 * s[-1], weight, 0)
    s = jnp.maximum(s, 0)
    shifts = s[-1] * jnp.asarray(RELATIVE, s.dtype)
    left = shifts[:, None] / (s[None] + shifts[:, None])
    error = jnp.sum(jnp.abs(e) ** 2) - weight.sum() + (left**2 @ weight)
    freedom = samples - (1 - left).sum(1)
    return shifts[jnp.argmin(error / freedom**2)]
