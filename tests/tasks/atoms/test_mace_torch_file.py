# SPDX-License-Identifier: Apache-2.0
"""Models of mace-torch: its energies, forces and stresses to 1e-5; saved as ours; what is refused, by name."""

import json
import os
import subprocess
from pathlib import Path

import jax.numpy as jnp
import numpy as np
import pytest
from tests.data.torch.archives import archive, changed, integer, module, text
from tests.tasks.atoms.mace_models import differences, structure, unpacked

from isinglass.cli import main
from isinglass.data.atoms.structure_file import write_structure
from isinglass.errors import InputError
from isinglass.nets.equivariant.irreps import symmetric_power
from isinglass.nets.equivariant.mace_torch import contraction_map
from isinglass.run.model_file import load_model, save_model
from isinglass.systems.particle.evaluation import evaluate
from isinglass.tasks.atoms.dynamics_files import load_potential, named_potential
from isinglass.tasks.atoms.mace_torch_file import read_mace_torch

pytest.importorskip("e3nn_jax")
NAMES = ("deep", "foundation", "half", "plain", "residual", "scaled")
SCRIPT = Path(__file__).parents[3] / "benchmarks" / "peers" / "mace_reference.py"
PEERS = os.environ.get("ISINGLASS_PEERS")


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """The folder of the models, as mace-torch wrote them."""
    return unpacked(tmp_path_factory.mktemp("models"))


def loaded(models, name, numbers=None):
    """The potential, and what mace-torch says of it."""
    head = "second" if name == "deep" else None
    return read_mace_torch(models / f"{name}.model", numbers, head), np.load(models / f"{name}.npz")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("k", [0, 1, 2], ids=["molecule", "crystal", "images"])
def test_energies_forces_and_stress_are_those_of_mace_torch(models, name, k):
    """To 1e-6 eV of all atoms; to round-off where the file holds tables of 64 bits."""
    potential, told = loaded(models, name)
    worst = 2e-7 if name in ("scaled", "half") else 1e-11  # their tables of products are of 32 bits
    assert max(differences(potential, told, k).values()) < worst
    assert k == 2 or np.abs(told[f"forces_{k}"]).max() > 0.05


def test_a_model_of_some_elements_is_the_same(models):
    """The elements of the structure alone, in another order, in the file's model of four."""
    told = np.load(models / "residual.npz")
    z = told["numbers_0"]
    other = np.where(z == 7, 8, z)
    all_of_them, some = (read_mace_torch(models / "residual.model", n) for n in (None, [8, 1, 6]))
    assert some.numbers == (1, 6, 8)
    at = structure(told, 0)._replace(numbers=other)
    assert evaluate(some, at).energy == pytest.approx(evaluate(all_of_them, at).energy, abs=1e-12)
    with pytest.raises(InputError, match="7"):
        evaluate(some, structure(told, 0))
    with pytest.raises(InputError, match="found 29"):
        read_mace_torch(models / "residual.model", [1, 29])


def test_it_is_saved_as_ours_and_read_again(models, tmp_path):
    """Bit for bit, with its radial functions and its repulsion."""
    potential, told = loaded(models, "foundation")
    save_model(tmp_path / "ours", {"potential": potential})
    again = load_model(tmp_path / "ours")["potential"]
    assert again.net.repulsion is not None
    assert differences(load_potential(tmp_path / "ours"), told, 0)["energy"] < 1e-11
    assert evaluate(again, structure(told, 0)).energy == evaluate(potential, structure(told, 0)).energy


def test_single_precision_is_as_good_as_it_says(models):
    """Of weights of 64 bits, evaluated in 32: a part in a million."""
    potential, told = loaded(models, "plain")
    found = evaluate(potential, structure(told, 0), precision="single")
    assert found.energy == pytest.approx(float(told["energy_0"]), rel=1e-6)
    assert potential.net.embedding.dtype == jnp.float64


@pytest.fixture
def started(models, tmp_path):
    """A file of mace-torch, and one of a molecule."""
    start = structure(np.load(models / "plain.npz"), 0)._replace(masses=np.full(8, 12.0))
    write_structure(start, tmp_path / "start.xyz")
    return str(models / "plain.model"), str(tmp_path / "start.xyz")


