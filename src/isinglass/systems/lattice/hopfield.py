# SPDX-License-Identifier: Apache-2.0
"""The Hopfield network: patterns stored in the couplings of a glass, by Hebb's rule or the pseudo-inverse."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Array, Float, Int, Int8, Shaped

from isinglass.errors import InputError
from isinglass.memory import require_memory
from isinglass.symmetry.symmetry import AbstractSymmetry
from isinglass.symmetry.value import Reflection
from isinglass.systems.lattice.associative_memory import (
    AbstractAssociativeMemory,
    checked_patterns,
    flat,
    random_patterns,
)
from isinglass.systems.system import positive

__all__ = ["HopfieldNetwork", "hebbian", "projection"]

RULES = ("hebb", "pseudo-inverse")
BYTES_PER_PAIR = 16  # the couplings, and what they are made of
CAPACITY = 0.1379055665  # exact.learning.hopfield.capacity()


class HopfieldNetwork(AbstractAssociativeMemory):
    """E(s) = -½ Σ_ij J_ij s_i s_j, J_ii = 0, s_i = ±1.

    Hebb's rule: J_ij = (1/N) Σ_μ ξ^μ_i ξ^μ_j.  Pseudo-inverse: J_ij = (1/N) Σ_μν ξ^μ_i (C⁻¹)_μν ξ^ν_j with the overlaps
    C_μν = ξ^μ·ξ^ν/N, which makes P < N independent patterns stable.
    Shape: patterns [P, neurons...], ±1; s as one of them.  Law: E(-s) = E(s); E falls with each flip along the local
    field h_i = Σ_j J_ij s_j.
    Ref: Hopfield 1982, doi:10.1073/pnas.79.8.2554; Personnaz, Guyon & Dreyfus 1985,
    doi:10.1051/jphyslet:01985004608035900.
    """

    patterns: Int8[Array, "P *site"]
    products: Float[Array, "N N"]  # N J: whole numbers for Hebb's rule, exact in single precision
    beta: Float[Array, ""]
    rule: str = eqx.field(static=True)
    symmetries: tuple[AbstractSymmetry, ...] = eqx.field(static=True)

    def __init__(self, patterns, *, rule: str = "hebb", temperature=1.0):
        """`rule`: hebb or pseudo-inverse.  Errors: InputError for patterns not ±1; for dependent ones by the latter."""
        if rule not in RULES:
            raise InputError(f"rule among {', '.join(RULES)}", repr(rule), "choose one of them")
        self.patterns = checked_patterns(patterns)
        N = self.n_sites
        require_memory("couplings", BYTES_PER_PAIR * N**2, f"{N:,} neurons", "use fewer, or a DenseMemory")
        self.products = (hebbian if rule == "hebb" else projection)(self.patterns)
        self.beta = jnp.asarray(1.0 / positive("temperature", temperature))
        self.rule = rule
        self.symmetries = (Reflection(self.variable),)

    @property
    def most_patterns(self) -> float:
        """α_c N = 0.138 N by Hebb's rule; N - 1 by the pseudo-inverse, whose couplings vanish at P = N."""
        return CAPACITY * self.n_sites if self.rule == "hebb" else self.n_sites - 1.0

    def energy(self, x: Shaped[Array, "*site"]) -> Float[Array, ""]:
        s = x.reshape(-1)
        return -0.5 * jnp.sum(s.astype(float) * self.begin(s).astype(float)) / s.size

    def energy_changes(self, x: Shaped[Array, "*site"], y: Shaped[Array, " n"], sites: Int[Array, " n"]):
        """ΔE_i = (x_i - y_i) h_i.  Cost: n N."""
        s = x.reshape(-1)
        fields = (self.products[sites] @ s.astype(self.products.dtype)).astype(float) / s.size
        return (s[sites] - y).astype(float) * fields

    def begin(self, s: Int8[Array, " N"]) -> Float[Array, " N"]:
        """N h_i = Σ_j N J_ij s_j.  Cost: N²."""
        return self.products @ s.astype(self.products.dtype)

    def rises(self, state: Float[Array, " N"], s: Int8[Array, " N"]) -> Float[Array, " N"]:
        """ΔE_i = 2 s_i h_i.  Cost: N."""
        return 2 * (s.astype(state.dtype) * state).astype(float) / s.size

    def flipped(self, state: Float[Array, " N"], s: Int8[Array, " N"], i) -> Float[Array, " N"]:
        """h_j - 2 J_ji s_i.  Cost: N."""
        return state - 2 * s[i].astype(state.dtype) * self.products[i]


def hebbian(patterns: Int8[Array, "P *site"]) -> Float[Array, "N N"]:
    """N J_ij = Σ_μ ξ^μ_i ξ^μ_j off the diagonal.  Cost: N² P."""
    x = patterns.reshape(len(patterns), -1).astype(jnp.float32)
    return off_diagonal(x.T @ x)


def projection(patterns: Int8[Array, "P *site"]) -> Float[Array, "N N"]:
    """N J_ij = N (1/N) Σ_μν ξ^μ_i (C⁻¹)_μν ξ^ν_j off the diagonal.  Errors: InputError for dependent patterns."""
    x = flat(patterns)
    if not isinstance(patterns, Tracer) and (rank := np.linalg.matrix_rank(np.asarray(x))) < len(x):
        fix = "leave out copies, negatives and all that depend on others, or use Hebb's rule"
        raise InputError(f"{len(x)} independent patterns for the pseudo-inverse", f"{rank}", fix)
    return off_diagonal(x.T @ jnp.linalg.solve(x @ x.T / x.shape[1], x))


def off_diagonal(products: Float[Array, "N N"]) -> Float[Array, "N N"]:
    """The same with zeros on the diagonal: no spin acts on itself."""
    return products - jnp.diag(jnp.diag(products))


def examples() -> dict[str, HopfieldNetwork]:
    """Small instances by name, on which the tests check every law."""
    return {
        "hopfield": HopfieldNetwork(random_patterns(jax.random.key(7), 3, 10), temperature=0.7),
        "hopfield_projection": HopfieldNetwork(
            random_patterns(jax.random.key(8), 4, 9).reshape(4, 3, 3), rule="pseudo-inverse", temperature=0.5
        ),
    }
