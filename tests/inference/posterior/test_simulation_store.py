# SPDX-License-Identifier: Apache-2.0
"""Simulations on disk: nothing that was written is lost, another problem's are refused, more are added."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from tests.inference.posterior import stored
from tests.run.farm import simulators

from isinglass.errors import InputError, Interrupted
from isinglass.inference.posterior import Farming, Simulations, draw_parameters, finite_pairs, lost_notes, simulate_at
from isinglass.inference.posterior.records import Records, joined, records_of
from isinglass.inference.posterior.simulation_store import SimulationStore
from isinglass.run.farm.outcome import Outcome
from isinglass.systems.simulator import ProgramSimulator, PythonSimulator

KEY = jax.random.key(0)
SCRIPT = Path(stored.__file__)
NAMES = ("a", "b")
HERE = partial(ThreadPoolExecutor, 1)
THETA = np.random.default_rng(0).normal(size=(300, 2))


def silent(done, total, message):
    """No progress."""


def simulated(n, store, simulator=None, key=KEY, theta=THETA, names=NAMES, executor=HERE):
    """The first n, in this process unless said otherwise."""
    simulator = simulator or PythonSimulator(simulators.quick)
    executor = executor if isinstance(simulator, PythonSimulator | ProgramSimulator) else None
    return simulate_at(key, simulator, theta[:n], names, silent, Farming(executor, None, store))


def with_noise(key, theta):
    """Of JAX."""
    return theta + jax.random.normal(key, (2,))


def assert_same(a, b):
    """To the last bit."""
    np.testing.assert_array_equal(a.theta, b.theta)
    np.testing.assert_array_equal(a.x, b.x)


@pytest.mark.parametrize("simulator", [PythonSimulator(simulators.quick), with_noise], ids=["python", "jax"])
def test_a_store_grows_by_what_is_new(simulator, tmp_path):
    """100, then 300, then 200 of them: as if at once; the files of before stay as they are."""
    folder = tmp_path / "deep" / "store"
    whole = simulated(300, None, simulator)
    assert_same(simulated(100, folder, simulator), simulated(100, None, simulator))
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert_same(simulated(300, folder, simulator), whole)
    after = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert len(after) > len(before)
    assert {name: after[name] for name in before} == before
    assert_same(simulated(200, folder, simulator), simulated(200, None, simulator))
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == after  # all were there
    assert_same(Simulations.read(folder), whole)


def test_workers_and_order_change_nothing(tmp_path):
    assert_same(simulated(300, tmp_path / "s", executor=3), simulated(300, None))


def test_killed_at_any_moment_it_is_whole(tmp_path):
    """SIGKILL among the first files, five times: what is there is a run of numbers from 0, each with its own data."""
    folder, n, rng = tmp_path / "s", 0, np.random.default_rng(1)
    for _ in range(5):
        with subprocess.Popen([sys.executable, SCRIPT, folder], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"begun\n"
            time.sleep(rng.uniform(0.0, 0.3))
            process.kill()
        records = SimulationStore(folder).read()
        if records is None:
            continue
        assert len(records.number) >= n
        n = len(records.number)
        np.testing.assert_array_equal(records.number, np.arange(n))
        np.testing.assert_array_equal(records.theta[:, 0], records.number)
        rows, x = records.x[(2,)]
        np.testing.assert_array_equal(x, 2 * records.theta[rows])
    assert n > 1000


def run(folder, out, n=500, stop=None):
    """Run the script; stop it by a signal after its first new file; its exit code."""
    command, before = [sys.executable, SCRIPT, folder, str(n), out], list(folder.glob("0*.h5"))
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        while stop and list(folder.glob("0*.h5")) == before:
            time.sleep(0.02)
        if stop:
            process.send_signal(stop)
        words = process.communicate()[1].decode()
    return process.returncode, words


@pytest.mark.slow
def test_a_killed_run_goes_on_bit_for_bit(tmp_path):
    """SIGKILL, then SIGTERM, then to the end."""
    folder, out = tmp_path / "s", tmp_path / "again.npz"
    assert run(folder, out, stop=signal.SIGKILL)[0] == -signal.SIGKILL
    first = len(SimulationStore(folder).read().number)
    assert 0 < first < 500
    code, words = run(folder, out, stop=signal.SIGTERM)
    assert code == 1
    assert "Interrupted: stopped after" in words
    assert str(folder) in words
    assert first < len(SimulationStore(folder).read().number) < 500
    assert run(folder, out)[0] == 0
    theta = np.random.default_rng(0).normal(size=(500, 2))
    with np.load(out) as again:
        assert_same(Simulations(again["theta"], again["x"]),
                    simulated(500, None, PythonSimulator(stored.slow), theta=theta, executor=2))  # fmt: skip


def test_a_signal_keeps_what_is_done(tmp_path):
    """SIGTERM in the middle: Interrupted, with the store named."""

    def stopping(done, total, message):
        if done > 20:
            os.kill(os.getpid(), signal.SIGTERM)

    slow = PythonSimulator(simulators.noisy)
    with pytest.raises(Interrupted, match="stopped after .* of 300 simulations; run again to go on from") as error:
        simulate_at(KEY, slow, THETA, NAMES, stopping, Farming(2, None, tmp_path / "s"))
    assert error.value.signal == signal.SIGTERM
    assert 20 < len(SimulationStore(tmp_path / "s").read().number) < 300
    assert_same(simulated(300, tmp_path / "s", slow, executor=2), simulated(300, None, slow, executor=2))


def other_noise(rng, theta):
    """Another simulator."""
    return theta + 0.2 * rng.normal(size=2)


@pytest.mark.parametrize(
    ("change", "said"),
    [({"simulator": PythonSimulator(other_noise)}, "simulator.function.*choose another store"),
     ({"simulator": with_noise}, "those of another: simulator"), ({"key": jax.random.key(1)}, "those of another: key"),
     ({"names": ("a", "c")}, "the simulations of a, c in .* found that of a, b"),
     ({"theta": THETA + 1e-3}, "drawn from this prior; found number 0 at")],
)  # fmt: skip
def test_the_store_of_another_problem_is_refused(change, said, tmp_path):
    simulated(20, tmp_path / "s")
    with pytest.raises(InputError, match=said) as error:
        simulated(20, tmp_path / "s", **change)
    assert "\n" not in str(error.value)


def test_a_program_that_has_changed_is_another(tmp_path):
    script = tmp_path / "sim.py"
    program = ProgramSimulator([sys.executable, "sim.py", "{theta}", "{seed}"], folder=tmp_path)
    script.write_text("import sys; print(*sys.argv[1:])")
    first = simulated(3, tmp_path / "s", program)
    np.testing.assert_array_equal(first.x[:, :2], THETA[:3])  # all digits
    script.write_text("import sys; print(*sys.argv[1:], 0)")
    with pytest.raises(InputError, match="found those of another: files.sim.py was .*, is "):
        simulated(3, tmp_path / "s", program)


def test_pairs_of_elsewhere_are_imported_and_added_to(tmp_path):
    """200 pairs are there: of 300 a hundred are run, from number 0 on."""
    pairs = Simulations(THETA[:200], THETA[:200] + 1, NAMES)
    pairs.save(tmp_path / "s")
    assert_same(Simulations.read(tmp_path / "s"), pairs)
    made = simulated(300, tmp_path / "s")
    assert made.imported == 200
    assert_same(Simulations(made.theta[:200], made.x[:200]), pairs)
    assert_same(Simulations(made.theta[200:], made.x[200:]), simulated(100, None))
    with pytest.raises(InputError, match="a new folder for the simulations; found the store"):
        pairs.save(tmp_path / "s")


def test_failures_are_kept_and_told(tmp_path):
    """One raises, one is a text, one in four has another shape; a quarter of the range of a is lost."""
    simulator = PythonSimulator(failing)
    theta = np.stack([np.linspace(0, 1, 200), np.ones(200)], axis=1)
    made = simulated(200, tmp_path / "s", simulator, theta=theta)
    again = simulated(200, tmp_path / "s", simulator, theta=theta)
    assert_same(made, again)
    for pairs in (made, again, Simulations.read(tmp_path / "s")):
        kept, lost = finite_pairs(pairs)
        assert (len(kept.x), lost) == (148, 52)
        assert [len(kind.theta) for kind in kept.lost] == [1, 1, 49, 1]
        notes = lost_notes(kept)
        assert notes[0] == "1 simulations raised an error; the first: ValueError: first"
        assert notes[2] == "49 simulations have another shape; the first: [3], not [2]"
        assert "0.94, 1, 1, 0.02 in the fourths of a, from low to high" in notes[-1]


def failing(rng, theta):
    """See above."""
    if theta[0] == 0:
        raise ValueError("first")
    if 0.004 < theta[0] < 0.006:
        return "text"
    if 0.009 < theta[0] < 0.011:
        return np.full(2, np.inf)
    return np.ones(2) if theta[0] < 0.755 else np.ones(3)


def test_failures_alone_are_not_kept(tmp_path):
    """Their cause may be a licence: with it they are run again."""
    with pytest.raises(InputError, match="all of the first 50 fail, number .*: no licence") as error:
        simulated(300, tmp_path / "s", PythonSimulator(no_licence))
    assert "\n" not in str(error.value)
    assert [path.name for path in (tmp_path / "s").iterdir()] == ["store.json"]


def no_licence(rng, theta):
    """It never works."""
    raise OSError("no licence")


def test_no_shape_of_most_is_refused():
    with pytest.raises(InputError, match=r"returns one shape; found \[\d\] \d+ times, .* pad, bin or summarize"):
        simulated(100, None, PythonSimulator(lambda rng, theta: np.ones(rng.integers(1, 6))))


def test_data_of_no_use_are_seen_early(tmp_path):
    """After 20 simulations, not after all."""
    seen = []

    def refuse(shape):
        seen.append(shape)
        raise InputError("an observation", "another", "change it")

    farming = Farming(1, None, tmp_path / "s", refuse)
    with pytest.raises(InputError, match="an observation"):
        simulate_at(KEY, PythonSimulator(simulators.noisy), THETA, NAMES, silent, farming)
    assert seen == [(2,)]
    assert len(SimulationStore(tmp_path / "s").read().number) < 100


def damage(folder, how):
    """Change the folder."""
    first = next(folder.glob("0*.h5"))
    if how == "cut":
        first.write_bytes(first.read_bytes()[:-200])
    if how == "other":
        import h5py

        with h5py.File(first, "w") as file:
            file["x"] = np.zeros(3)
    if how == "version":
        (folder / "store.json").write_text('{"format": "isinglass simulations 9", "names": ["a", "b"], "run": null}')
    if how == "text":
        (folder / "store.json").write_text("{")
    if how == "none":
        (folder / "store.json").unlink()


@pytest.mark.parametrize(
    ("how", "said"),
    [("cut", "whole simulations in .*0000000.h5.*remove that file: its simulations are run again"),
     ("other", "whole simulations in .*another content"), ("version", "found format 'isinglass simulations 9'"),
     ("text", "found another content"), ("none", "a new folder for the simulations, or a store of them; found other")],
)  # fmt: skip
def test_a_damaged_store_is_one_line(how, said, tmp_path):
    simulated(20, tmp_path / "s")
    damage(tmp_path / "s", how)
    with pytest.raises(InputError, match=said) as error:
        simulated(20, tmp_path / "s")
    assert "\n" not in str(error.value)
    if how in ("cut", "other"):
        next((tmp_path / "s").glob("0*.h5")).unlink()
        assert_same(simulated(20, tmp_path / "s"), simulated(20, None))


def test_what_is_no_store(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="a folder for the simulations; found the file"):
        simulated(20, tmp_path / "file")
    for path, said in ((tmp_path / "file", "a file"), (tmp_path, "another folder"), (tmp_path / "gone", "found no ")):
        with pytest.raises(InputError, match=said):
            Simulations.read(path)
    with SimulationStore(tmp_path / "s").opened(NAMES, {}) as store:
        with pytest.raises(InputError, match="found none yet; simulate first"):
            Simulations.read(tmp_path / "s")
        with pytest.raises(InputError, match=r"a store that no other process works in.*choose another store"):
            simulated(20, tmp_path / "s")
        assert store.read() is None


def test_a_full_disk_is_one_line_and_keeps_what_was_written(tmp_path, monkeypatch):
    """Planted: the second file finds no room."""
    import errno

    from isinglass.inference.posterior import simulation_store

    simulated(100, tmp_path / "s")

    def full(path, content):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(simulation_store, "write_atomically", full)
    with pytest.raises(InputError, match="No space left on device; make room and run again") as error:
        simulated(200, tmp_path / "s")
    assert "\n" not in str(error.value)
    monkeypatch.undo()
    assert_same(simulated(200, tmp_path / "s"), simulated(200, None))


def test_settings_of_workers_are_refused_for_jax():
    with pytest.raises(InputError, match="time_limit for a PythonSimulator"):
        simulate_at(KEY, with_noise, THETA, NAMES, silent, Farming(time_limit=1.0))


def test_parameters_depend_on_key_and_number_alone():
    draw = lambda key: jnp.exp(jax.random.normal(key, (3,)))  # noqa: E731
    np.testing.assert_array_equal(draw_parameters(KEY, draw, 5000)[:17], draw_parameters(KEY, draw, 17))


def test_records_are_joined_by_number():
    """Of two with one number the first; shapes mixed."""
    made = [Outcome(0, np.full(2, 1.0), "", 0.0), Outcome(0, np.full(3, 2.0), "", 0.0), Outcome(1, None, "no", 0.0)]
    one = records_of([4, 1, 3], THETA[:3], made)
    two = records_of([1, 0], THETA[3:5], [made[0], made[1]._replace(x=np.full(3, 5.0))])
    whole = joined([one, two])
    np.testing.assert_array_equal(whole.number, [0, 1, 3, 4])
    np.testing.assert_array_equal(whole.theta, THETA[[4, 1, 2, 0]])
    assert whole.message == {2: "no"}
    np.testing.assert_array_equal(whole.x[(3,)][0], [0, 1])
    np.testing.assert_array_equal(whole.x[(3,)][1][:, 0], [5, 2])
    np.testing.assert_array_equal(whole.x[(2,)][0], [3])
    assert isinstance(whole, Records)
