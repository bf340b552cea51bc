# SPDX-License-Identifier: Apache-2.0
"""Ground states with observables beside exact diagonalization; saved, looked at anew, and damaged."""

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from isinglass import approximate, data, sample
from isinglass.approximation.exact.exact_diagonalization import dense
from isinglass.approximation.variational.markov_chain import Flip
from isinglass.errors import InputError
from isinglass.nets.wavefunction.quantum_state import AbstractQuantumState, PlainWalker
from isinglass.result import Estimate, Result
from isinglass.systems.graph import hypercubic
from isinglass.systems.quantum.hamiltonian import Hamiltonian
from isinglass.systems.quantum.heisenberg import heisenberg
from isinglass.systems.quantum.hilbert_space import bosons, fermions, spins
from isinglass.systems.quantum.hubbard import hubbard
from isinglass.systems.quantum.operator import X, Z
from isinglass.systems.quantum.term import parse
from isinglass.systems.quantum.transverse_field_ising import transverse_field_ising
from isinglass.tasks.sample_state import as_stored
from isinglass.tasks.setting.observable import observable_operators
from isinglass.tasks.setting.optimizer import optimizer_words, sampler_words, update_rule

RING = transverse_field_ising(hypercubic((4,)), 1.0)
PROBLEMS = {
    "ising": (lambda: transverse_field_ising(hypercubic((6,)), 1.0), {"x": "X(0)", "zz": "Z(0) Z(1)"}),
    "heisenberg": (lambda: heisenberg(hypercubic((8,)), magnetization=0),
                   {"xy": "0.5 X(0) X(1) + 0.5 Y(0) Y(1)", "zz": "Z(0) Z(4)"}),
    "hubbard": (lambda: hubbard(hypercubic((4,), periodic=False), 4.0, (2, 2)),
                {"doublon": "n(0) n(4)", "hop": "cdag(0) c(1) + cdag(1) c(0)"}),
}  # fmt: skip


class Pairs(AbstractQuantumState):
    """ln ψ(x) = v Σ_i x_i x_(i+1)."""

    v: jax.Array

    def log_psi(self, x):
        return self.v * (x * jnp.roll(x, 1)).sum()

    def walker(self):
        return PlainWalker(self)


class Rest(Flip):
    """Planted: a move that changes nothing."""

    def apply(self, choice, n, space):
        return choice[:1], n[choice[:1]].astype(jnp.int32)


QUICK = {"preset": "smoke", "samples": 64, "steps": 4, "every": 2, "lanczos_step": False}
SPREAD = {"preset": "smoke", "samples": 1024}


def exact_values(H, observables) -> dict[str, float]:
    """<A> in the lowest eigenvector that NumPy finds."""
    vector = np.linalg.eigh(np.asarray(dense(H)))[1][:, 0]
    matrices = {name: np.asarray(dense(Hamiltonian(parse(text), H.space))) for name, text in observables.items()}
    return {name: float((vector.conj() @ A @ vector).real) for name, A in matrices.items()}


@pytest.mark.slow
@pytest.mark.parametrize("name", PROBLEMS)
def test_observables_beside_exact_diagonalization(name, key, tmp_path):
    """Sampled, at the end and in the saved state: within 4.5 errors, and what the state itself is off; Lanczos: exact.

    The signs of the Heisenberg ring and of the open Hubbard chain are rotated away where they have a rule.
    """
    make, observables = PROBLEMS[name]
    H = make()
    exact = exact_values(H, observables)
    found = approximate(key, H, observables=observables, **SPREAD)
    assert found.verdict == "pass", found.checks
    again = sample(key, data.read_state(found.save(tmp_path / "run", report=False)), observables=observables,
                   samples=8192)  # fmt: skip
    assert again.verdict == "pass", again.checks
    summed = sample(key, data.read_state(tmp_path / "run"), observables=observables)
    levels = approximate(key, H, ansatz="exact", observables=observables)
    for of, known in exact.items():
        off = summed.estimates[of].value
        assert levels.estimates[of].value == pytest.approx(known, abs=1e-8)
        assert off == pytest.approx(known, abs=0.03)
        for result in (found, again):
            assert abs(result.estimates[of].value - off) < 4.5 * result.estimates[of].error < 0.2
    assert list(found.metrics[-1])[:3] == ["step", "energy", "energy_error"]
    assert set(observables) < set(found.metrics[-1])


