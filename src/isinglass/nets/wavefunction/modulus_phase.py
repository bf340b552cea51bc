# SPDX-License-Identifier: Apache-2.0
"""Modulus and phase by two networks with real weights.  Torlai et al. 2018, arXiv:1703.05334."""

from typing import Any, ClassVar

import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float, Int, Key, Shaped

from isinglass.nets.wavefunction.ansatz_setting import AnsatzSetting
from isinglass.nets.wavefunction.quantum_state import AbstractQuantumState, AbstractWalker
from isinglass.nets.wavefunction.rbm import RBM

__all__ = ["BothWalkers", "ModulusPhase"]


class ModulusPhase(AbstractQuantumState):
    """ln ψ(x) = f(x) + i φ(x): f and φ are the ln ψ of two real states, two RBMs in the reference.

    Law: |ψ| does not depend on the parameters of φ.
    """

    words: ClassVar[tuple[str, ...]] = ("modulus-phase",)

    modulus: AbstractQuantumState
    phase: AbstractQuantumState

    @classmethod
    def made_for(cls, key: Key[Array, ""], setting: AnsatzSetting) -> "ModulusPhase":
        """For two levels: two RBMs."""
        setting.require_two_levels()
        first, second = (RBM(key=k, n_sites=setting.n_sites, alpha=setting.alpha) for k in jax.random.split(key))
        return cls(first, second)

    def log_psi(self, x: Float[Array, " N"]) -> Shaped[Array, ""]:
        return lax.complex(self.modulus.log_psi(x), self.phase.log_psi(x))

    def walker(self) -> "BothWalkers":
        return BothWalkers(self.modulus.walker(), self.phase.walker())


class BothWalkers(AbstractWalker):
    """ψ'/ψ = R e^{i ln r}, R and r the ratios of the two states."""

    modulus: AbstractWalker
    phase: AbstractWalker

    def keep(self, x: Float[Array, " N"]) -> tuple[Any, Any]:
        return self.modulus.keep(x), self.phase.keep(x)

    def move(
        self, kept: tuple[Any, Any], x: Float[Array, " N"], sites: Int[Array, " C"], y: Float[Array, " C"]
    ) -> tuple[Shaped[Array, ""], tuple[Any, Any]]:
        """R e^{i ln r} of the ratios R and r, both positive."""
        R, modulus = self.modulus.move(kept[0], x, sites, y)
        r, phase = self.phase.move(kept[1], x, sites, y)
        phi = jnp.log(r)
        return lax.complex(R * jnp.cos(phi), R * jnp.sin(phi)), (modulus, phase)
