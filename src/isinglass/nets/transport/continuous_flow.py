# SPDX-License-Identifier: Apache-2.0
"""Continuous flow, dx/dt = v(t, x), d ln q/dt = -∇·v(t, x): the base density carried along from t = 0 to 1.

Refs: Chen et al. 2018, arXiv:1806.07366; Grathwohl et al. 2018, arXiv:1810.01367.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key, Shaped

from isinglass.nets.density import AbstractDensity
from isinglass.nets.flow.flow import AbstractBijection, Mapped, number_type
from isinglass.nets.layer.runge_kutta import integrate
from isinglass.nets.transport.velocity import AbstractVelocity, divergence_estimate

__all__ = ["ContinuousFlow", "Transport"]

EQUAL_STEPS = ("heun", "rk4")  # order 2 and 4: our own, compiled several times faster than
ADAPTIVE = {"bosh3": "Bosh3", "tsit5": "Tsit5", "dopri8": "Dopri8"}  # order 3, 5, 8, by diffrax


class Transport(AbstractBijection):
    """x(1) from x(0) = z and ln|det dx/dz| = ∫ ∇·v dt, by a Runge-Kutta method.

    `steps` equal steps; with `tolerance` (bosh3, tsit5, dopri8) as many as this error needs, relative and absolute:
    `steps` then sets the first one, and more than 4096 give NaN.
    Law: error of the solver's order in 1/steps, for x, for the density, and for inverse(forward(z)) = z.
    """

    velocity: Any
    steps: int = eqx.field(static=True, default=12)
    solver: str = eqx.field(static=True, default="rk4")
    tolerance: float | None = eqx.field(static=True, default=None)

    def __check_init__(self):
        if self.solver not in (*EQUAL_STEPS, *ADAPTIVE):
            names = ", ".join((*EQUAL_STEPS, *ADAPTIVE))
            raise ValueError(f"expected a solver among {names}; found {self.solver!r}; choose one.")
        if self.tolerance is not None and self.solver not in ADAPTIVE:
            raise ValueError(
                f"expected for a tolerance one of {', '.join(ADAPTIVE)}; found {self.solver!r}; use tsit5."
            )
        if self.steps < 1:
            raise ValueError(f"expected steps >= 1; found {self.steps}; try 8.")

    @property
    def shape(self) -> tuple[int, ...]:
        return self.velocity.shape

    def forward(self, z: Float[Array, "*site"]) -> Mapped:
        """From t = 0 to 1."""
        return self.along(z, self.velocity.with_divergence)

    def inverse(self, x: Float[Array, "*site"]) -> Mapped:
        """From t = 1 back to 0."""
        return self.along(x, self.velocity.with_divergence, backwards=True)

    def move(self, z: Float[Array, "*site"]) -> Float[Array, "*site"]:
        """x(1) alone, which costs no divergence."""
        return self.solve(self.velocity, z)

    def along(self, x: Float[Array, "*site"], with_divergence: Callable, *, backwards: bool = False) -> Mapped:
        """x at the other end and ∫ ∇·v dt on the way."""
        start = (x, jnp.zeros((), x.dtype))
        return self.solve(lambda t, y: with_divergence(t, y[0]), start, backwards=backwards)

    def solve(self, derivative: Callable, start: Any, *, backwards: bool = False) -> Any:
        """The end of dy/dt = derivative(t, y), y(0) = start; from t = 1 to 0 if `backwards`."""
        dtype = jax.tree.leaves(start)[0].dtype
        grid = jnp.linspace(0.0, 1.0, self.steps + 1, dtype=dtype)
        grid = grid[::-1] if backwards else grid
        if self.solver in EQUAL_STEPS:
            return integrate(lambda y, t: derivative(t, y), start, grid, self.solver)  # pyright: ignore
        return self.solve_by_diffrax(derivative, start, grid)

    def solve_by_diffrax(self, derivative: Callable, start: Any, grid: Float[Array, " points"]) -> Any:
        """The same from grid[0] to grid[-1], the first step as far as grid[1]."""
        try:
            import diffrax  # half a second: imported where it is used
        except ImportError:
            raise ImportError(f"{self.solver} needs diffrax: pip install 'isinglass[flows]', or use rk4") from None
        constant, tolerance = self.tolerance is None, self.tolerance
        solution = diffrax.diffeqsolve(
            diffrax.ODETerm(lambda t, y, _: derivative(t, y)),
            getattr(diffrax, ADAPTIVE[self.solver])(),
            grid[0],
            grid[-1],
            grid[1] - grid[0],
            start,
            stepsize_controller=(
                diffrax.ConstantStepSize()
                if tolerance is None
                else diffrax.PIDController(rtol=tolerance, atol=tolerance)
            ),
            max_steps=self.steps + 1 if constant else 4096,
            throw=False,
        )
        reached = solution.result == diffrax.RESULTS.successful
        return jax.tree.map(lambda leaf: jnp.where(reached, leaf[-1], jnp.asarray(jnp.nan, leaf.dtype)), solution.ys)


class ContinuousFlow(AbstractDensity):
    """ln q(x) = ln q_0(x(0)) - ∫_0^1 ∇·v(t, x(t)) dt.  Law: ∫ q(x) dx = 1, to the order of the solver.

    With `probes` > 0, ∇·v is estimated by so many random vectors while training (as dropout: not in inference mode,
    which `fit` and `load_model` set), so that ln q is unbiased but noisy; `log_prob` is always exact.
    """

    base: Any
    transport: Transport
    probes: int = eqx.field(static=True, default=0)
    inference: bool = False

    def __check_init__(self):
        if tuple(self.base.shape) != tuple(self.transport.shape):
            raise ValueError(
                f"expected base and velocity of one shape; found {tuple(self.base.shape)} and "
                f"{tuple(self.transport.shape)}; make both for the same shape."
            )

    @property
    def shape(self) -> tuple[int, ...]:
        return self.base.shape

    @property
    def velocity(self) -> AbstractVelocity:
        """The velocity field v(t, x) of the transport."""
        return self.transport.velocity

    def log_prob(self, x: Shaped[Array, "*site"]) -> Float[Array, ""]:
        """ln q_0(x(0)) - ∫ ∇·v dt, back from x(1) = x."""
        z, log_det = self.transport.inverse(x.astype(number_type(self.transport)))
        return self.base.log_prob(z) + log_det

    def log_prob_estimate(self, key: Key[Array, ""], x: Shaped[Array, "*site"]) -> Float[Array, ""]:
        """Unbiased for ln q(x): with random probes while training, exact in inference mode or without probes."""
        z, log_det = self.transport.along(
            x.astype(number_type(self.transport)), self.with_divergence(key), backwards=True
        )
        return self.base.log_prob(z) + log_det

    def draw(self, key: Key[Array, ""]) -> Shaped[Array, "*site"]:
        """x(1) for x(0) from the base; no divergence is computed."""
        key_base, _ = jax.random.split(key)
        return self.transport.move(self.base.draw(key_base).astype(number_type(self.transport)))

    def draw_with_log_prob(self, key: Key[Array, ""]) -> tuple[Shaped[Array, "*site"], Float[Array, ""]]:
        """x(1) for x(0) from the base, and ln q (estimated while training with probes)."""
        key_base, key_probe = jax.random.split(key)
        z = self.base.draw(key_base).astype(number_type(self.transport))
        x, log_det = self.transport.along(z, self.with_divergence(key_probe))
        return x, self.base.log_prob(z) - log_det

    def with_divergence(self, key: Key[Array, ""]) -> Callable:
        """(v, ∇·v) at (t, x): exact, or by the same probes at all times."""
        if self.probes == 0 or self.inference:
            return self.velocity.with_divergence
        return lambda t, x: divergence_estimate(key, partial(self.velocity, t), x, self.probes)
