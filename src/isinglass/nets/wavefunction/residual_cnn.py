# SPDX-License-Identifier: Apache-2.0
"""A residual convolutional network on a torus as a wavefunction.  Residual units: He et al. 2016, arXiv:1603.05027."""

from collections.abc import Sequence
from typing import ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key, Shaped

from isinglass.nets.layer.periodic_conv import PeriodicConv
from isinglass.nets.wavefunction.ansatz_setting import AnsatzSetting
from isinglass.nets.wavefunction.quantum_state import AbstractQuantumState, PlainWalker
from isinglass.nets.wavefunction.rbm import log_cosh

__all__ = ["LogCoshSum", "ResidualCNN", "real_part_of"]


class LogCoshSum(eqx.Module):
    """Σ_k ln cosh(b_k + Σ_c w_kc h_c) of real features h: the last layer, complex where the wavefunction is."""

    w: Shaped[Array, "features features"]
    b: Shaped[Array, " features"]

    def __init__(self, features: int, *, key: Key[Array, ""], dtype: str, scale: float):
        key_w, key_b = jax.random.split(key)
        self.w = scale * features**-0.5 * jax.random.normal(key_w, (features, features), jnp.dtype(dtype))
        self.b = scale * jax.random.normal(key_b, (features,), jnp.dtype(dtype))

    def __call__(self, h: Float[Array, "*site features"]) -> Shaped[Array, ""]:
        """Summed over sites too."""
        theta = h.astype(self.w.dtype) @ self.w.T
        return log_cosh(theta + jnp.broadcast_to(self.b, theta.shape)).sum()


class ResidualCNN(AbstractQuantumState):
    """h = conv(x), then h + conv(gelu(conv(gelu(h)))) in each block; ln ψ = Σ_r Σ_k ln cosh(b_k + w_k·h(r)).

    Real convolutions, w and b of `dtype`: real ones give ψ > 0.  Law: invariant under all translations.
    Cost: N channels² kernel^dimension in each of 2 blocks + 1 convolutions.
    """

    words: ClassVar[tuple[str, ...]] = ("residual-cnn",)

    first: PeriodicConv
    blocks: tuple[tuple[PeriodicConv, PeriodicConv], ...]
    head: LogCoshSum
    lattice: tuple[int, ...] = eqx.field(static=True)
    channels: int = eqx.field(static=True)
    depth: int = eqx.field(static=True)  # blocks
    kernel: int = eqx.field(static=True)
    dtype: str = eqx.field(static=True)
    scale: float = eqx.field(static=True)  # of w and b at first

    def __init__(
        self,
        *,
        key: Key[Array, ""],
        lattice: Sequence[int],
        channels: int = 8,
        depth: int = 2,
        kernel: int = 3,
        dtype: str = "float64",
        scale: float = 0.1,
    ):
        self.lattice, self.channels, self.depth, self.kernel = tuple(lattice), channels, depth, kernel
        self.dtype, self.scale = dtype, scale
        key_first, key_head, *keys = jax.random.split(key, 2 + 2 * depth)
        make = lambda key, n: PeriodicConv(  # noqa: E731
            len(self.lattice), n, channels, key=key, kernel=kernel, dtype=real_part_of(dtype)
        )
        self.first = make(key_first, 1)
        self.blocks = tuple((make(a, channels), make(b, channels)) for a, b in zip(keys[::2], keys[1::2], strict=True))
        self.head = LogCoshSum(channels, key=key_head, dtype=dtype, scale=scale)

    @classmethod
    def made_for(cls, key: Key[Array, ""], setting: AnsatzSetting) -> "ResidualCNN":
        """For any space with all translations.  Errors: InputError where one is missing."""
        setting.require_all_translations()
        return cls(key=key, lattice=setting.lattice, channels=8 * setting.width, dtype=setting.dtype)

    def log_psi(self, x: Float[Array, " N"]) -> Shaped[Array, ""]:
        h = self.first(x.astype(self.first.weight.dtype).reshape(*self.lattice, 1))
        for inner, outer in self.blocks:
            h = h + 0.5 * outer(jax.nn.gelu(inner(jax.nn.gelu(h))))
        return self.head(h)

    def walker(self) -> PlainWalker:
        return PlainWalker(self)


def real_part_of(dtype: str) -> str:
    """float64 for complex128, and so on."""
    return str(jnp.finfo(dtype).dtype)