def quick(**settings) -> Result:
    """An own state, four steps."""
    return approximate(0, RING, ansatz=Pairs(jnp.asarray(0.1)), **(QUICK | settings))


@pytest.mark.slow
def test_a_result_has_observables_history_correlations_and_parameters():
    found = quick(observables={"zz": "Z(0) Z(1)", "x": X(0)})
    assert {"zz", "x"} < set(found.estimates)
    assert [row["step"] for row in found.metrics] == [2, 4]
    assert found.settings["parameters"] == 1
    assert found.notes[0] == "ansatz Pairs: 1 parameter"
    assert found.arrays["zz_correlation"].dims == ("distance",)


PAIRS = Pairs(jnp.asarray(0.2))


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Path:
    """A run as ground-state saves one, its <H> and Var H by NumPy from the dense matrix."""
    space, H = RING.space, np.asarray(dense(RING))
    n = jax.vmap(space.decode)(jnp.asarray(space.states()))
    psi = np.exp(np.asarray(jax.vmap(PAIRS.log_psi)(space.variables(n, float))))
    psi /= np.linalg.norm(psi)
    estimates = {"ground_state_energy": Estimate(float(psi @ H @ psi), 0.0),
                 "energy_variance": Estimate(float(psi @ H @ H @ psi - (psi @ H @ psi) ** 2), 0.0)}  # fmt: skip
    settings = {"hamiltonian": str(RING.operator), "space": data.saved_state.space_record(space, None), "lattice": [4]}
    made = Result("ground-state", estimates, models={"state": PAIRS}, settings=settings)
    return made.save(tmp_path_factory.mktemp("runs") / "run", report=False)


ALLOW = (Pairs.__module__.partition(".")[0],)


@pytest.mark.slow
def test_a_saved_state_is_what_was_stored(run):
    """Summed and by chains: <H> and Var H are those of NumPy; planted: another state, another Hamiltonian."""
    state = data.read_state(run, allow=ALLOW)
    assert sample(0, state, observables=["zz=Z(0) Z(1)"]).verdict == "pass"
    found = sample(0, state, samples=1024, chains=32)
    assert found.verdict == "pass", found.checks
    assert found.arrays["configurations"].shape == (1024, 4)
    other = state._replace(phi=Pairs(state.phi.v - 1.0))
    laws = {c.law: c.verdict for c in sample(0, other).checks}
    assert laws["<H> is the energy that was stored"] == "fail"
    warm = state._replace(hamiltonian=transverse_field_ising(hypercubic((4,)), 1.5))
    assert sample(0, warm).verdict == "fail"
    unknown = state._replace(energy=Estimate(float("nan")))
    assert sample(0, unknown).verdict == "unknown"


@pytest.mark.slow
def test_chains_that_are_too_short_or_never_move_do_not_pass(run):
    """Two draws of a chain tell nothing; chains that stay where they began, without moves, disagree."""
    state = data.read_state(run, allow=ALLOW)
    assert sample(0, state, samples=64, chains=32).verdict == "unknown"
    laws = {c.law: c.verdict for c in sample(0, state, samples=512, chains=32, sampler=Rest()).checks}
    assert [v for law, v in laws.items() if law.startswith("chains agree")] == ["fail"]


