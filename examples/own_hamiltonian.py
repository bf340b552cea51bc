# SPDX-License-Identifier: Apache-2.0
# %% [markdown]
"""# A Hamiltonian of your own, solved several ways

A ring of spins with a coupling that alternates, as in spin-Peierls chains, and a field that staggers.  Write the terms
as on paper; exact diagonalization, a restricted Boltzmann machine and a matrix product state take them as they are.
"""

# %%
import jax

from isinglass import approximate
from isinglass.systems.graph import hypercubic
from isinglass.systems.quantum.hamiltonian import Hamiltonian
from isinglass.systems.quantum.hilbert_space import spins
from isinglass.systems.quantum.operator import Operator, Sm, Sp, Sz
from isinglass.systems.quantum.quantum_numbers import quantum_numbers

N, DELTA, FIELD = 10, 0.3, 0.2


def peierls(field: float) -> Hamiltonian:
    """Σ_i (1 + (-1)^i δ) S_i·S_{i+1} - h Σ_i (-1)^i S^z_i, in the sector without magnetization."""
    H = Operator({})
    for i in range(N):
        j = (i + 1) % N
        bond = Sz(i) @ Sz(j) + 0.5 * (Sp(i) @ Sm(j) + Sm(i) @ Sp(j))
        H = H + (1 + (-1) ** i * DELTA) * bond - field * (-1) ** i * Sz(i)
    return Hamiltonian(H, spins(N, magnetization=0))


# %% [markdown]
# `approximate` rotates Marshall's signs away by itself where it finds them.

# %%
hamiltonian, key = peierls(FIELD), jax.random.key(0)
exact = approximate(key, hamiltonian, ansatz="exact", states=2)
E_0 = exact.estimates["ground_state_energy"].value
print(f"{'Lanczos':16} E_0 = {E_0:.8f}, gap {exact.estimates['energy_gap'].value:.6f}")

# %%
for ansatz in ("rbm", "matrix-product"):
    result = approximate(key, hamiltonian, ansatz=ansatz, preset="smoke", steps=200)
    E = result.estimates["ground_state_energy"]
    better = result.estimates["ground_state_energy/one_lanczos_step"]
    print(f"{ansatz:16} <H> = {E}, one Lanczos step later {better}: {result.verdict}")
    assert result.verdict == "pass"
    assert abs(E.value - E_0) < 5e-3 * abs(E_0)

# %% [markdown]
# Without the field a flip of all spins is a symmetry: the ground state is even or odd, the triplet above it the other.

# %%
free = peierls(0.0)
for parity in (1, -1):
    numbers = quantum_numbers(hypercubic((N,)), free.space, spin_flip=parity)
    level = approximate(key, free, ansatz="exact", numbers=numbers).estimates["ground_state_energy"]
    print(f"spin flip {parity:+d}: lowest level {level.value:.8f}")
