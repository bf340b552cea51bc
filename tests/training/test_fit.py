# SPDX-License-Identifier: Apache-2.0
"""The training loop against closed forms: ridge, shrinkage, averages; its stops; bit-exact resume after SIGKILL."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from isinglass.errors import InputError, Interrupted
from isinglass.nets.layer.mlp import MLP
from isinglass.training.block import EARLY, BlockPlan, begin, judge, shuffled_rows
from isinglass.training.ensemble import fit_ensemble, member, outputs
from isinglass.training.fit import dataset, fit
from isinglass.training.loss import CrossEntropy, MeanSquare
from isinglass.training.optimizer import Optimizer
from isinglass.training.packing import packing_of
from isinglass.training.setting import Training


class Linear(eqx.Module):
    """f(x) = W x, W a matrix of one row, so that it decays."""

    w: jax.Array

    def __call__(self, x, *, key=None):
        return self.w @ x


def half_square(key, model, batch):
    """(1/2n) sum_i (x_i w - y_i)^2."""
    del key
    x, y = batch
    return 0.5 * ((jax.vmap(model)(x) - y) ** 2).sum() / x.shape[0]


def regression(n=32, d=3):
    rng = np.random.default_rng(3)
    x = rng.normal(size=(n, d))
    return x, x @ rng.normal(size=(d, 1)) + 0.1 * rng.normal(size=(n, 1))


def train(optimizer, steps, data=None, **options):
    data = regression() if data is None else data
    start = Linear(jnp.zeros((1, data[0].shape[1])))
    settings = Training(optimizer, steps=steps, block=steps, **options)
    return fit(jax.random.key(0), start, half_square, data, settings=settings)


def test_early_stopped_gradient_descent_shrinks_each_direction():
    """w_t = sum_i (1 - (1 - eta lambda_i)^t) v_i (v_i . w*), to 1e-12; one step more is seen."""
    x, y = regression()
    eigenvalues, v = np.linalg.eigh(x.T @ x / len(x))
    optimum = np.linalg.lstsq(x, y, rcond=None)[0][:, 0]
    w = np.asarray(train(Optimizer("sgd", 0.1), 25).model.w)[0]
    expected = lambda t: v @ ((1 - (1 - 0.1 * eigenvalues) ** t) * (v.T @ optimum))  # noqa: E731
    assert np.abs(w - expected(25)).max() < 1e-12
    assert np.abs(w - expected(26)).max() > 1e-4


def test_weight_decay_is_ridge_and_adamw_is_not():
    """Minimum of L + (lambda/2)|w|^2 is (X^T X / n + lambda)^-1 X^T y / n; AdamW ends elsewhere."""
    x, y = regression()
    ridge = np.linalg.solve(x.T @ x / 32 + 0.3 * np.eye(3), x.T @ y / 32)[:, 0]
    rate = {"schedule": "exponential", "decay": 1e-4, "weight_decay": 0.3}
    distance = {
        name: np.abs(np.asarray(train(Optimizer(name, eta, **rate), 2000).model.w)[0] - ridge).max()
        for name, eta in [("sgd", 0.3), ("momentum", 0.1), ("adam", 0.1), ("adamw", 0.1)]
    }
    assert max(distance["sgd"], distance["momentum"], distance["adam"]) < 1e-5
    assert distance["adamw"] > 1e-2


def test_averaged_weights_are_the_normalized_geometric_sum():
    """a_T = sum_t d^(T-t) w_t / sum_t d^(T-t), against the weights of runs of every length."""
    weights = np.asarray([train(Optimizer("sgd", 0.1), t).model.w[0] for t in range(1, 6)])
    powers = 0.7 ** np.arange(4, -1, -1)
    averaged = np.asarray(train(Optimizer("sgd", 0.1), 5, ema=0.7).model.w[0])
    assert np.abs(averaged - powers @ weights / powers.sum()).max() < 1e-12
    assert np.abs(averaged - powers @ weights * 0.3).max() > 1e-3  # planted: not normalized


def test_clipping_bounds_the_first_step():
    """|w_1| = eta clip when |g| > clip, and eta |g| else."""
    x, y = regression()
    norm = np.linalg.norm(x.T @ y / 32)
    for clip in (0.5 * norm, 2 * norm):
        w = train(Optimizer("sgd", 0.1, clip=clip), 1).model.w
        assert abs(float(jnp.linalg.norm(w)) - 0.1 * min(clip, norm)) < 1e-12


@pytest.mark.parametrize("name", ["constant", "cosine", "exponential", "one-cycle"])
def test_schedules_start_and_end_where_they_say(name):
    schedule = Optimizer(learning_rate=0.5, schedule=name, warmup=10).rate(100)
    with jax.numpy_dtype_promotion("standard"):  # optax
        rate = [float(schedule(t)) for t in range(101)]
    last = {"constant": 0.5, "cosine": 0.0, "exponential": 0.005, "one-cycle": 0.0}[name]
    assert rate[0] < 0.05
    assert abs(max(rate) - 0.5) < 1e-6
    assert abs(rate[100] - last) < 1e-4


def test_minibatches_cover_each_epoch_once(key):
    """Every row once per epoch, in another order each epoch, whatever the block."""
    rows = jnp.arange(40, dtype=jnp.int32)
    settings = Training(batch_size=10, block=7)
    blocks = [shuffled_rows(key, jnp.int32(first), rows, settings) for first in (0, 7, 14)]
    batches = np.concatenate(blocks)[:20].reshape(5, 40)
    assert (np.sort(batches, axis=1) == np.arange(40)).all()
    assert len({tuple(epoch) for epoch in batches}) == 5
    shifted = np.concatenate(blocks)[1:17].reshape(4, 40)  # planted: epochs cut at the wrong step
    assert not (np.sort(shifted, axis=1) == np.arange(40)).all()


def noisy_labels(n=600, d=20):
    rng = np.random.default_rng(5)
    x = rng.choice([-1, 1], size=(n, d)).astype(np.int8)
    return x, ((x[:, 0] > 0) ^ (rng.random(n) < 0.2)).astype(np.int32)


@pytest.mark.slow
def test_early_stop_keeps_the_best_and_the_run_repeats_itself(key):
    x, y = noisy_labels()
    net = MLP(key=key, in_shape=20, hidden=(64,), out=2, batch_norm=True, dropout=0.1)
    settings = Training(Optimizer(learning_rate=1e-2), steps=2000, batch_size=50, block=20, patience=3)
    runs = [
        fit(key, net, CrossEntropy(), (x[:300], y[:300]), validation=(x[300:], y[300:]), settings=settings)
        for _ in range(2)
    ]
    assert runs[0].status == "stopped early"
    assert runs[0].steps == runs[0].best_step + 3 * 20
    assert bool(eqx.tree_equal(runs[0].model, runs[1].model))
    loss, _ = CrossEntropy()(key, runs[0].model, (jnp.asarray(x[300:]), jnp.asarray(y[300:])))
    assert abs(float(loss) - runs[0].history.validation.min()) < 1e-5
    other = fit(jax.random.key(7), net, CrossEntropy(), (x[:300], y[:300]), settings=settings)  # planted: other key
    assert not bool(eqx.tree_equal(runs[0].model, other.model))


def test_converged_and_step_limit():
    x, y = regression()
    settings = Training(Optimizer("sgd", 0.3), steps=5000, block=100, tolerance=1e-9)
    assert (
        fit(jax.random.key(0), Linear(jnp.zeros((1, 3))), half_square, (x, y), settings=settings).status == "converged"
    )
    assert train(Optimizer("sgd", 0.1), 3).status == "step limit"


def test_divergence_names_the_step_and_keeps_the_last_good_state():
    """The loss is made infinite from w > 1 on; w grows by 0.1 a step, so w_10 = 1.0 is fine and step 12 meets 1.1."""

    def runaway(key, model, batch):
        del key, batch
        w = model.w.sum()
        return -w + jnp.where(w > 1.05, jnp.inf, 0.0)

    with jax.debug_nans(False):  # noqa: FBT003
        settings = Training(Optimizer("sgd", 0.1), steps=40, block=5)
        trained = fit(jax.random.key(0), Linear(jnp.zeros((1, 1))), runaway, regression(), settings=settings)
    assert trained.status == "diverged at step 12"
    assert abs(float(trained.model.w[0, 0]) - 1.0) < 1e-12


def test_chunks_change_nothing():
    data = regression(64)
    whole, chunked = (train(Optimizer("adam", 0.1), 30, data=data, batch_size=16, chunk=chunk) for chunk in (None, 4))
    assert np.abs(whole.model.w - chunked.model.w).max() < 1e-12


@pytest.mark.slow
def test_ensemble_members_are_the_runs_alone(key):
    """Each member equals a run alone with its key; weights 0 and 1 equal a run on the rows with weight 1."""
    data = regression(32)
    keys = jax.random.split(key, 2)
    make = lambda key: Linear(jax.random.normal(key, (1, 3)))  # noqa: E731
    settings = Training(Optimizer("sgd", 0.1), steps=40, batch_size=8, block=20)
    both = fit_ensemble(keys, make, half_square, data, settings=settings)
    assert both.status == ("step limit", "step limit")
    assert both.history.loss.shape == (2, 2)
    for i in range(2):
        model_key, run_key = jax.random.split(keys[i])
        alone = fit(run_key, make(model_key), half_square, data, settings=settings)
        assert np.abs(member(both.model, i).w - alone.model.w).max() < 1e-12
    assert np.abs(member(both.model, 0).w - member(both.model, 1).w).max() > 1e-9
    assert outputs(both.model, jnp.asarray(data[0]), ensemble=True).shape == (2, 32, 1)
    rows = jnp.stack([jnp.arange(16), jnp.arange(16, 32)])
    weights = jnp.zeros((2, 32)).at[jnp.arange(2)[:, None], rows].set(2.0)
    full = Training(Optimizer("sgd", 0.1), steps=40, block=20)
    by_rows = fit_ensemble(keys, make, MeanSquare(), data, settings=full, rows=rows)
    by_weights = fit_ensemble(keys, make, MeanSquare(), data, settings=full, weights=weights)
    assert np.abs(by_rows.model.w - by_weights.model.w).max() < 1e-6


@pytest.mark.slow
def test_a_stopped_member_stands_still(key):
    x, y = noisy_labels()
    make = lambda key: MLP(key=key, in_shape=20, hidden=(64,), out=2)  # noqa: E731
    settings = Training(Optimizer(learning_rate=1e-2), steps=400, batch_size=50, block=20, patience=1)
    rows = jnp.arange(600).reshape(3, 200)
    trained = fit_ensemble(
        jax.random.split(key, 3),
        make,
        CrossEntropy(),
        (x, y),
        settings=settings,
        rows=rows,
        validation_rows=jnp.roll(rows, 1, axis=0),
    )
    assert set(trained.status) == {"stopped early"}
    best = np.nanargmin(trained.history.validation, axis=0)
    assert (trained.history.step[best] == trained.best_step).all()
    assert np.isnan(trained.history.validation).sum() == 3 * trained.steps // 20 - (trained.best_step // 20 + 1).sum()


SCRIPT = """
import sys, isinglass, jax, numpy as np
from isinglass.nets.layer.mlp import MLP
from isinglass.run import loop
from isinglass.training.fit import fit
from isinglass.training.loss import CrossEntropy
from isinglass.training.optimizer import Optimizer
from isinglass.training.setting import Training
loop.SHARE = 1e9  # a checkpoint after every block
checkpoint, out = sys.argv[1:]
key = jax.random.key(0)
rng = np.random.default_rng(0)
x, y = rng.choice([-1, 1], (300, 9)).astype(np.int8), rng.integers(0, 2, 300)
settings = Training(Optimizer(schedule="cosine"), steps=300, batch_size=30, block=7, ema=0.9,
                    checkpoint_seconds=0.0)