@pytest.mark.parametrize(("times", "verdict"), [(0.9, "pass"), (1.1, "fail")])
def test_a_state_beside_what_was_stored(times, verdict):
    """Energies 4 of both errors apart, 0.05 of 0.03 and 0.04; nothing is told where nothing finite was stored."""
    found: Any = SimpleNamespace(energy=Estimate(-1 + times * 0.2, 0.04), variance=Estimate(0.0, 0.0), infinite=0.0)
    stored: Any = SimpleNamespace(energy=Estimate(-1.0, 0.03), variance=Estimate(0.0, 0.0))
    assert [c.verdict for c in as_stored(stored, found)] == [verdict, "pass"]
    stored.energy = Estimate(float("nan"), 0.0)
    assert [c.verdict for c in as_stored(stored, found)] == ["unknown", "pass"]


def test_the_rule_of_signs_is_rebuilt(run, tmp_path):
    """The sites of one sublattice, and no others."""
    assert not data.read_state(run, allow=ALLOW).has_rule
    folder = damaged(run, tmp_path / "copy", lambda r: r["settings"]["space"].update(rotated=[0, 3]))
    assert data.read_state(folder, allow=ALLOW).rule.tolist() == [True, False, False, True]


def test_states_of_other_packages_are_asked_for(run):
    with pytest.raises(InputError, match="if you trust that package"):
        data.read_state(run)


def damaged(run: Path, folder: Path, change) -> Path:
    """A copy of the run whose result.json is changed."""
    folder.mkdir()
    for path in run.iterdir():
        if path.is_file():
            (folder / path.name).write_bytes(path.read_bytes())
    record = json.loads((folder / "result.json").read_text())
    change(record)
    (folder / "result.json").write_text(json.dumps(record))
    return folder


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda r: r["settings"].pop("space"), "a run that tells its Hamiltonian and its space"),
        (lambda r: r["settings"]["space"].update(sites="4"), r"Expected `int`, got `str`"),
        (lambda r: r["settings"]["space"].update(sites=10**9), "Expected `int` <= 1048576"),
        (lambda r: r["settings"]["space"].update(more=1), "unknown field"),
        (lambda r: r["settings"]["space"].update(conserved=[[0, 9, 1]]), "sums over sites beyond the 4"),
        (lambda r: r["settings"]["space"].update(conserved=[[0, 4, 9]]), "a sector without states"),
        (lambda r: r["settings"].update(hamiltonian="1.0 Q(0)"), "a whole result.json"),
        (lambda r: r["settings"].update(hamiltonian="1.0 Z(7)"), "Expected sites 0 to 3"),
        (lambda r: r["settings"].update(lattice="4"), "a whole result.json"),
        (lambda r: r["estimates"].pop("energy_variance"), "a whole result.json"),
    ],
)
def test_a_damaged_run_is_refused_in_a_line(run, tmp_path, change, message):
    with pytest.raises(InputError, match=message) as error:
        data.read_state(damaged(run, tmp_path / "copy", change), allow=ALLOW)
    assert "\n" not in str(error.value)


def test_a_run_without_a_state_is_refused(run, tmp_path):
    (folder := damaged(run, tmp_path / "copy", lambda record: None)).joinpath("model.json").unlink()
    with pytest.raises(InputError, match="a run with a saved neural state"):
        data.read_state(folder)


SPACES = [spins(4), spins(4, 1.0, 0), bosons(3, 2, 2), fermions(3, 1), fermions(2, (1, 1), spinful=True)]


@pytest.mark.parametrize("space", SPACES, ids=str)
def test_a_space_is_rebuilt_from_its_record(space):
    """Equal, after JSON; planted: another sum."""
    from isinglass.data.saved_state import SpaceRecord, space_of

    record = json.loads(json.dumps(data.saved_state.space_record(space, None)))
    import msgspec

    assert space_of(msgspec.convert(record, SpaceRecord)) == space
    if space.conserved:
        record["conserved"][0][2] -= 1
        assert space_of(msgspec.convert(record, SpaceRecord)) != space


OPEN = heisenberg(hypercubic((4,)), magnetization=0).space