def test_dynamics_by_the_command(started, capsys):
    """A file of mace-torch where a MODEL is named; what it was trained on is not known, and that is said."""
    model, start = started
    words = ["md", model, start, "--temperature", "20", "--steps", "20", "--time-step", "0.5", "--ensemble", "nve"]
    said = run([*words, "--json"], capsys)
    shortest = [check for check in said["checks"] if "its file does not tell" in check["law"]]
    assert [check["verdict"] for check in shortest] == ["unknown"]
    assert said["verdict"] != "pass"


def test_rest_by_the_command(started, capsys):
    """From the energy of mace-torch downhill, to where no force is left."""
    model, start = started
    said = run(["relax", model, start, "--properties", "none", "--json"], capsys)
    assert {check["law"]: check["verdict"] for check in said["checks"]}["relaxation converges"] == "pass"
    told = float(np.load(Path(model).with_suffix(".npz"))["energy_0"])
    assert -5 < 8 * said["estimates"]["energy_per_atom"]["value"] - told < 0


def run(words, capsys):
    """What a command prints as JSON."""
    try:
        main(words)
    except SystemExit:
        pass
    return json.loads(capsys.readouterr().out)


def test_a_head_is_named(models):
    """By an argument, or after a colon on the command line."""
    with pytest.raises(InputError, match="first, second"):
        read_mace_torch(models / "deep.model")
    with pytest.raises(InputError, match="not third"):
        read_mace_torch(models / "deep.model", head="third")
    first, second = (read_mace_torch(models / "deep.model", head=head) for head in ("first", "second"))
    named = named_potential(f"{models / 'deep.model'}:second", [8, 1])
    np.testing.assert_array_equal(named.shift, second.shift)
    assert np.abs(np.asarray(first.shift - second.shift)).max() > 0.1
    with pytest.raises(InputError, match="not third"):
        named_potential(f"{models / 'deep.model'}:third", [8, 1])


@pytest.mark.parametrize("L", [0, 1, 2])
@pytest.mark.parametrize("nu", [1, 2, 3])
def test_products_of_another_basis_are_found_in_ours_or_refused(nu, L):
    """A mixed, doubled and unsymmetrized basis of the same space; planted: one product that is not invariant."""
    random, n = np.random.default_rng(3), 9
    power = symmetric_power(nu, 2, L)
    paths = power.weight.shape[1]
    mixing = random.normal(size=(paths, 2 * paths + 1))
    P = np.zeros((*(n,) * nu, paths, 2 * L + 1))
    for factors, weight in zip(power.monomial, power.weight, strict=True):
        P[tuple(random.permutation(factors))] = weight  # in any of the places that are the same product
    U = np.moveaxis(np.einsum("...pm,pk->...km", P, mixing), -1, 0)
    U = U if L else U[0]
    np.testing.assert_allclose(contraction_map(U, 2, L), mixing, atol=1e-12)
    planted = U + 1e-3 * random.normal(size=U.shape)
    with pytest.raises(InputError, match="others, by"):
        contraction_map(planted, 2, L)
    with pytest.raises(InputError, match="a table of"):
        contraction_map(U, 3, L)


