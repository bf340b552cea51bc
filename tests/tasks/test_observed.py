# SPDX-License-Identifier: Apache-2.0
"""Observables of `sample`: means with errors against exact averages, by chains, Metropolis and weights."""

import jax.numpy as jnp
import numpy as np
import pytest

from isinglass.errors import InputError
from isinglass.exact.lattice.spin_thermodynamics import enumerated, torus_bonds
from isinglass.nets.density import StandardNormal
from isinglass.systems import GaussianMixture, Ising
from isinglass.systems.path import CouplingPath
from isinglass.tasks.outcome.observed import TAKEN
from isinglass.verbs import sample

T = 2.5


def bond_energy(x):
    """E/N of the torus."""
    x = x.astype(float)
    return -jnp.mean(x * (jnp.roll(x, 1, 0) + jnp.roll(x, 1, 1)))


def test_chains_measure_what_enumeration_gives(key):
    """Energy per site of 3 x 3 spins within 4.5 errors, at both temperatures; the error is below 2 %."""
    temperature = np.array([T, 4.0])
    result = sample(
        key, Ising((3, 3)), temperature, method="metropolis", samples=4096, chains=64, effective_samples=None,
        observables={"bond_energy": bond_energy}, configurations=False,
    )  # fmt: skip
    for t, mean, error in zip(
        temperature, *(result.arrays[f"mean_bond_energy{e}"] for e in ("", "_error")), strict=True
    ):
        exact = enumerated(torus_bonds(3), 1.0, 1 / t).energy
        assert abs(float(mean) - exact) < 4.5 * float(error)
        assert float(error) < 0.02
    assert result.series("bond_energy").shape == (2, 64, 64)
    np.testing.assert_allclose(result.series("bond_energy") * 9, result.series("energy"))


@pytest.mark.parametrize("correct", ["metropolis", "weights", "none"])
def test_a_network_is_measured_and_corrected(correct, key):
    """N(0, 1) as proposal for N(0.5, 1): <x> = 0.5 within 4.5 errors; the network as it is says 0."""
    system = GaussianMixture(np.array([[0.5, 0.5]]))
    result = sample(
        key, system, method=StandardNormal((2,)), correct=correct, samples=20_000, thin=1, draws=20_000,
        reference=None, observables={"mean": jnp.mean, "both": lambda x: x},
    )  # fmt: skip
    found = result.estimates["mean"]
    assert (found.error or 1) < 0.02
    assert abs(found.value - (0.0 if correct == "none" else 0.5)) < 4.5 * (found.error or 0)
    assert result.arrays["both"].shape[1:] == (2,)
    if correct == "metropolis":
        again = result.estimates["mean/importance"]
        assert abs(again.value - 0.5) < 4.5 * (again.error or 0)


@pytest.mark.parametrize("name", ["energy", "r_hat", "sample", "specific_heat", "curve", "log_weight", "proposed_m"])
def test_a_name_that_is_taken_is_refused(name, key):
    with pytest.raises(InputError, match=f"found {name}; rename"):
        sample(key, Ising((3, 3)), T, samples=8, effective_samples=None, observables={name: bond_energy})


def test_every_name_of_a_table_is_taken(key):
    """Of arrays, dimensions and estimates; those with the name of an observable in them are its own."""
    found = sample(key, Ising((3, 3)), T, samples=16, chains=8, observables={"corner": lambda s: s[0, 0] * s[1, 1]})
    names = {*map(str, found.arrays.variables), *map(str, found.arrays.dims), *found.estimates}
    of_one = ("axis_", "mean_", "effective_sample_size_", "r_hat_")
    assert {n for n in names if "/" not in n and not n.startswith(of_one)} - TAKEN == {"corner"}


def test_the_weights_are_kept_where_nothing_else_is_asked(key):
    """N(0, 1) for N(0.5, 1) in two dimensions: the mean of w is 1, that of ln w is -1/4, within 4.5 errors."""
    system, law = GaussianMixture(np.array([[0.5, 0.5]])), StandardNormal((2,))
    result = sample(key, system, method=law, correct="weights", samples=4096, draws=4096, reference=None)
    log_w = result.arrays["log_weight"].to_numpy()
    for f, exact in ((np.exp(log_w), 1.0), (log_w, -0.25)):
        assert abs(f.mean() - exact) < 4.5 * f.std() / len(f) ** 0.5 < 0.1


def test_samples_of_another_shape_are_refused(key):
    with pytest.raises(InputError, match="shape"):
        sample(key, GaussianMixture(np.zeros((1, 2))), method=StandardNormal((2,)), objective="likelihood",
               data=np.zeros((8, 3)))  # fmt: skip


@pytest.mark.slow
def test_ln_z_along_a_path_of_couplings(key):
    """3 x 3 spins from J = 0, ln Z = 9 ln 2, to J = 1: within 4.5 errors of enumeration; half the path is seen."""

    def at(J):
        return Ising((3, 3), temperature=T, J=J)

    result = sample(key, CouplingPath(at, (0.0, 1.0)), method="metropolis", samples=4096, warmup=100)
    found, exact = result.estimates["log_partition_function_ratio"], enumerated(torus_bonds(3), 1.0, 1 / T).log_z
    assert abs(found.value + 9 * np.log(2) - exact) < 4.5 * (found.error or 0)
    assert (found.error or 1) < 0.05
    assert result.verdict == "pass"
    half = enumerated(torus_bonds(3), 0.5, 1 / T).log_z
    assert abs(found.value + 9 * np.log(2) - half) > 4.5 * (found.error or 0)
