# SPDX-License-Identifier: Apache-2.0
"""Recurrent density: a gated unit walks over the lattice, h_i = cell(known neighbors of i, h_(i-1)), l_i = V h_i + c_i.

Refs: Cho et al. 2014, arXiv:1406.1078 (GRU); Hochreiter and Schmidhuber 1997, doi:10.1162/neco.1997.9.8.1735 (LSTM);
for spins Hibat-Allah et al. 2020, arXiv:2002.02973.
"""

from collections.abc import Sequence
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Key

from isinglass.nets.autoregressive.autoregressive import AbstractAutoregressive
from isinglass.nets.autoregressive.local_field import LocalField, one_hot

__all__ = ["CELLS", "Recurrent"]

CELLS = {"gru": eqx.nn.GRUCell, "lstm": eqx.nn.LSTMCell}


class State(NamedTuple):
    """What the walker carries."""

    x: Float[Array, "M q"]  # one-hot by visit; zero for what is to come
    memory: tuple[Float[Array, " hidden"], ...]  # h, and c for an LSTM


class Recurrent(AbstractAutoregressive):
    """Inputs: the variable before and the lattice neighbors ±1 that are known, one-hot; 0 where still to come.

    Cost: N hidden², for log_prob (one scan) and for a sample alike.
    """

    cell: eqx.nn.GRUCell | eqx.nn.LSTMCell
    out: Float[Array, "q hidden"]
    field: LocalField
    shape: tuple[int, ...] = eqx.field(static=True)
    values: tuple[int, ...] = eqx.field(static=True)
    hidden: int = eqx.field(static=True)
    unit: str = eqx.field(static=True)
    order: str = eqx.field(static=True)

    def __init__(
        self,
        *,
        key: Key[Array, ""],
        shape: Sequence[int],
        values: Sequence[int] = (-1, 1),
        hidden: int = 32,
        unit: str = "gru",
        order: str = "raster",
    ):
        if unit not in CELLS:
            raise ValueError(f"expected a unit among {', '.join(CELLS)}; found {unit!r}; choose one.")
        self.shape, self.values, self.hidden, self.unit, self.order = tuple(shape), tuple(values), hidden, unit, order
        q = len(self.values)
        self.field = LocalField(self.shape, q, order)
        z = self.field.weight.shape[2]
        self.cell = CELLS[unit](z * q, hidden, dtype=jnp.float32, key=key)
        self.out = jnp.zeros((q, hidden), jnp.float32)

    def logits(self, a: Int[Array, " N"]) -> Float[Array, "N q"]:
        """One scan; the inputs of all visits are known beforehand."""
        known, field = self.field(one_hot(a, len(self.values)))

        def one(memory, x):
            memory = self.walk(memory, x)
            return memory, memory[0]

        _, h = jax.lax.scan(one, self.begin().memory, known.reshape(self.size, -1))
        return h @ self.out.T + field

    def begin(self) -> State:
        """Nothing known, an empty memory."""
        zero = jnp.zeros(self.hidden, jnp.float32)
        x = jnp.zeros((self.size + 1, len(self.values)), jnp.float32)
        return State(x, (zero,) if self.unit == "gru" else (zero, zero))

    def advance(self, state: State, i: Int[Array, ""], previous: Int[Array, ""]) -> tuple[State, Float[Array, " q"]]:
        """One step of the walk."""
        new = jax.nn.one_hot(previous, len(self.values), dtype=jnp.float32)
        x = state.x.at[jnp.where(i == 0, self.size, i - 1)].set(jnp.where(i == 0, jnp.zeros_like(new), new))
        known = self.field.known(x, i)
        memory = self.walk(state.memory, known.reshape(-1))
        return State(x, memory), self.out @ memory[0] + self.field.at(i, known)

    def walk(self, memory: tuple[Array, ...], x: Float[Array, " in"]) -> tuple[Array, ...]:
        """h, or (h, c), after the input x."""
        return (self.cell(x, memory[0]),) if self.unit == "gru" else self.cell(x, memory)  # pyright: ignore
