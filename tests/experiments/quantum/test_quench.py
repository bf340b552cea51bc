# SPDX-License-Identifier: Apache-2.0
"""Quenches against exponentials of dense matrices of spins; what is told of a motion; a stopped run goes on."""

import os
import signal

import jax
import numpy as np
import pytest
import scipy.linalg
import xarray as xr

from isinglass.approximation.exact.exact_diagonalization import dense
from isinglass.errors import InputError, Interrupted
from isinglass.experiments.quantum.quench import Quench, exact_magnetization, grid
from isinglass.report.plots.quantum.quench import draw
from isinglass.result import Check, Estimate, Result
from isinglass.systems.graph import hypercubic
from isinglass.systems.quantum.hamiltonian import Hamiltonian
from isinglass.systems.quantum.operator import Operator, X
from isinglass.systems.quantum.transverse_field_ising import transverse_field_ising

SMALL = Quench(n_sites=4, before=(2.0, 0.5), after=(0.5, 1.0), time=0.4, dt=0.02, preparation=5.0, hidden=2)
KEY = jax.random.key(5)


def spins(before, after, times):
    """<X>(t) of a ring of 4 by dense matrices."""
    start, motion = (transverse_field_ising(hypercubic((4,)), h) for h in (before, after))
    m = np.asarray(dense(Hamiltonian(sum((X(i) for i in range(4)), Operator({})) / 4, start.space)))
    psi, H = np.linalg.eigh(np.asarray(dense(start)))[1][:, 0], np.asarray(dense(motion))
    moved = [scipy.linalg.expm(-1j * t * H) @ psi for t in times]
    return np.array([(p.conj() @ m @ p).real for p in moved])


@pytest.mark.parametrize(("before", "after"), [(2.0, 1.0), (2.0, 0.5), (0.5, 1.0)])
def test_free_fermions_are_the_spins(before, after):
    """To 1e-10; planted: the quench the other way round."""
    times = np.array([0.3, 0.9])
    found = spins(before, after, times)
    np.testing.assert_allclose(found, exact_magnetization(4, before, after, times), atol=1e-10)
    assert np.abs(found - exact_magnetization(4, after, before, times)).max() > 0.01


def moved(key, problem, *, exact=None, progress, checkpoint, **settings):
    """A verb that gives the exact motion, and a wrong energy in the second quench."""
    if problem.imaginary:
        ground = free_energy(problem)
        return Result("start", estimates={"energy": Estimate(ground)}, models={"state": problem.start})
    ((name, values),) = exact.items()
    arrays = {"magnetization": values, "magnetization_error": 0 * values, "exact_magnetization": values,
              "energy": 0 * values - 5, "residual": 0 * values}  # fmt: skip
    rows = xr.Dataset({k: ("time", v) for k, v in arrays.items()}, coords={"time": problem.times})
    check = Check.within("law", float(problem.hamiltonian.moves.c[0, 0]), -0.5, 0.1)
    return Result("motion", estimates={name: Estimate(float(values[-1]))}, checks=[check], arrays=rows,
                  models={"state": problem.start}, notes=["a note"])  # fmt: skip


def free_energy(problem):
    """By the matrix."""
    return float(np.linalg.eigvalsh(np.asarray(dense(problem.hamiltonian)))[0])


def test_what_is_told_of_each_quench(monkeypatch):
    """The verb is given the free fermions; its results are joined by label; starts are held against their energies."""
    monkeypatch.setattr("isinglass.experiments.quantum.quench.approximate", moved)
    told = SMALL.run(KEY)
    assert [(check.law, check.verdict) for check in told.checks] == [
        ("law (h = 2 to 0.5)", "pass"), ("law (h = 0.5 to 1)", "fail"),
        ("relative error of the energy (start at h = 2)", "pass"),
        ("relative error of the energy (start at h = 0.5)", "pass"),
    ]  # fmt: skip
    assert told.estimates["magnetization/h_0.5_to_1"].value == pytest.approx(spins(0.5, 1.0, [0.4])[0], abs=1e-9)
    assert abs(told.estimates["relative_error_of_the_start/h_2"].value) < 1e-9
    assert told.notes == ["h = 2 to 0.5: a note", "h = 0.5 to 1: a note"]
    assert set(told.models) == {"start_2", "start_0.5"}
    assert len(draw(told.arrays, "").axes) == 3


def test_a_start_without_its_motion_is_refused():
    with pytest.raises(InputError, match="2 and 1"):
        Quench(before=(2.0, 1.0), after=(1.0,)).run(KEY)


@pytest.mark.slow
def test_a_ring_of_four_moves_as_its_spins_and_goes_on_when_stopped(tmp_path):
    """Within 1e-4 of dense matrices; stopped in the first motion by SIGTERM: the same bits; planted: another field."""
    whole = SMALL.run(KEY)
    for i, (h, after) in enumerate(zip(SMALL.before, SMALL.after, strict=True)):
        found = whole.arrays["magnetization"][i].to_numpy()
        exact = spins(h, after, grid(SMALL.time, SMALL.dt))
        np.testing.assert_allclose(found, exact, atol=1e-4)
        assert np.abs(found - spins(h, after + 0.05, grid(SMALL.time, SMALL.dt))).max() > 1e-3

    def stop(done, total, message):
        if message == "h = 2 to 0.5":
            os.kill(os.getpid(), signal.SIGTERM)

    with pytest.raises(Interrupted):
        SMALL.run(KEY, progress=stop, checkpoint=tmp_path)
    assert len(list(tmp_path.iterdir())) == 3  # two starts, and the motion that was stopped
    again = SMALL.run(KEY, checkpoint=tmp_path)
    for name, row in whole.arrays.items():
        np.testing.assert_array_equal(row, again.arrays[name])
