# SPDX-License-Identifier: Apache-2.0
"""The scene of a quench: the ground state of a ring in one transverse field evolves under another.

H = -J Σ Z_i Z_{i+1} - h Σ X_i is diagonalized whole, ψ(t) = Σ_k e^{-iE_k t} |k><k|ψ>.  All amplitudes are shown, and
<X>(t) beside that of free fermions.
"""

from functools import lru_cache
from typing import Any

import numpy as np
from jaxtyping import Complex, Float

from isinglass.lab.frame import Frame
from isinglass.lab.scene import AbstractScene
from isinglass.lab.wish import QuenchWish

__all__ = ["QuenchScene"]

SITES = 10
SIDE = 1 << (SITES // 2)  # of the picture: half of the spins number its rows, the others its columns


class QuenchScene(AbstractScene):
    """One quench, from t = 0 on."""

    def __init__(self, wish: QuenchWish):
        """The quench of the wish, not yet computed."""
        self.made_for, self.t = identity(wish), 0.0

    def serves(self, wish: Any) -> bool:
        return isinstance(wish, QuenchWish) and identity(wish) == self.made_for

    def first(self, wish: QuenchWish) -> Frame:
        """The ground state for h → ∞, all amplitudes equal."""
        return self.frame(wish, np.full(SIDE**2, 1 / SIDE, complex))

    def prepare(self, wish: QuenchWish) -> None:
        from isinglass.exact.quantum import free_fermion_chain

        self.psi = spectrum(wish.before)[1][:, 0]
        self.energies, self.U = spectrum(wish.after)
        self.c = self.U.T @ self.psi
        self.A = free_fermion_chain.couplings(SITES, wish.after)
        self.gamma = free_fermion_chain.ground_state(free_fermion_chain.couplings(SITES, wish.before))

    def advance(self, wish: QuenchWish, seconds: float) -> Frame:
        from isinglass.exact.quantum import free_fermion_chain as fermions

        c: Any = np.exp(-1j * self.energies * self.t) * self.c
        psi = self.U @ c.real + 1j * (self.U @ c.imag)
        exact = fermions.transverse_magnetization(fermions.evolved(self.A, self.gamma, self.t))
        frame = self.frame(
            wish, psi, magnetization=transverse_magnetization(psi), exact=exact,
            return_probability=abs(np.vdot(self.psi, psi)) ** 2, energy=float(self.c**2 @ self.energies) / SITES,
        )  # fmt: skip
        self.t += wish.speed / wish.rate
        return frame

    def frame(self, wish: QuenchWish, psi: Complex[np.ndarray, " dim"], **numbers: Any) -> Frame:
        """Modulus, of the largest, and phase of every amplitude, a byte each."""
        modulus = np.round(255 * abs(psi) / abs(psi).max()).astype(np.uint8)
        phase = (np.floor(np.angle(psi) * (128 / np.pi)).astype(np.int64) % 256).astype(np.uint8)
        shown = {"before": wish.before, "after": wish.after, "start": wish.start, "sites": SITES, "t": self.t}
        header = {"view": "quench", "form": "amplitudes", "shape": [SIDE, SIDE], "largest": float(abs(psi).max())}
        return Frame(header | shown | numbers, np.stack([modulus, phase], axis=-1))


def identity(wish: QuenchWish) -> tuple[Any, ...]:
    """What one evolution cannot change."""
    return wish.before, wish.after, wish.start


@lru_cache(maxsize=8)
def spectrum(h: float) -> tuple[Float[np.ndarray, " dim"], Float[np.ndarray, "dim dim"]]:
    """Energies and eigenvectors of the ring, those of even parity Π X = 1 first: the ground state is one state."""
    from isinglass.approximation.exact.exact_diagonalization import dense
    from isinglass.systems.graph import hypercubic
    from isinglass.systems.quantum.transverse_field_ising import transverse_field_ising

    H = np.real(dense(transverse_field_ising(hypercubic((SITES,)), h)))
    apart = 4 * SITES * (1 + h)  # more than the width of the spectrum
    _, U = np.linalg.eigh(H - apart * np.eye(len(H))[::-1])  # flipping all spins reverses the order of the states
    return np.einsum("ik,ij,jk->k", U, H, U, optimize=True), U


def transverse_magnetization(psi: Complex[np.ndarray, " dim"]) -> float:
    """<Σ X_i> / N: X_i takes each state to that with bit i flipped."""
    codes = np.arange(len(psi))
    return float(np.mean([np.vdot(psi, psi[codes ^ (1 << i)]).real for i in range(SITES)]))
