# SPDX-License-Identifier: Apache-2.0
"""The restricted Boltzmann machine: visible units that interact through hidden ones, and with no other."""

import math
from typing import Any, ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jax.scipy.special import ndtri
from jaxtyping import Array, Float, Int, Shaped

from isinglass.errors import InputError
from isinglass.exact.learning import boltzmann_machine as exact
from isinglass.symmetry.symmetry import AbstractSymmetry
from isinglass.symmetry.variable import AbstractVariable, Levels, Reals, Spins
from isinglass.systems.system import AbstractLatticeSystem

__all__ = ["RestrictedBoltzmannMachine", "free_energies", "ising_machine"]

VARIABLES = {"binary": Levels((0, 1)), "spin": Spins(), "gaussian": Reals()}


class RestrictedBoltzmannMachine(AbstractLatticeSystem):
    """E(v, h) = -a·v - b·h - (v - μ)·W (h - λ), and ½ x² more for each gaussian unit; p(v) = Σ_h exp(-E)/Z.

    As a system it is that of v, with the free energy F(v) = -ln Σ_h exp(-E(v, h)) for energy, at temperature 1.
    Units are binary (0, 1), spin (±1) or gaussian.  The offsets μ, λ change nothing but what the biases mean: with the
    means of the units they decouple the gradients, arXiv:1305.5012, arXiv:1311.1354.
    Shape: weights [D, M], visible_bias [D], hidden_bias [M]; v of `sides`, D numbers.
    Law: units of one side are independent given the other.  Ref: Smolensky 1986; Hinton 2002,
    doi:10.1162/089976602760128018.
    """

    weights: Float[Array, "D M"]
    visible_bias: Float[Array, " D"]
    hidden_bias: Float[Array, " M"]
    visible: str = eqx.field(static=True)
    hidden: str = eqx.field(static=True)
    sides: tuple[int, ...] = eqx.field(static=True)
    visible_offset: Float[Array, " D"]
    hidden_offset: Float[Array, " M"]
    beta: Float[Array, ""]
    symmetries: ClassVar[tuple[AbstractSymmetry, ...]] = ()

    def __init__(
        self, weights, visible_bias, hidden_bias, visible: str = "binary", hidden: str = "binary",
        sides: tuple[int, ...] | None = None, visible_offset=None, hidden_offset=None, beta=1.0,
    ):  # fmt: skip
        """Offsets are 0 if not given.  Errors: InputError for unequal lengths, other units, two gaussian sides."""
        for side, kind in (("visible", visible), ("hidden", hidden)):
            if kind not in exact.UNITS:
                raise InputError(f"{side} units among {', '.join(exact.UNITS)}", repr(kind), "choose one of them")
        if visible == hidden == "gaussian":
            raise InputError("one side that is not gaussian", "two", "their law is one Gaussian: fit that")
        self.weights, self.visible_bias, self.hidden_bias = (
            given(name, x, axes) for name, x, axes in
            (("weights", weights, 2), ("visible_bias", visible_bias, 1), ("hidden_bias", hidden_bias, 1))
        )  # fmt: skip
        D, M = self.weights.shape
        self.visible_offset = jnp.zeros(D) if visible_offset is None else given("visible_offset", visible_offset, 1)
        self.hidden_offset = jnp.zeros(M) if hidden_offset is None else given("hidden_offset", hidden_offset, 1)
        self.visible, self.hidden, self.beta = visible, hidden, jnp.asarray(beta, float)
        self.sides = (D,) if sides is None else tuple(int(side) for side in sides)
        lengths = [a.shape[0] for a in (self.visible_bias, self.visible_offset, self.hidden_bias, self.hidden_offset)]
        if lengths != [D, D, M, M] or math.prod(self.sides) != D or not D * M:
            found = f"{lengths[0]} and {lengths[2]} biases, sides {list(self.sides)}, for weights [{D}, {M}]"
            raise InputError("weights [visible, hidden] and a bias for each unit", found, "give equal lengths")

    @property
    def shape(self) -> tuple[int, ...]:
        return self.sides

    @property
    def variable(self) -> AbstractVariable:
        """What a visible unit is."""
        return VARIABLES[self.visible]

    @property
    def colors(self):
        """All visible units interact: a color for each."""
        return np.arange(self.n_sites)[:, None]

    @property
    def plain(self) -> tuple[Float[Array, "D M"], Float[Array, " D"], Float[Array, " M"], Float[Array, ""]]:
        """W, a, b without offsets, and the constant that E has more: E = -a·v - b·h - v·W h + constant."""
        W, m, n = self.weights, self.visible_offset, self.hidden_offset
        return W, self.visible_bias - W @ n, self.hidden_bias - m @ W, -(m @ W @ n)

    def at_share(self, share) -> "RestrictedBoltzmannMachine":
        """The same with weights share·W: independent units at 0, this machine at 1."""
        return eqx.tree_at(lambda machine: machine.weights, self, share * self.weights)

    def hidden_fields(self, v: Float[Array, " D"]) -> Float[Array, " M"]:
        """b_j + Σ_i (v_i - μ_i) W_ij.  Cost: D M."""
        return self.hidden_bias + (v - self.visible_offset) @ self.weights

    def visible_fields(self, h: Float[Array, " M"]) -> Float[Array, " D"]:
        """a_i + Σ_j W_ij (h_j - λ_j).  Cost: D M."""
        return self.visible_bias + (h - self.hidden_offset) @ self.weights.T

    def joint_energy(self, v: Float[Array, " D"], h: Float[Array, " M"]) -> Float[Array, ""]:
        """E(v, h) of flat v."""
        coupled = ((v - self.visible_offset) @ self.weights * (h - self.hidden_offset)).sum()
        return rest(self.visible, v) + rest(self.hidden, h) - v @ self.visible_bias - h @ self.hidden_bias - coupled

    def free_energy(self, v: Float[Array, " D"]) -> Float[Array, ""]:
        """F(v) = -a·v - Σ_j [λ_j(f_j) - n_j (f_j - b_j)] of flat v, f_j the hidden fields, n_j the offsets."""
        f = self.hidden_fields(v)
        coupled = exact.unit_log_sum(self.hidden, f) - self.hidden_offset * (f - self.hidden_bias)
        return rest(self.visible, v) - v @ self.visible_bias - coupled.sum()

    def independent_log_partition(self) -> Float[Array, ""]:
        """ln Z at W = 0."""
        sides = ((self.visible, self.visible_bias), (self.hidden, self.hidden_bias))
        return sum(jnp.sum(exact.unit_log_sum(*side)) for side in sides)  # pyright: ignore

    def log_partition(self) -> Float[Array, ""]:
        """ln Z by enumeration.  Errors: ValueError for more than 24 units on the smaller discrete side."""
        W, a, b, constant = self.plain
        return exact.log_partition(W, a, b, self.visible, self.hidden) - constant

    @property
    def enumerable(self) -> int:
        """Units of the side that `log_partition` enumerates."""
        sides = {"visible": self.visible_bias.size, "hidden": self.hidden_bias.size}
        return min(n for side, n in sides.items() if getattr(self, side) != "gaussian")

    def energy(self, x: Shaped[Array, "*site"]) -> Float[Array, ""]:
        """F(v), which has no 1/T of its own."""
        return self.free_energy(x.reshape(-1).astype(self.weights.dtype))

    def energy_changes(self, x: Shaped[Array, "*site"], y: Shaped[Array, " n"], sites: Int[Array, " n"]):
        """F(v with v_i = y_i) - F(v).  Cost: n M."""
        v = x.reshape(-1).astype(float)
        f = self.hidden_fields(v)
        of = lambda f: exact.unit_log_sum(self.hidden, f) - self.hidden_offset * f  # noqa: E731

        def change(i, new):
            unit = rest(self.visible, new) - rest(self.visible, v[i])
            step = new - v[i]
            return unit - step * self.visible_bias[i] - (of(f + step * self.weights[i]) - of(f)).sum()

        return jax.vmap(change)(sites, y.astype(float))

    def propose(self, key, x: Shaped[Array, " n"]) -> Shaped[Array, " n"]:
        """The other value of a discrete unit; a normal step of a gaussian one."""
        if self.visible == "gaussian":
            return x + jax.random.normal(key, x.shape)
        return -x if self.visible == "spin" else 1 - x

    def random_configuration(self, key) -> Shaped[Array, "*site"]:
        """At infinite temperature."""
        return self.variable.random(key, self.shape)

    def order_parameter(self, x: Shaped[Array, "*site"]) -> Float[Array, ""]:
        """Mean of the visible units."""
        return x.astype(float).mean()

    def exact_energy(self, temperature: Float[np.ndarray, " T"]) -> None:
        """<F>/N is not known."""
        return