def show(record):
    print(record.step, flush=True)
net = MLP(key=key, in_shape=9, out=2, hidden=(8,), batch_norm=True, dropout=0.2)
trained = fit(key, net, CrossEntropy(), (x[:200], y[:200]), validation=(x[200:], y[200:]), settings=settings,
              checkpoint=checkpoint, progress=show)
print(trained.status, flush=True)
leaves = [np.asarray(leaf) for leaf in jax.tree.leaves(trained.model) if hasattr(leaf, "shape")]
np.savez(out, *leaves, loss=trained.history.loss, validation=trained.history.validation)
"""


def start(folder, name, out):
    command = [sys.executable, "-c", SCRIPT, str(folder / name), str(folder / out)]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2] / "src")}
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


@pytest.mark.slow
def test_resume_after_sigkill_is_bit_exact(tmp_path):
    """Killed after step 70 and run again to the end: every bit as in the run that nobody killed."""
    with start(tmp_path, "a", "a.npz") as whole, start(tmp_path, "b", "b.npz") as broken:
        next(line for line in broken.stdout if int(line) >= 70)
        broken.send_signal(signal.SIGKILL)
        assert "step limit" in whole.communicate()[0]
    with start(tmp_path, "b", "b.npz") as again:
        printed = again.communicate()[0].split("\n")
    assert int(printed[0]) > 70  # it did go on from the checkpoint
    a, b = (np.load(tmp_path / name) for name in ("a.npz", "b.npz"))
    assert all(np.array_equal(a[name], b[name]) for name in a.files)


@pytest.mark.parametrize("name", ["adam", "muon"])
def test_a_signal_ends_the_run_after_its_block(key, tmp_path, name):
    """SIGTERM in the second block: no half-trained network is returned; the resumed run ends where a whole one does."""

    def terminate(record):
        if record.step == 10:
            os.kill(os.getpid(), signal.SIGTERM)

    data, begin = regression(), Linear(jnp.zeros((1, 3)))
    settings = Training(Optimizer(name, 0.1), steps=25, batch_size=8, block=5)
    run = lambda **options: fit(key, begin, half_square, data, settings=settings, **options)  # noqa: E731
    with pytest.raises(Interrupted, match="stopped after 2 of 5"):
        run(checkpoint=tmp_path / "c", progress=terminate)
    whole, resumed = run(), run(checkpoint=tmp_path / "c")
    assert resumed.status == "step limit"
    assert np.array_equal(whole.model.w, resumed.model.w)
    assert np.array_equal(whole.history.loss, resumed.history.loss)
    other = Training(Optimizer(name, 0.2), steps=25, batch_size=8, block=5)
    with pytest.raises(ValueError, match="checkpoint of this very run"):
        fit(key, begin, half_square, data, settings=other, checkpoint=tmp_path / "c")


def test_data_of_unequal_length_is_refused(key):
    with pytest.raises(ValueError, match="equally many rows"):
        fit(key, Linear(jnp.zeros((1, 3))), half_square, (np.zeros((4, 3)), np.zeros((5, 1))))


def test_more_members_than_memory_holds_are_refused():
    """Before anything is allocated: a million networks of 8 million weights each."""
    keys = jax.random.split(jax.random.key(0), 10**6)
    make = lambda key: MLP(key=key, in_shape=2000, hidden=(2000, 2000), out=2)  # noqa: E731
    with pytest.raises(InputError, match="expected members within the memory"):
        fit_ensemble(keys, make, MeanSquare(), (jnp.zeros((2, 2000)), jnp.zeros((2, 1))))


def test_a_spike_of_the_loss_is_waited_out(key):
    """Blocks whose training loss is above that of the best tell nothing; those below with a worse validation do."""
    model = eqx.nn.Linear(1, 1, key=key)
    params, static = eqx.partition(model, eqx.is_array)
    mean = lambda key, model, batch: jnp.mean(batch)  # noqa: E731
    plan = BlockPlan(static, packing_of(params), mean, Training(patience=2))
    state, rows = begin(key, params, plan), lambda value: dataset(jnp.full(3, value))  # noqa: E731
    stales = []
    for loss, validation in ((1.0, 1.0), (5.0, 4.0), (5.0, 4.0), (5.0, 4.0), (0.9, 1.1), (0.8, 1.2)):
        state, _ = judge(state, jnp.float32(loss), {}, jnp.int32(1), rows(0.0), rows(validation), plan)
        stales.append(int(state.stale))
    assert stales == [0, 0, 0, 0, 1, 2]
    assert int(state.outcome) == EARLY
    assert float(state.best_loss) == 1.0