@pytest.mark.parametrize(
    ("given", "space", "message"),
    [
        ({"energy": "Z(0)"}, RING.space, "found energy, which is taken"),
        ({"energy_error": "Z(0)"}, RING.space, "found energy_error, which is taken"),
        (["a=Z(0)", "a=Z(1)"], RING.space, "found a, which is taken"),
        (["a=Z(0)", "a_error=Z(1)"], RING.space, "found a_error, which is taken"),
        ({"a": float("nan") * Z(0)}, RING.space, "observable a: Expected finite coefficients"),
        ({"a": float("inf") * Z(0)}, RING.space, "observable a: Expected finite coefficients"),
        ({"a": "Z(4)"}, RING.space, "observable a: Expected sites 0 to 3"),
        ({"a": "Sp(0)"}, RING.space, r"observable a: Expected a Hermitian operator.*\(A \+ A†\)/2"),
        ({"a": 1j * Z(0)}, RING.space, "observable a: Expected a Hermitian operator"),
        ({"a": "n(0)"}, RING.space, "observable a: Expected operators of a spin"),
        ({"a": "X(0)"}, OPEN, "observable a: Expected terms that keep the sum"),
        ({"a": "Z(0) Q"}, RING.space, "expected for observable a one of X, Y"),
        ({"": "Z(0)"}, RING.space, "the name of an observable"),
        ({3: "Z(0)"}, RING.space, "the name of an observable"),
        ({"a\nb": "Z(0)"}, RING.space, "the name of an observable"),
        ({"a" * 61: "Z(0)"}, RING.space, "found one of 61"),
        ({"a": 3.0}, RING.space, "an operator for a"),
        ({"a": transverse_field_ising(hypercubic((5,)), 1.0)}, RING.space, "one of another space"),
        (7, RING.space, "observables, {name: operator} or texts"),
        ([Z(0)], RING.space, "observables, {name: operator} or texts"),
    ],
)
def test_observables_that_are_none_are_refused_in_a_line(given, space, message):
    with pytest.raises(ValueError, match=message) as error:
        observable_operators(given, space, ("energy",))
    assert "\n" not in str(error.value)


def test_observables_may_be_texts_operators_and_hamiltonians():
    """A text is its own name; an operator of another sector is put into that of H."""
    found = observable_operators(["Z(0) Z(1)", "m = 0.5 Z(0)"], RING.space)
    assert list(found) == ["Z(0) Z(1)", "m"]
    put = observable_operators({"H": heisenberg(hypercubic((4,)))}, OPEN)["H"]
    assert put.space == OPEN
    assert observable_operators(None, OPEN) == {}
    assert observable_operators("Z(0)", OPEN)["Z(0)"].operator == Z(0)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"callback": 7}, "callback"),
        ({"optimizer": "sdg"}, "did you mean 'sgd'"),
        ({"optimizer": optax.adamw(0.1)}, "needs gradients alone"),
        ({"optimizer": optax.sgd(0.1), "rate": 0.1}, "rate and shift, or an optimizer of your own"),
        ({"sampler": "glauber"}, "sampler among auto, local"),
        ({"every": 0}, "every above 0"),
        ({"chains": 7}, "chains that divide 64 samples"),
        ({"observables": {"v_score": "Z(0)"}}, "found v_score, which is taken"),
    ],
)
def test_settings_that_do_not_fit_are_refused(settings, message):
    with pytest.raises(InputError, match=message):
        quick(**settings)


@pytest.mark.slow
def test_own_optimizers_and_moves_are_taken():
    """A transformation of optax, a move, a word; a callback that stops at once leaves a result that does not pass."""
    for settings in ({"optimizer": optax.sgd(0.01)}, {"sampler": Flip(), "optimizer": "adam", "rate": 0.01}):
        assert np.isfinite(quick(**settings).estimates["ground_state_energy"].value)
    stopped = quick(callback=lambda step, seen: True)
    assert "stopped by the callback at step 2" in stopped.notes
    assert len(stopped.history("energy")) == 1
    assert stopped.verdict == "fail"


