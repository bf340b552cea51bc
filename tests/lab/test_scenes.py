# SPDX-License-Identifier: Apache-2.0
"""What the scenes compute: traces and their estimates, exact values, quench and free fermions, shares of modes."""

import math

import jax
import numpy as np
import pytest

from isinglass.lab.diffusion import judged
from isinglass.lab.frame import Frame, finite
from isinglass.lab.networks import Networks
from isinglass.lab.quench import QuenchScene
from isinglass.lab.recipe import MODES, RADIUS, WIDTH
from isinglass.lab.spins import SpinsScene, exact_values
from isinglass.lab.trace import Trace, estimate
from isinglass.lab.wish import QuenchWish, SpinsWish
from isinglass.systems.surface.gaussian_mixture import ring

FALSE_ALARM = 1e-4


@pytest.mark.parametrize("sizes", [(1,) * 300, (7, 64, 3, 200, 1, 130), (256, 256)])
def test_a_trace_keeps_each_sth_value_whatever_its_parts(sizes):
    trace, n = Trace(64), 0
    for size in sizes:
        trace.extend(np.arange(n, n + size, dtype=float))
        n += size
    assert trace.seen == n
    assert trace.values[: trace.kept].tolist() == list(range(0, n, trace.stride))
    assert trace.kept > 16


def test_an_estimate_is_that_of_the_recent_part_in_sweeps():
    """x_{i+1} = a x_i + noise has τ = (1 + a) / (2 (1 - a)); the beginning, far away, is left out."""
    a, n = 0.8, 1 << 13
    noise = np.random.default_rng(3).normal(size=n)
    x = np.empty(n)
    x[0] = 500.0
    for i in range(1, n):
        x[i] = a * x[i - 1] + noise[i]
    trace = Trace()
    assert estimate(trace) is None
    trace.extend(x)
    found = estimate(trace)
    assert found is not None
    assert abs(found.mean) < 4 * found.error
    assert found.tau == pytest.approx((1 + a) / (2 * (1 - a)), abs=4 * found.tau_error)
    assert (found.sweeps, found.enough) == (n // 2, True)
    thinned = Trace(1 << 11)
    thinned.extend(x)
    assert estimate(thinned).tau == pytest.approx(found.tau, rel=0.5)  # pyright: ignore[reportOptionalMemberAccess]


def test_exact_values_are_said_where_they_hold():
    low, high = exact_values("ising", 256, 2.0), exact_values("ising", 256, 2.3)
    assert low["order"] == pytest.approx(0.911319, abs=1e-6)
    assert (low["order_holds"], high["order_holds"]) == (True, False)
    assert set(exact_values("xy", 64, 1.0)) == {"critical_temperature"}
    assert exact_values("potts", 64, 1.0)["critical_temperature"] == pytest.approx(1 / math.log1p(3**0.5))


@pytest.mark.parametrize(
    ("model", "method"),
    [
        ("ising", "metropolis"),
        pytest.param("ising", "wolff", marks=pytest.mark.slow),
        pytest.param("potts", "metropolis", marks=pytest.mark.slow),
        pytest.param("xy", "swendsen-wang", marks=pytest.mark.slow),
    ],
)
def test_a_lattice_moves_and_says_so(model, method, tmp_path):
    wish = SpinsWish(model=model, method=method, side=64, temperature=0.5, cold=True, sweeps=8)
    networks = Networks(tmp_path)
    networks.states["ising-cnn"] = "is not there"  # none is trained for this test
    scene = SpinsScene(wish, networks)
    first = scene.first(wish)
    scene.prepare(wish)
    frame = scene.advance(wish, 10.0)
    assert frame.picture.shape == first.picture.shape
    assert frame.header["done"] == frame.header["sweeps"] == 8
    assert frame.header["flips"] > 0
    assert 0.7 < abs(frame.header["order"]) <= 1
    assert scene.serves(SpinsWish(model=model, method=method, side=64, temperature=0.6, cold=True))
    assert not scene.serves(SpinsWish(model=model, method=method, side=64, cold=True, start=1))


@pytest.mark.parametrize(("before", "after"), [(2.0, 0.5), (0.0, 1.0), (1.0, 1.0)])
def test_the_wave_function_agrees_with_free_fermions(before, after):
    """Two solutions that share nothing but the Hamiltonian; without a quench nothing moves."""
    wish = QuenchWish(before=before, after=after, speed=4.0, rate=4.0)
    scene = QuenchScene(wish)
    assert scene.first(wish).picture.shape == (1024, 2)
    scene.prepare(wish)
    for _ in range(4):
        header = scene.advance(wish, 0.1).header
        assert header["magnetization"] == pytest.approx(header["exact"], abs=1e-10)
        assert header["return_probability"] == pytest.approx(1.0, abs=1e-10) or before != after
    assert header["t"] == pytest.approx(3.0)


def test_exact_samples_pass_and_others_fail_the_judgement_of_the_diffusion():
    system = ring(MODES, radius=RADIUS, scale=WIDTH)
    x = np.asarray(jax.vmap(system.draw)(jax.random.split(jax.random.key(1), 4096)))
    found = judged(x)
    assert found["p_value"] > FALSE_ALARM
    assert abs(found["surprise"] - found["entropy"]) < 4 * found["surprise_error"]
    assert judged(x[x[:, 0] > -3])["p_value"] < FALSE_ALARM  # planted: a mode is lost
    wide = judged(1.1 * x)
    assert wide["surprise"] - wide["entropy"] > 10 * wide["surprise_error"]


def test_a_frame_has_no_number_that_json_has_not():
    text = Frame({"x": float("nan"), "y": [np.float64(1.5), np.inf], "n": np.int64(3)}, np.zeros(2, np.uint8)).encoded()
    n = int.from_bytes(text[:4], "little")
    assert text[4 : 4 + n] == b'{"x":null,"y":[1.5,null],"n":3}'
    assert len(text) == 4 + n + 2
    assert finite((True, None, "a")) == [True, None, "a"]