@eqx.filter_jit
def free_energies(machine: RestrictedBoltzmannMachine, v: Float[Array, "n D"]) -> Float[Array, " n"]:
    """F(v) of every row."""
    return jax.vmap(machine.free_energy)(v)


def rest(kind: str, x: Float[Array, "*n"]) -> Float[Array, ""]:
    """½ |x|² of gaussian units; 0 of others."""
    return 0.5 * (x * x).sum() if kind == "gaussian" else jnp.zeros((), x.dtype)


def drawn(kind: str, f: Float[Array, "*n"], u: Float[Array, "*n"]) -> Float[Array, "*n"]:
    """A unit in the field f, from u uniform in (0, 1)."""
    if kind == "gaussian":
        return f + ndtri(u)
    if kind == "spin":
        return jnp.where(u < jax.nn.sigmoid(2 * f), 1, -1).astype(f.dtype)
    return (u < jax.nn.sigmoid(f)).astype(f.dtype)


def given(name: str, value: Any, axes: int) -> Float[Array, "..."]:
    """Real numbers of so many axes.  Errors: InputError for others, or where one is not finite."""
    if isinstance(value, Tracer):
        return value
    try:
        array = np.asarray(value)
    except ValueError:
        raise InputError(f"{name}, real numbers with {axes} axes", "rows of several lengths", "give an array") from None
    if array.dtype.kind not in "biuf" or array.ndim != axes:
        raise InputError(f"{name}, real numbers with {axes} axes", f"{array.dtype} {list(array.shape)}", "give these")
    if not np.isfinite(array).all():
        raise InputError(f"finite {name}", "NaN or infinite numbers", "give finite ones")
    return jnp.asarray(value, array.dtype if array.dtype == np.float32 else float)


