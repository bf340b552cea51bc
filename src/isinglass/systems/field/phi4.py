# SPDX-License-Identifier: Apache-2.0
"""The phi^4 field on a lattice: one real variable at each site; without the quartic term a free field."""

from collections.abc import Callable
from typing import ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Shaped

from isinglass.errors import InputError
from isinglass.exact.field import phi4
from isinglass.symmetry.symmetry import AbstractSymmetry
from isinglass.symmetry.value import Reflection
from isinglass.symmetry.variable import AbstractVariable, Reals
from isinglass.systems.graph import Graph, hypercubic, sides_of
from isinglass.systems.system import AbstractPairSystem, finite, positive

__all__ = ["Phi4", "free_field", "phi4_hopping"]

POINTS = 64  # temperatures, above which a chain is solved at so many alone


class Phi4(AbstractPairSystem):
    """S(φ) = Σ_x [Σ_μ (φ_(x+μ) - φ_x)² + m² φ_x² + λ φ_x⁴] = -J Σ_<xy> φ_x φ_y + Σ_x (r φ_x² + λ φ_x⁴), periodic.

    J = 2, r = m² + 2d; p(φ) = exp(-S(φ)) / Z at temperature 1.  `phi4_hopping` and `free_field` are the other usual
    parametrizations.  Shape: φ as the lattice.  Law: S(-φ) = S(φ).  Ref: Albergo et al. 2019, arXiv:1904.12072.
    """

    graph: Graph
    beta: Float[Array, ""]
    J: Float[Array, "*bonds"]
    r: Float[Array, ""]  # coefficient of φ²
    lam: Float[Array, ""]  # λ, coefficient of φ⁴
    variable: ClassVar[AbstractVariable] = Reals()
    symmetries: tuple[AbstractSymmetry, ...] = eqx.field(static=True)

    def __init__(self, shape, *, m2=-4.0, lam=8.0, temperature=1.0):
        """`shape` in 1, 2, 3 ... dimensions; `m2` is m², `lam` is λ >= 0; at λ = 0, m² > 0."""
        finite("m2", m2)
        finite("lam", lam)
        shape = sides_of(shape)
        if not (lam > 0 or (lam == 0 and m2 > 0)):
            raise ValueError(
                f"A phi^4 field needs lam > 0, or lam = 0 and m2 > 0, got lam = {lam}, m2 = {m2}: exp(-S) has no "
                "integral; use for example m2=-4, lam=8."
            )
        self.graph = hypercubic(shape)
        self.beta = jnp.asarray(1.0 / positive("temperature", temperature))
        self.J = jnp.asarray(2.0)
        self.r, self.lam = jnp.asarray(m2 + 2.0 * len(shape), float), jnp.asarray(lam, float)
        self.symmetries = (Reflection(), *self.graph.symmetries)

    def pair_energy(self, a: Shaped[Array, "*n"], b: Shaped[Array, "*n"]) -> Float[Array, "*n"]:
        """e(a, b) = -a b."""
        return -a * b

    def site_energy(self, a: Shaped[Array, "*n"]) -> Float[Array, "*n"]:
        """v(φ) = r φ² + λ φ⁴."""
        square = a * a
        return square * (self.r.astype(a.dtype) + self.lam.astype(a.dtype) * square)

    def propose(self, key, x: Shaped[Array, " n"]) -> Shaped[Array, " n"]:
        """φ + u, u uniform in (-1, 1)."""
        return x + jax.random.uniform(key, x.shape, x.dtype, -1.0, 1.0)

    def reflect(self, key, x: Shaped[Array, "*site"]) -> Shaped[Array, "*site"]:
        """R φ = -φ at every site."""
        return -x

    def random_configuration(self, key) -> Float[Array, "*site"]:
        """Independent φ_x ~ N(0, 1): a starting configuration, since beta = 0 cannot be normalized."""
        return self.variable.random(key, self.shape)

    def order_parameter(self, x: Shaped[Array, "*site"]) -> Float[Array, ""]:
        """φ̄ = (1/V) Σ_x φ_x, the magnetization."""
        return jnp.mean(x)

    def exact_energy(self, temperature: Float[np.ndarray, " T"]) -> Float[np.ndarray, " T"] | None:
        """<S>/V = T/2 - λ <φ⁴>: for the free field, chains, and tori of at most 16 sites with rows up to 3."""
        lam, T = float(self.lam), np.asarray(temperature, float)
        if lam == 0:
            return T / 2
        small = len(self.shape) == 2 and self.graph.n_sites <= 16 and min(self.shape) <= 3
        if not (small or len(self.shape) == 1):
            return None
        mean = lambda T: np.array([self.exact_moments(float(t)).phi4 for t in T])  # noqa: E731
        try:
            return T / 2 - lam * (by_polynomial(mean, T) if len(self.shape) == 1 and len(T) > POINTS else mean(T))
        except InputError:  # too deep in the ordered phase for the nodes of the torus
            return None

    def exact_moments(self, temperature: float = 1.0) -> phi4.FieldMoments:
        """ln Z, <φ²>, <φ⁴> and χ of a chain or a torus up to four sites wide.  Cost: seconds for 4 x 4.

        Raises InputError where Gauss nodes do not resolve the field to 1e-3.
        """
        J, r, lam = (float(c) / temperature for c in (self.J, self.r, self.lam))
        if len(self.shape) == 1:
            return phi4.chain(*self.shape, J=J, r=r, lam=lam).moments
        Lx, Ly = sorted(self.shape, reverse=True)
        return phi4.torus(Lx, Ly, J=J, r=r, lam=lam)


