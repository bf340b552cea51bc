# SPDX-License-Identifier: Apache-2.0
"""Labelled spin configurations: two phases told apart by the hidden units of a machine that has seen no label.

A restricted Boltzmann machine is trained on half of the configurations; a logistic regression on its free energy and
the mean square of its hidden units tells the label of the others.  Passed where the machine beats independent spins.
"""

from pathlib import Path

import numpy as np

from validation.case import Case, Measured, files

__all__ = ["cases"]

LEAST, BETWEEN = 0.957, -1.556  # accuracy of a threshold on the energy, and this threshold, given with the file


def cases(roots: list[Path]) -> list[Case]:
    """Files of spins/ with labels."""
    source = "accuracy of a threshold on the energy, given with the file"
    found = files(roots, "spins/*label*.npz")
    return [Case("machine", path, LEAST, source, accuracy, tolerance=0.01) for path in found]


def accuracy(path: Path, preset: str) -> Measured:
    """Share of right labels of configurations that neither machine nor regression have seen."""
    from sklearn.linear_model import LogisticRegression

    from isinglass import approximate

    with np.load(path) as held:
        x, label = held["configurations"], held["ordered"].astype(int)
    order = np.random.default_rng(0).permutation(len(x))
    x, label, half = x[order], label[order], len(x) // 2
    result = approximate(0, x[:half], method="rbm", hidden_units=64, symmetric=True, sweeps=3, progress=False)
    machine = result.models["machine"]
    latent = features(machine, x.reshape(len(x), -1).astype(float))
    found = LogisticRegression().fit(latent[:half], label[:half]).score(latent[half:], label[half:])
    error = (found * (1 - found) / (len(x) - half)) ** 0.5
    fine = [check for check in result.checks if check.of == "log_likelihood_gain"]
    E = -(x * (np.roll(x, 1, 1) + np.roll(x, 1, 2))).mean(axis=(1, 2), dtype=float)
    by_energy = np.mean((E[half:] < BETWEEN) == label[half:])
    said = f"log likelihood of unseen rows {result.estimates['log_likelihood']}; energy on these rows {by_energy:.4f}"
    return Measured(float(found), float(error), fine[0].verdict, said)


def features(machine, v: np.ndarray) -> np.ndarray:
    """F(v), and the mean square of the hidden units' means."""
    import jax
    import jax.numpy as jnp

    from isinglass.systems.lattice.boltzmann_machine import free_energies

    hidden = np.tanh(np.asarray(jax.vmap(machine.hidden_fields)(jnp.asarray(v))))
    made = np.stack([np.asarray(free_energies(machine, jnp.asarray(v))), (hidden**2).mean(axis=1)], axis=1)
    return (made - made.mean(axis=0)) / made.std(axis=0)
