# SPDX-License-Identifier: Apache-2.0
"""One law, all experiments: presets, documented settings, an entry that agrees, a run that ends in a whole result."""

import ast
import dataclasses
import inspect
import textwrap
from itertools import pairwise

import jax
import pytest

from isinglass.errors import InputError
from isinglass.experiments.catalogue import Entry, catalogue, find
from isinglass.experiments.experiment import PRESETS, AbstractExperiment
from isinglass.report.figures import kinds
from isinglass.result import Result

# The smoke preset made smaller still: not what the claims are made of, so only the shape of the result is looked at.
TINY = {
    "potential-copper": {"frames": 30, "epochs": 2},
    "potential-silicon": {
        "parts": ("crystal", "vacancy", "liquid", "drift"),
        "solids": 15,
        "liquids": 8,
        "epochs": 2,
        "liquid_steps": 400,
        "drift_steps": 200,
    },
    "data-efficiency": {
        "graph_sizes": (5, 10),
        "configurations": (10, 20),
        "trainings": 1,
        "graph_steps": 2,
        "steps": 5,
    },
    "molecule-pyscf": {"frames": 10, "epochs": 2, "channels": 4},
    "lj-clusters": {"sizes": (7,), "learned_sizes": (7,), "frames": 12, "epochs": 2, "hops": 2, "rounds": 0},
    "critical-slowing-down": {"sizes": (4, 6, 8), "length": 30.0, "chains": 16},
    "spin-glass-annealing": {"side": 4, "samples": 2, "runs": 4, "sweeps": (20,), "sk_spins": 8, "sk_samples": 4},
    "phi4-flow": {"steps": 10, "batch": 32, "draws": 2**12, "hmc_length": 20},
    "variational-autoregressive": {"steps": (4,), "glass_steps": 4, "glass": 4, "draws": 256},
    "boltzmann-generator": {"steps": 20, "energy_steps": 5, "draws": 2000},
    "u1-flow": {"steps": 10, "draws": 512, "trajectories": 64},
    "gauge-phases": {"size": 4, "samples": 256, "cnn_steps": 20, "mlp_steps": 20, "temperature": (0.8, 2.0)},
    "ising-phases": {"samples": 64, "chains": 16, "members": 1, "bayes_samples": 32},
    "diffusion-field": {
        "side": 4,
        "box": 4,
        "sky": 4,
        "steps": 4,
        "samples": 128,
        "draws": 32,
        "exact_draws": 32,
        "posterior_draws": 32,
    },
    "confusion": {"samples": 32, "chains": 16},
    "entropy-floor": {
        "sources": ("hidden",),
        "length": 4,
        "width": 4,
        "steps": 2,
        "batch": 4,
        "test": 100,
        "context_length": 4,
        "context_width": 4,
        "context_steps": 2,
        "single_layer": False,
        "sequences": (),
    },
    "grokking": {
        "prime": 5,
        "width": 8,
        "share": 0.6,
        "networks": 3,
        "steps": 20,
        "scan_prime": 5,
        "scan_width": 8,
        "scan_decays": (1.0,),
        "scan_networks": 3,
        "scan_steps": 20,
    },
    "emergence": {
        "neurons": 20,
        "alphas": (1.0, 2.0, 3.0),
        "samples": 2,
        "questions": 10,
        "binary_sizes": (5, 7, 9),
        "binary_samples": 10,
        "table_shares": (),
    },
    "three-node-hardness": {"elements": (4, 5), "families": 3, "starts": 2, "steps": 20},
    "renormalisation": {"side": 16, "samples": 256, "chains": 16, "chain": 32, "temperature": (2.1, 2.2, 2.3, 2.4)},
    "machine-flow": {
        "side": 3,
        "temperature": (1.5, 2.25, 3.0, 5.0),
        "samples": 32,
        "training_rows": 100,
        "hidden_units": 4,
        "epochs": 2,
        "trainings": 2,
        "units": (4,),
        "lengths": (1, 2),
        "starts": (1.5, 5.0),
        "rows_of_start": 16,
        "reconstructions": (1, 3),
        "stack": (4, 2),
        "small_units": (1, 2),
        "block_side": 8,
        "block_temperature": (2.0, 2.6),
    },
    "data-manifold": {
        "sizes": (4, 6),
        "temperature": (2.1, 2.2, 2.3, 2.4, 2.6),
        "configurations": 32,
        "sets": 4,
        "chains": 4,
        "thermometer_sizes": (4,),
    },
    "unsupervised-phases": {"samples": 32, "chains": 16},
    "tfim-ground-state": {"sizes": (4, 6), "fields": (1.0,), "square": 2, "steps": 10, "samples": 64},
    "quench": {"n_sites": 4, "before": (2.0,), "after": (1.0,), "time": 0.2, "preparation": 0.1},
    "entanglement": {"n_sites": 6, "fields": (1.0, 1.1), "first_steps": 10, "steps": 5, "samples": 64, "draws": 256},
    "autoregressive-state": {"sizes": (4,), "heisenberg": 4, "signs": 4, "steps": 4, "samples": 32, "width": 8},
    "hubbard": {"steps": 4, "samples": 32},
    "heisenberg-rbm": {"chains": (4,), "widths": (1,), "steps": 10, "samples": 32},
    "j1j2": {"alpha": 1, "steps": 2},
    "foundation-state": {"n_sites": 4, "n_fields": 3, "degree": 1, "steps": 5, "samples": 32, "measured": 1024},
    "cosmology-parameters": {"side": 8, "simulations": 300, "steps": 20, "fields": 4, "samples": 256},
    "linear-first": {"n_rows": 40, "draws": 3, "scan_rows": 30, "scan_draws": 2, "scan": (0.5, 1.0)},
    "rbm-ising": {
        "side": 3,
        "temperatures": (3.0,),
        "samples": 640,
        "copies": 1,
        "hidden_units": 3,
        "epochs": 2,
        "annealing_steps": 5,
    },
    "rbm-digits": {"hidden_units": 3, "larger": 4, "epochs": 2, "negatives": ("persistent",), "annealing_steps": 5},
    "vae-pca": {
        "n": 60,
        "entries": 6,
        "betas": (1.0,),
        "bound_samples": (1, 4),
        "steps": 8,
        "plane_steps": 4,
        "fields": 0,
        "digits": 0,
    },
    "gan-equilibrium": {
        "n": 600,
        "critic_steps": 4,
        "kinds": ("wasserstein",),
        "generator_steps": 2,
        "ring_steps": 2,
        "fields": 0,
    },
    "deep-energy": {"n": 300, "steps": 2, "batch": 16, "samples": 200},
    "inverse-ising": {"spins": 4, "samples": (100, 200), "repeats": 2, "side": 3, "lattice_samples": 640},
    "hopfield-capacity": {
        "sizes": (100, 200),
        "samples": 4,
        "cues": 2,
        "basin_samples": 4,
        "cue_overlaps": (0.5,),
        "capacity_loads": (0.15,),
        "warm_samples": 4,
        "warm_neurons": 60,
    },
    "spiked-matrix": {
        "sizes": (100, 150),
        "samples": 3,
        "strengths": (0.5, 2.0),
        "steps": 3,
        "rows_of": 80,
        "draws": 3,
        "covariances": ((0.5, 4.0),),
    },
    "teacher-student": {
        "alphas": (2.0,),
        "size": 60,
        "samples": 3,
        "steps": 3,
        "sizes": (50, 60),
        "risk_samples": 3,
        "sparse_alphas": (0.6,),
        "binary_alphas": (1.0,),
        "retrieval_alphas": (0.8,),
    },
    "perceptron-capacity": {
        "points": ((10, 20),),
        "samples": 20,
        "margin_sizes": (20, 30),
        "margin_alphas": (0.5,),
        "margin_samples": 10,
        "binary_sizes": (5, 7),
        "binary_samples": 20,
    },
    "committee-machine": {"sizes": (20, 30), "samples": 3, "rates": (1.0,), "end": 8.0, "points": 8},
    "ridge-theory": {
        "sizes": (20, 40),
        "samples": 3,
        "cases": ((0.5, 0.25),),
        "covariance_gammas": (2.0,),
        "least_squares_columns": (5,),
        "least_squares_samples": 10,
    },
    "double-descent": {
        "sizes": (10, 20),
        "samples": 3,
        "ratios": (0.5, 1.0, 2.0),
        "weak_ratios": (0.5,),
        "weak_samples": 10,
        "tested": 20,
    },
    "kernel-exponents": {"pairs": ((2.0, 2.0),), "examples": (8, 16), "samples": 3, "modes": 40},
    "landscape": {"spins": (8, 10), "points": 32, "newton": 40, "networks": 2, "blocks": 4, "curve_steps": 20},
    "wide-networks": {"widths": (8, 10, 12), "networks": 8, "steps": 5},
    "regularisers": {"chains": 2, "dropout_steps": 20, "steps": 50, "samples": 3},
    "sgd-temperature": {"chains": 3, "steps": 40, "walkers": 10, "rates": (0.2, 0.4), "minibatches": (2,)},
    "scaling-laws": {"modes": 300, "examples": (16, 23, 32, 45, 64), "repeats": 3, "draws": 2},
    "sbi-benchmark": {"tasks": ("two_moons",), "simulations": 300, "samples": 100},
    "gravitational-waves": {"stretches": 1000, "steps": 20, "simulations": 200, "posterior_steps": 20, "reference": 64},
    "ising-thermometer": {"sizes": (4,), "field": 8, "points": 120, "steps": 20, "tests": 32},
    "hamiltonian-network": {
        "systems": ("pendulum", "kepler"),
        "motions": 8,
        "times": 10,
        "steps": 20,
        "periods": 2,
        "width": 8,
    },
    "priors": {"priors": ("rotation",), "sizes": (20, 40), "trainings": 1, "steps": 10, "width": 8},
    "translation-symmetry": {"side": 4, "sizes": (20, 40), "samples": 16, "trainings": 1, "steps": 10, "width": 8},
    "two-wells-lost": {"members": 2, "steps": 20, "repair_steps": 20, "target_draws": 64},
}
QUICK = ("spin-glass-annealing",)  # the others compile for ten seconds and more