@pytest.mark.slow
def test_a_run_that_a_callback_broke_off_goes_on(tmp_path):
    """A callback that remembers raises at step 4; with the same folder the run goes on, bit for bit."""
    told = []

    def fragile(step, seen):
        told.append(step)
        if told == [2, 4]:
            raise RuntimeError("full disk")

    with pytest.raises(RuntimeError, match="full disk"):
        quick(callback=fragile, observables=["Z(0)"], checkpoint=tmp_path, steps=6)
    found = quick(callback=fragile, observables=["Z(0)"], checkpoint=tmp_path, steps=6)
    whole = quick(observables=["Z(0)"], steps=6)
    assert told == [2, 4, 4, 6]
    assert found.metrics == whole.metrics
    assert found.estimates == whole.estimates


def test_words_of_the_flags_are_those_of_the_methods():
    """Each optimizer's word makes one, each sampler's a sampler or a sentence."""
    from isinglass.approximation.variational.ground_state import optimizer_for, sampler_for

    psi = Pairs(jnp.asarray(0.1))
    for word in optimizer_words():
        assert optimizer_for(RING, 10, word, exact=True)
        assert update_rule(word, 0.1, 0.1) == word
    refused = set()
    for word in sampler_words():
        try:
            assert sampler_for(RING, psi, 16, word)
        except InputError:
            refused.add(word)
    assert refused == {"exchange", "hop", "direct"}


class Broken(Pairs):
    """ln ψ is no number where the first spin is up."""

    def log_psi(self, x):
        return self.v * (x * jnp.roll(x, 1)).sum() + jnp.where(x[0] > 0, jnp.nan, 0.0)


@pytest.mark.slow
def test_what_is_absurd_fails():
    """A rate of 1e9, a state that is no number: fail, and an observable without a value."""
    with jax.debug_nans(False):  # noqa: FBT003
        for settings in ({"optimizer": "adam", "rate": 1e9}, {"optimizer": "adam", "rate": 1e9, "samples": 64}):
            found = approximate(0, RING, preset="smoke", **settings)
            assert found.verdict == "fail"
            assert found.status.startswith("diverged")
        found = approximate(0, RING, ansatz=Broken(jnp.asarray(0.1)), observables={"z": "Z(0)"}, **QUICK)
    assert found.verdict == "fail"
    assert found.to_json()["estimates"]["ground_state_energy"]["value"] is None


TOML = 'bond = "-1.0 Z(i) Z(j)"\nsite = "-0.8 X(i)"\n[lattice]\nname = "chain"\nshape = [4]\n'


@pytest.mark.slow
def test_from_the_command_line(tmp_path):
    """Two observables, then a second look as JSON; planted: a site that there is not, exit code 2."""
    (tmp_path / "h.toml").write_text(TOML)
    call = lambda *words: subprocess.run(  # noqa: E731
        [sys.executable, "-m", "isinglass.cli", *words], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    shown = ("--observable", "zz=Z(0) Z(1)", "--observable", "X(0)")
    made = call("ground-state", "h.toml", "--preset", "smoke", "--optimizer", "sr", *shown, "--out", "run", "--json")
    assert made.returncode == 0, made.stderr
    looked = call("evaluate", "run", *shown, "--json")
    assert looked.returncode == 0, looked.stderr
    first, second = json.loads(made.stdout), json.loads(looked.stdout)
    for name in ("zz", "X(0)"):
        assert second["estimates"][name]["value"] == pytest.approx(first["estimates"][name]["value"], abs=1e-9)
    assert second["verdict"] == "pass"
    refused = call("evaluate", "run", "--observable", "Z(9)")
    assert refused.returncode == 2
    assert refused.stderr.splitlines()[-1].startswith("isinglass: observable Z(9): Expected sites 0 to 3")


def test_all_parameters_of_the_state_count():
    """Complex ones once."""
    from isinglass.tasks.approximate_ground_state import parameters_of

    assert parameters_of(Pairs(jnp.zeros((), complex))) == 1
    assert parameters_of(eqx.nn.MLP(2, 1, 3, 1, key=jax.random.key(0))) == 13
