# SPDX-License-Identifier: Apache-2.0
"""Cases of cosmology on files that the tests write: found, read, right ones right, wrong ones not passed."""

import jax.numpy as jnp
import numpy as np
import pytest
from validation.case import judged

from validation import cosmology

ELL = np.arange(30, 2509)


def outside(folder, scale=1.0):
    """A table of distances of model 1 by another program; acoustic distances of Ω_m = 0.3; band powers."""
    at = folder / "cosmology"
    at.mkdir(parents=True)
    D = np.array([0.0, 2312.680164, 5442.759347]) * scale
    np.savetxt(at / "ccl_chi_model1-5.txt", np.c_[[0.0, 1.0, 5.0], np.tile(D[:, None], 5)], header="z chi")
    (at / "desi_dr1_bao_mean.txt").write_text("# z value kind\n1.0 23.12680164 DM_over_rs\n1.0 16.87 DH_over_rs\n")
    np.savetxt(at / "desi_dr1_bao_cov.txt", np.diag([0.01, 0.01]))
    C = 1000.0 / ELL**2
    np.savetxt(at / "planck_bestfit_Dl.txt.gz", np.c_[ELL, np.tile((ELL * (ELL + 1) / (2 * np.pi) * C)[:, None], 3)])
    low, high, weights = np.array([30, 1000]), np.array([999, 2508]), np.full(3 * 2479, 1 / 1000)
    bands = scale * np.array([C[:970].sum(), C[970:].sum()]) / 1000
    np.savez(at / "planck2018_plik_lite_TT.npz", bin_min=low, bin_max=high, bin_weights=weights, Cl=bands,
             cov=np.diag((0.01 * bands) ** 2))  # fmt: skip
    return [folder]


def found(roots, part):
    """The cases of a part of the names."""
    return [case for case in cosmology.cases(roots) if part in case.file.name]


def test_distances_of_the_code_comparison(tmp_path):
    first, second = found(outside(tmp_path), "ccl_chi")[:2]
    measured = first.measure(first.file, "smoke")
    assert judged(first, measured) == "right"
    assert measured.value == pytest.approx(5442.759347, rel=1e-8)
    assert second.measure(second.file, "smoke").verdict == "fail"  # planted: the distances of another universe


def test_a_table_that_is_off_is_no_pass(tmp_path):
    (case, *_) = found(outside(tmp_path, scale=1.0003), "ccl_chi")
    assert case.measure(case.file, "smoke").verdict == "fail"


def test_every_posterior_has_two_methods_and_two_numbers(tmp_path):
    names = [case.file.name for case in found(outside(tmp_path), "desi")]
    assert names == [f"desi_dr1_bao_mean {m} {q}" for m in ("nuts", "npe") for q in ("median", "width")]
    simulator, x, near = cosmology.simulator_of(tmp_path / "cosmology/desi_dr1_bao_mean.txt")
    E = np.sqrt(0.3 * 8 + 0.7)
    np.testing.assert_allclose(simulator.model(jnp.array([0.3, 100.0])), [23.12680164, 29.9792458 / E], rtol=1e-8)
    assert simulator.prior().names == ("Omega_m", "h_r_d")
    np.testing.assert_allclose(x, [23.12680164, 16.87])
    assert len(near) == 2


def test_chi_squared_of_band_powers(tmp_path):
    """A best fit that is the data: 0; data 5 % above it: 50, and no pass."""
    (case,) = found(outside(tmp_path / "a"), "planck2018")
    measured = case.measure(case.file, "smoke")
    assert (measured.value, measured.verdict) == (pytest.approx(0.0, abs=1e-12), "pass")
    (case,) = found(outside(tmp_path / "b", scale=1.05), "planck2018")
    measured = case.measure(case.file, "smoke")
    assert measured.value == pytest.approx(2 * (0.05 / 0.0105) ** 2, rel=1e-6)
    assert measured.verdict == "fail"