@pytest.fixture(params=list(catalogue()))
def experiment(request):
    """Each class of the catalogue."""
    return find(request.param)


def undocumented(experiment: type) -> set[str]:
    """Settings that no string follows: the help of their flag would be empty."""
    (definition,) = ast.parse(textwrap.dedent(inspect.getsource(experiment))).body
    assert isinstance(definition, ast.ClassDef)
    told = {
        line.target.id
        for line, after in pairwise(definition.body)
        if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name)
        if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
    }
    return {field.name for field in dataclasses.fields(experiment)} - told


def disagreements(name: str, entry: Entry) -> list[str]:
    """What the entry says and the class does not."""
    experiment = find(name)
    found = {"name": (experiment.name, name), "task": (experiment.task, entry.task)}
    return [f"{what}: class {a!r}, catalogue {b!r}" for what, (a, b) in found.items() if a != b]


def test_entry_agrees_with_the_class(experiment):
    assert disagreements(experiment.name, catalogue()[experiment.name]) == []
    assert issubclass(experiment, AbstractExperiment)
    assert experiment.task in ("approximate", "infer", "sample", "agent")
    assert len(catalogue()[experiment.name].summary) <= 80


def test_a_wrong_entry_is_seen(monkeypatch):
    entry = catalogue()["gauge-phases"]._replace(task="sample")
    monkeypatch.setitem(catalogue(), "gauge", entry)
    assert len(disagreements("gauge", entry)) == 2