def ising_machine(first, second, K, sites: int) -> tuple[RestrictedBoltzmannMachine, float]:
    """Spins with Σ_b K_b s_i s_j, K_b > 0, as a machine with a hidden spin on each bond (i, j); and ln Z - ln Z_Ising.

    2 cosh(w (s_i + s_j)) = 2 e^K exp(K s_i s_j) with cosh 2w = e^(2K): decimation, backwards.
    """
    first, second = np.asarray(first), np.asarray(second)
    K = np.broadcast_to(np.asarray(K, float), first.shape)
    w = 0.5 * np.arccosh(np.exp(2 * K))
    W = np.zeros((sites, len(first)))
    np.add.at(W, (first, np.arange(len(first))), w)
    np.add.at(W, (second, np.arange(len(first))), w)
    machine = RestrictedBoltzmannMachine(W, np.zeros(sites), np.zeros(len(first)), "spin", "spin")
    return machine, float(len(first) * math.log(2) + K.sum())


def examples() -> dict[str, RestrictedBoltzmannMachine]:
    """Small instances by name, on which the tests check every law."""
    rng = np.random.default_rng(3)
    made = {}
    for visible, hidden in (("binary", "binary"), ("spin", "spin"), ("spin", "gaussian"), ("gaussian", "binary")):
        arrays = [0.4 * rng.normal(size=size) for size in ((6, 3), 6, 3, 6, 3)]
        W, a, b, m, n = arrays
        made[f"machine_{visible}_{hidden}"] = RestrictedBoltzmannMachine(W, a, b, visible, hidden, (2, 3), m, n)
    return made
