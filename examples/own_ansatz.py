# SPDX-License-Identifier: Apache-2.0
# %% [markdown]
"""# A wavefunction of your own is one class

The spin chain of Haldane and Shastry, H = Σ_(i<j) S_i·S_j / d_ij² with chord distances d = (N/π) sin(π(i-j)/N), has a
Jastrow state as its exact ground state: ψ = Π (-1)^(up on odd sites) Π_(up i<j) d_ij².  The class below knows the signs
and one number for each distance; variational Monte Carlo must find the logarithm of the chord and a variance of zero.
Ref: Haldane 1988, doi:10.1103/PhysRevLett.60.635; Shastry 1988, doi:10.1103/PhysRevLett.60.639.
"""

# %%
import tempfile

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from isinglass import approximate, data, sample
from isinglass.nets.wavefunction.quantum_state import AbstractQuantumState, PlainWalker
from isinglass.systems.quantum.hamiltonian import Hamiltonian
from isinglass.systems.quantum.hilbert_space import spins
from isinglass.systems.quantum.operator import Operator, Sm, Sp, Sz

N = 10


class RingJastrow(AbstractQuantumState):
    """ln ψ(x) = Σ_r v_r Σ_i x_i x_(i+r) + iπ (up spins on odd sites), x_i = ±1 on a ring, r = 1 ... N/2."""

    v: jax.Array
    n_sites: int = eqx.field(static=True)

    def log_psi(self, x):
        distances = jnp.arange(1, self.n_sites // 2 + 1)
        pairs = jax.vmap(lambda r: (x * jnp.roll(x, r)).sum())(distances)
        return jax.lax.complex(self.v @ pairs, jnp.pi * (1 + x[1::2]).sum() / 2)

    def walker(self):
        return PlainWalker(self)  # evaluated anew at each step of a walk: N is small


def chord(r):
    """d = (N/π) sin(πr/N)."""
    return N / np.pi * np.sin(np.pi * r / N)


H = Operator({})
for i in range(N):
    for j in range(i + 1, N):
        H = H + (Sz(i) @ Sz(j) + 0.5 * (Sp(i) @ Sm(j) + Sm(i) @ Sp(j))) / chord(j - i) ** 2
haldane_shastry = Hamiltonian(H, spins(N, magnetization=0))

# %%
result = approximate(0, haldane_shastry, ansatz=RingJastrow(jnp.zeros(N // 2), N), preset="smoke", steps=300)
print(result)
E, exact = result.estimates["ground_state_energy"].value, -(np.pi**2) / 24 * (N + 5 / N)
print(f"E = {E:.8f}, Haldane and Shastry {exact:.8f}")
assert abs(E - exact) < 1e-6 * abs(exact)
assert result.verdict == "pass"

# %% [markdown]
# Differences of v_r must be those of ½ ln d_r; a constant added to all has no effect.  The longest distance, r = N/2,
# is counted twice in the sum over i.

# %%
r = np.arange(1, N // 2 + 1)
v = np.asarray(result.models["state"].v) * np.where(r == N // 2, 2, 1)
for distance, found, known in zip(r, v - v[0], 0.5 * np.log(chord(r) / chord(1)), strict=True):
    print(f"r = {distance}: v_r - v_1 = {found:.5f}, ½ ln(d_r/d_1) = {known:.5f}")
    assert abs(found - known) < 1e-3

# %% A second look: the saved state is loaded and sampled again.  Its class is of this program, and so allowed.
with tempfile.TemporaryDirectory() as folder:
    run = result.save(f"{folder}/run", report=False)
    state = data.read_state(run, allow=("__main__",))
again = sample(1, state, observables={"nearest": Sz(0) @ Sz(1), "next": "Sz(0) Sz(2)"}, samples=8192)
print(f"<S^z_0 S^z_1> = {again.estimates['nearest']}, <H> = {again.estimates['energy']}: {again.verdict}")
assert again.verdict == "pass"
