# SPDX-License-Identifier: Apache-2.0
"""Autoregressive quantum states: normalized, sampled directly.  Hibat-Allah et al. 2020, arXiv:2002.02973."""

from typing import ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int, Key, Shaped

from isinglass.nets.autoregressive.autoregressive import AbstractAutoregressive
from isinglass.nets.autoregressive.causal_transformer import CausalTransformer
from isinglass.nets.autoregressive.masked_dense import MaskedDense
from isinglass.nets.autoregressive.recurrent import Recurrent
from isinglass.nets.wavefunction.ansatz_setting import AnsatzSetting
from isinglass.nets.wavefunction.jastrow import Jastrow
from isinglass.nets.wavefunction.quantum_state import AbstractDirectState, AbstractQuantumState, PlainWalker, levels_of
from isinglass.nets.wavefunction.rbm import RBM

__all__ = ["AutoregressiveState"]

Sums = tuple[tuple[tuple[int, ...], int], ...]
NETWORKS = {  # word -> network, sizes at width 1
    "autoregressive": (MaskedDense, {"hidden": 2}),
    "autoregressive-gru": (Recurrent, {"hidden": 16}),
    "autoregressive-transformer": (CausalTransformer, {"width": 16}),
}
FORBIDDEN = -1e30  # ln p of what is outside the sector


class AutoregressiveState(AbstractDirectState):
    """ψ(x) = √p(x) e^{iφ(x)}, p = Π_i p(n_i given n_<i) by any autoregressive network, φ the ln ψ of a real state.

    `conserved`: (sites, their sum of n), sites of different sums apart; a level that would miss a sum has p = 0.
    Law: Σ |ψ|² = 1 over the sector, and every sample lies in it.  Cost: that of the network.
    """

    words: ClassVar[tuple[str, ...]] = ("autoregressive", "autoregressive-gru", "autoregressive-transformer")

    net: AbstractAutoregressive
    phase: AbstractQuantumState | None
    conserved: Sums = eqx.field(static=True)

    def __init__(self, *, net: AbstractAutoregressive, phase: AbstractQuantumState | None = None, conserved: Sums = ()):
        self.net, self.phase = net, phase
        self.conserved = tuple((tuple(sites), int(total)) for sites, total in conserved)

    @classmethod
    def made_for(cls, key: Key[Array, ""], setting: AnsatzSetting) -> "AutoregressiveState":
        """For any space; its sector by the conditionals, the phase of a complex state by an RBM or a Jastrow factor."""
        key_net, key_phase = jax.random.split(key)
        network, sizes = NETWORKS[setting.word]
        sizes = {name: size * setting.width for name, size in sizes.items()}
        net = network(key=key_net, shape=setting.lattice, values=tuple(range(setting.levels)), order="snake", **sizes)
        phase = None if setting.dtype == "float64" else real_phase(key_phase, setting)
        return cls(net=net, phase=phase, conserved=setting.conserved)

    @property
    def levels(self) -> int:
        """d, the number of levels of a site."""
        return len(self.net.values)

    @property
    def members(self) -> Int[np.ndarray, "K N"]:
        """1 for the visits that a sum counts."""
        rows = [np.isin(self.net.path, sites) for sites, _ in self.conserved]
        return np.array(rows, np.int32).reshape(-1, self.net.size)

    def allowed(self, i: Int[Array, ""], used: Int[Array, " K"]) -> Bool[Array, " d"]:
        """Levels at visit i from which each sum can still be reached, `used` of it being spent."""
        members = self.members
        later = np.cumsum(members[:, ::-1], axis=1, dtype=np.int32)[:, ::-1] - members
        missing = jnp.asarray(np.array([total for _, total in self.conserved], np.int32)) - used
        left = missing[:, None] - jnp.arange(self.levels, dtype=jnp.int32)[None]
        fits = (left >= 0) & (left <= (self.levels - 1) * jnp.asarray(later)[:, i][:, None])
        return (fits | (jnp.asarray(members)[:, i] == 0)[:, None]).all(axis=0)

    def log_prob(self, n: Int[Array, " N"]) -> Float[Array, ""]:
        """Σ_i ln p(n_i given n_<i), summed in double precision."""
        a = n[self.net.path].astype(jnp.int32)
        spent = jnp.asarray(self.members) * a[None]
        allowed = jax.vmap(self.allowed)(jnp.arange(len(a)), (jnp.cumsum(spent, axis=1) - spent).T)
        log_p = jax.nn.log_softmax(jnp.where(allowed, self.net.logits(a).astype(float), FORBIDDEN))
        return jnp.take_along_axis(log_p, a[:, None], axis=1).sum()

    def log_psi(self, x: Float[Array, " N"]) -> Shaped[Array, ""]:
        """½ ln p + iφ."""
        half = 0.5 * self.log_prob(levels_of(x, self.levels))
        return half if self.phase is None else jax.lax.complex(half, self.phase.log_psi(x).astype(half.dtype))

    def walker(self) -> PlainWalker:
        return PlainWalker(self)

    def draw(self, key: Key[Array, ""]) -> Int[Array, " N"]:
        """One n by ancestral sampling, from what the network carries along."""
        noise = jax.random.gumbel(key, (self.net.size, self.levels), jnp.float32)
        members = jnp.asarray(self.members)

        def one(carry, inputs):
            state, previous, used = carry
            i, g = inputs
            state, logits = self.net.advance(state, i, previous)
            a = jnp.argmax(jnp.where(self.allowed(i, used), logits + g, -jnp.inf)).astype(jnp.int32)
            return (state, a, used + members[:, i] * a), a

        visits = jnp.arange(self.net.size, dtype=jnp.int32)
        start = (self.net.begin(), jnp.int32(0), jnp.zeros(len(members), jnp.int32))
        _, a = jax.lax.scan(one, start, (visits, noise))
        return a[np.argsort(self.net.path)].astype(jnp.int8)

    def sample(self, key: Key[Array, ""], n: int) -> Int[Array, "n N"]:
        return jax.vmap(self.draw)(jax.random.split(key, n))


def real_phase(key: Key[Array, ""], setting: AnsatzSetting) -> AbstractQuantumState:
    """φ(x): an RBM for two levels, else a Jastrow factor; single precision like the networks it goes with."""
    if setting.levels == 2:
        return RBM(key=key, n_sites=setting.n_sites, alpha=setting.alpha, dtype="float32", scale=0.1)
    return Jastrow(key=key, n_sites=setting.n_sites, dtype="float32", scale=0.1)
