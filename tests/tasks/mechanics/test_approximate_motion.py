# SPDX-License-Identifier: Apache-2.0
"""Motions learned by the verb and from files: right ones pass; friction and too short a training fail."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from isinglass.errors import InputError
from isinglass.exact.mechanics import pendulum
from isinglass.experiments.mechanics.hamiltonian_network import learned_period
from isinglass.result import Result
from isinglass.systems.mechanics.mechanics import simulated
from isinglass.systems.mechanics.pendulum import Pendulum
from isinglass.systems.mechanics.spring_chain import SpringChain
from isinglass.systems.mechanics.trajectories import Trajectories
from isinglass.tasks.mechanics.trajectory_file import MotionFile
from isinglass.verbs import approximate

SPRING, T = SpringChain(1), np.linspace(0.0, 5.0, 26)
QUICK = {"steps": 4000, "width": 32, "duration": 30.0, "progress": False}


def spring(n=40, **more):
    return simulated(jax.random.key(1), SPRING, n, T, **more)


def checks_of(result, words):
    return [check.verdict for check in result.checks if words in check.law]


@pytest.fixture(scope="module")
def learned():
    return approximate(0, spring(), truth=SPRING.hamiltonian, **QUICK)


def test_an_oscillator_is_learned_and_its_energy_stays(learned, tmp_path):
    assert learned.verdict == "pass", learned
    assert learned.estimates["energy_drift"].value < 0.05
    assert sorted(learned.plot()) == ["energy_along", "phase_portrait", "training_history"]
    kept = Result.load(learned.save(tmp_path / "run"))
    y = jnp.array([0.3, 0.4])
    assert np.array_equal(kept.models["motion"](y), learned.models["motion"](y))


def test_states_alone_teach_as_well():
    """Steps from each time to the next, in place of derivatives."""
    data = spring()
    found = approximate(0, Trajectories(data.t, data.y), **QUICK)
    assert found.verdict == "pass", found


def test_velocities_make_a_lagrangian():
    data = spring()
    found = approximate(0, Trajectories(data.t, data.y, data.rate, velocities=True), **QUICK)
    assert found.settings["method"] == "lagrangian"
    assert found.verdict == "pass", found


def test_friction_is_refused_by_the_energy():
    """Planted: dp/dt = -q - 0.1 p."""
    decay, omega = 0.05, (1 - 0.05**2) ** 0.5
    starts = np.random.default_rng(0).normal(size=(40, 2))
    c, s = np.cos(omega * T), np.sin(omega * T)
    q0, p0 = starts[:, :1], starts[:, 1:]
    q = np.exp(-decay * T) * (q0 * c + (p0 + decay * q0) / omega * s)
    p = np.gradient(q, T, axis=1, edge_order=2)
    found = approximate(0, Trajectories(T, np.stack([q, p], axis=-1)), **QUICK)
    assert found.verdict == "fail"
    plain = approximate(0, Trajectories(T, np.stack([q, p], axis=-1)), method="plain", **QUICK)
    assert plain.estimates["motion_error"].value < found.estimates["motion_error"].value
    assert plain.figures == ["phase_portrait", "training_history"]


def test_too_short_a_training_fails():
    found = approximate(0, spring(), **(QUICK | {"steps": 10}))
    assert "fail" in checks_of(found, "follow the data")


def test_one_long_motion_is_cut_into_pieces():
    t = np.linspace(0.0, 60.0, 601)
    y = np.stack([np.cos(t), -np.sin(t)], axis=1)
    found = approximate(0, Trajectories(t, y), **QUICK)
    assert found.verdict != "fail", found
    assert "cut into 16 pieces" in found.notes[0]


@pytest.mark.slow
def test_the_period_of_a_learned_pendulum():
    data = simulated(jax.random.key(0), Pendulum(), 40, np.linspace(0.0, 6.7, 30))
    found = approximate(0, data, steps=6000, duration=50.0, progress=False)
    for amplitude in (0.5, 1.0, 2.0):
        T = learned_period(found.models["motion"], amplitude)
        assert abs(T / pendulum.period(amplitude) - 1) < 0.01


REFUSED = {
    "a Lagrangian of momenta": (lambda: approximate(0, spring(), method="lagrangian", **QUICK), "velocities for a"),
    "held out": (lambda: approximate(0, spring(), held_out=0.95, **QUICK), "held_out"),
    "uneven": (lambda: approximate(0, Trajectories(T**2, np.zeros((1, 26, 2))), **QUICK), "not equally spaced"),
    "short": (lambda: approximate(0, Trajectories(T, np.zeros((1, 26, 2))), **QUICK), "6 motions, or 48"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_learned_is_refused_in_one_line(name):
    made, words = REFUSED[name]
    with pytest.raises(InputError, match=words) as found:
        made()
    assert "\n" not in str(found.value)


DATA = spring(5)


def test_files_of_each_format_are_the_same_motion(tmp_path):
    q, p = DATA.y[..., :1], DATA.y[..., 1:]
    np.savez(tmp_path / "a.npz", t=DATA.t, q=q, p=p)
    np.savez(tmp_path / "flat.npz", time=DATA.t, q=q[..., 0], p=p[..., 0])
    run = np.repeat(np.arange(5), len(T))
    rows = np.stack([run, np.tile(T, 5), q.ravel(), p.ravel()], axis=1)
    np.savetxt(tmp_path / "a.csv", rows, delimiter=",", header="run,t,q1,p1", comments="")
    for name in ("a.npz", "flat.npz", "a.csv"):
        found, settings, record = MotionFile(tmp_path / name).read()
        assert np.allclose(found.y, DATA.y), name
        assert (settings, found.rate, found.velocities) == ({}, None, False)
        assert "5 motions of 26 times" in record["read"]


def test_velocities_and_derivatives_in_a_file(tmp_path):
    q, v = DATA.y[..., :1], DATA.y[..., 1:]
    np.savez(tmp_path / "v.npz", t=DATA.t, q=q, v=v, dq=v, dv=-q)
    found = MotionFile(tmp_path / "v.npz", angles=(1,)).read()[0]
    assert found.velocities
    assert found.angles == (0,)
    assert np.allclose(found.rate, np.concatenate([v, -q], axis=-1))


def runs(numbers):
    """Columns of runs, with other times in each."""
    t = np.arange(len(numbers)) ** 2.0
    return {"t": t, "run": np.array(numbers), "q": t, "p": t}


FILES = {
    "no momenta": ({"t": T, "q": DATA.y[..., :1]}, "momenta p"),
    "no times": ({"q": DATA.y[..., :1], "p": DATA.y[..., 1:]}, "times t"),
    "transposed": ({"t": T, "q": DATA.y[..., :1].swapaxes(1, 2), "p": DATA.y[..., 1:]}, "transpose"),
    "unequal runs": (runs([0] * 3 + [1] * 4), "equal length"),
    "other times": (runs([0] * 4 + [1] * 4), "same times"),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_what_is_no_trajectory_is_refused_in_one_line(name, tmp_path):
    arrays, words = FILES[name]
    np.savez(tmp_path / "x.npz", **arrays)
    with pytest.raises(InputError, match=words) as found:
        MotionFile(tmp_path / "x.npz").read()
    assert "\n" not in str(found.value)