def renamed(models, path, old, new, name="plain"):
    """A copy with one word for another in its pickle, as long as it."""
    old, new = old.encode(), new.encode()
    assert len(old) == len(new)

    def replace(content):
        assert old in content
        return content.replace(old, new)

    return changed(models / f"{name}.model", path / "changed.model", replace)


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("plain", "mace.modules.models\nMACE\n", "mace.modules.models\nXACE\n", "XACE"),
        ("residual", "ScaleShiftMACE", "AtomicDipoleMA", "AtomicDipoleMA"),
        ("plain", "RealAgnosticInteractionBlock", "RealAgnosticAttractionBlock1", "RealAgnosticAttractionBlock1"),
        ("foundation", "AgnesiTransform", "UnknowTransform", "UnknowTransform"),
        ("plain", "bessel_weights", "gaussi_weights", "BesselBasis"),
        ("plain", "\nsilu\n", "\ntanh\n", "torch.nn.functional.tanh"),
        ("plain", "avg_num_neighbors", "avg_num_neighbours"[:-1], "avg_num_neighbors"),
        ("plain", "weights_max", "weights_mix", "weights_max"),
        ("plain", "U_matrix_2", "V_matrix_2", "U_matrix_2"),
        ("plain", "r_max", "R_max", "r_max"),
        ("plain", "LinearReadoutBlock", "LinearReadoutBias1", "LinearReadoutBias1"),
        ("plain", "e3nn.o3._linear\nLinear", "cue_.o3._linear\nLinear", "cue_.o3._linear.Linear"),
        ("plain", "uvu", "uvw", "messages of parts"),
        ("plain", "instructions", "instructionz", "instructions"),
    ],
)
def test_what_is_not_supported_or_missing_is_named(models, tmp_path, name, old, new, said):
    with pytest.raises(InputError) as raised:
        read_mace_torch(renamed(models, tmp_path, old, new, name))
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("word", ["apply_cutoff", "use_so3", "heads", "edge_irreps", "use_reduced_cg", "lammps_mliap",
                                  "cueq_config", "oeq_config", "use_agnostic_product", "radial_MLP"])  # fmt: skip
def test_files_of_older_versions_lack_attributes(models, tmp_path, word):
    """What 0.3.0 did not have yet, by another name in the file: the same numbers as before."""
    path = renamed(models, tmp_path, word, "_" * len(word))
    found, whole = (read_mace_torch(one).net for one in (path, models / "plain.model"))
    np.testing.assert_array_equal(found.layers[0].down[1], whole.layers[0].down[1])
    np.testing.assert_array_equal(found.last[0], whole.last[0])


def test_files_that_are_no_model_of_mace(models, tmp_path):
    def said(path):
        with pytest.raises(InputError) as raised:
            load_potential(path)
        assert "\n" not in str(raised.value)
        return str(raised.value)

    weights = b"}(" + text("weight") + integer(3) + b"u"
    assert "weights alone" in said(archive(tmp_path / "state.pt", weights))
    ordered = module(("collections", "OrderedDict"), _metadata=b"}")
    assert "weights alone" in said(archive(tmp_path / "ordered.pt", ordered))
    other = archive(tmp_path / "other.pt", module(("torch.nn.modules.linear", "Linear"), bias=integer(1)))
    assert "Linear in other.pt" in said(other)
    hollow = archive(tmp_path / "hollow.pt", module(("mace.modules.models", "MACE")))
    assert "radial_embedding" in said(hollow)
    whole = (models / "plain.model").read_bytes()
    (tmp_path / "cut.model").write_bytes(whole[: len(whole) // 2])
    assert "central directory" in said(tmp_path / "cut.model")


def test_planted_changes_of_bytes_are_one_line_or_a_model(models, tmp_path):
    """Any change of the pickle: never another error than one line, never a wait."""
    random = np.random.default_rng(1)
    refused = 0
    for _ in range(60):

        def replace(content):
            bad = bytearray(content)
            for place in random.integers(len(bad), size=4):
                bad[place] = random.integers(256)
            return bytes(bad)

        try:
            read_mace_torch(changed(models / "plain.model", tmp_path / "bad.model", replace))
        except InputError as error:
            refused += "\n" not in str(error)
    assert refused > 10


@pytest.mark.skipif(PEERS is None, reason="ISINGLASS_PEERS names no folder with mace/bin/python")
@pytest.mark.parametrize("name", ["last", "periodic-table", "periodic-table-2"])
def test_models_that_mace_torch_makes_now(tmp_path, name):
    """89 elements with the layers of published models; L = 2, density, Agnesi, ZBL; options of the last versions."""
    python = Path(str(PEERS)) / "mace" / "bin" / "python"
    subprocess.run([python, SCRIPT, tmp_path, name], check=True, env=os.environ | {"OMP_NUM_THREADS": "1"})  # noqa: S603
    told = np.load(tmp_path / f"{name}.npz")
    for k in range(3):
        potential = read_mace_torch(tmp_path / f"{name}.model", told[f"numbers_{k}"])
        assert max(differences(potential, told, k).values()) < 1e-6