def by_polynomial(f: Callable, T: Float[np.ndarray, " T"]) -> Float[np.ndarray, " T"]:
    """f(T) of a function that is analytic in ln T: the polynomial through POINTS nodes of Chebyshev.

    Law: its last coefficients are below 1e-9 of the largest; if not, f itself.
    """
    ends = [float(np.log(T.min())), float(np.log(T.max()))]
    if ends[0] == ends[1]:
        return np.full(T.shape, f(T[:1])[0])
    found = np.polynomial.Chebyshev.interpolate(lambda u: f(np.exp(u)), POINTS - 1, ends)
    size = np.abs(found.coef)
    return found(np.log(T)) if size[-4:].max() < 1e-9 * size.max() else f(T)


def phi4_hopping(shape, *, kappa: float, lam: float, temperature: float = 1.0) -> Phi4:
    """S = Σ_x [-2κ Σ_μ φ_x φ_(x+μ) + (1 - 2λ) φ_x² + λ φ_x⁴], Ising limit λ → ∞.

    At λ = 0, 2d |κ| < 1, or exp(-S) has no integral.
    """
    shape = sides_of(shape)
    if finite("lam", lam) == 0 and not 2 * len(shape) * abs(finite("kappa", kappa)) < 1:
        raise InputError(f"lam above 0, or |kappa| below {0.5 / len(shape):g}", f"lam = 0 and kappa = {kappa}",
                         "exp(-S) has no integral; use for example lam=0.5")  # fmt: skip
    made = Phi4(shape, lam=lam, m2=1.0 if lam == 0 else -1.0, temperature=temperature)
    return eqx.tree_at(
        lambda s: (s.J, s.r), made, (jnp.asarray(2.0 * finite("kappa", kappa)), jnp.asarray(1.0 - 2.0 * lam))
    )


def free_field(shape, *, m2: float, temperature: float = 1.0) -> Phi4:
    """S = ½ Σ_x [Σ_μ (φ_(x+μ) - φ_x)² + m² φ_x²]: exactly solvable, `exact/field/free_field.py`."""
    made = Phi4(shape, m2=m2, lam=0.0, temperature=temperature)
    return eqx.tree_at(lambda s: (s.J, s.r), made, (made.J / 2, made.r / 2))


def examples() -> dict[str, Phi4]:
    """Small instances by name, on which the tests check every law."""
    return {
        "phi4": Phi4((4, 3), m2=-4.0, lam=8.0),
        "phi4_chain": phi4_hopping((5,), kappa=0.3, lam=0.5),
        "free_field": free_field((2, 2, 3), m2=0.5, temperature=2.0),
    }