def test_three_presets_make_experiments(experiment):
    assert set(experiment.presets) == set(PRESETS)
    made = [experiment.preset(preset) for preset in PRESETS]
    assert made[1] == experiment()
    assert len({repr(one) for one in made}) == len(PRESETS)
    with pytest.raises(InputError, match="smoke"):
        experiment.preset("huge")


def test_every_setting_is_documented_and_frozen(experiment):
    assert undocumented(experiment) == set()
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(experiment(), dataclasses.fields(experiment)[0].name, None)


def test_a_setting_without_words_is_seen():
    @dataclasses.dataclass(frozen=True)
    class Careless:
        told: int = 0
        """What it is."""
        untold: int = 0

    assert undocumented(Careless) == {"untold"}


def test_claim_paper_and_rows_are_given(experiment):
    assert experiment.claim
    assert "arXiv:" in experiment.paper or "doi:" in experiment.paper
    assert experiment.rows
    assert all(isinstance(row, int) and row > 0 for row in experiment.rows)


def check_whole(result: Result, made: AbstractExperiment, folder) -> None:
    """A result that says what it is, draws what it names, and survives being saved."""
    assert result.name == made.name
    assert result.settings == dataclasses.asdict(made)
    assert result.checks
    assert all(check.verdict in ("pass", "fail", "unknown") and check.law for check in result.checks)
    assert {check.of for check in result.checks} - {""} <= set(result.estimates)
    assert result.estimates
    assert all(e.error is None or not e.error < 0 for e in result.estimates.values())
    assert {name.partition("/")[0] for name in result.figures} <= set(kinds())
    found = Result.load(result.save(folder / "run"))
    assert found.to_json() == result.to_json()
    assert found.models.keys() == result.models.keys()
    drawn = sorted(path.stem for path in (folder / "run" / "figures").glob("*.png"))
    assert drawn == sorted(name.replace("/", "-").replace("+", "-") for name in result.figures)


def test_small_runs_are_of_experiments():
    assert set(TINY) <= set(catalogue())


@pytest.mark.parametrize("name", [n if n in QUICK else pytest.param(n, marks=pytest.mark.slow) for n in catalogue()])
def test_smoke_preset_made_small_ends_in_a_whole_result(name, tmp_path):
    experiment = find(name)
    made = experiment(**(experiment.presets["smoke"] | TINY.get(name, {})))
    check_whole(made.run(jax.random.key(0)), made, tmp_path)


def test_a_result_without_its_settings_is_seen(tmp_path):
    made = find("spin-glass-annealing").preset("smoke")
    with pytest.raises(AssertionError):
        check_whole(Result(made.name), made, tmp_path)
