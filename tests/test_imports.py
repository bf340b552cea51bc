# SPDX-License-Identifier: Apache-2.0
"""What is imported when: the library and the help pages start without JAX."""

import subprocess
import sys

import pytest

HEAVY = ("jax", "equinox", "optax", "numpy", "scipy", "xarray", "matplotlib", "sklearn", "rich", "tyro")


def loaded(code: str) -> set[str]:
    """The heavy modules that a fresh Python has after running the code."""
    report = f"print('LOADED', *(m for m in {HEAVY} if m in sys.modules))"
    text = f"import sys\ntry:\n    {code}\nexcept SystemExit:\n    pass\n{report}"
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split()[1:])


def test_import_isinglass_is_light():
    assert loaded("import isinglass") == set()


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], []])
def test_help_is_instant(arguments):
    assert loaded(f"from isinglass.cli import main; main({arguments})") == set()


@pytest.mark.parametrize("arguments", [["list"], ["sample", "--help"], ["phases", "--help"], ["run", "--help"]])
def test_help_of_commands_is_without_jax(arguments):
    assert not loaded(f"from isinglass.cli import main; main({arguments})") & {"jax", "equinox", "scipy", "matplotlib"}


def test_reading_a_saved_result_needs_no_jax():
    assert not loaded("from isinglass.run.directory import load, find; import isinglass.result") & {
        "jax",
        "matplotlib",
        "sklearn",
    }


def test_the_test_sees_jax():
    assert "jax" in loaded("import isinglass.systems.lattice.ising")


def test_stubs_are_those_of_the_files():
    """What a type checker sees is what the folders hand out; `python -m isinglass.stubs` writes them anew."""
    from isinglass.stubs import stubs

    assert {path for path, text in stubs().items() if not path.exists() or path.read_text() != text} == set()


def test_folders_hand_out_modules_and_classes_without_an_earlier_import():
    """In a fresh Python each; <TAB> shows them."""
    code = (
        "import isinglass; isinglass.exact.onsager, isinglass.checks.critical, isinglass.systems.Ising; "
        "assert {'onsager', 'lattice'} <= set(dir(isinglass.exact)); assert 'Ising' in dir(isinglass.systems)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_systems_hand_out_the_quantum_ones_and_the_algebra():
    """Each name once, as an object that can be used, shown by <TAB>."""
    names = (
        "Hamiltonian HilbertSpace Operator X Y Z Sp Sm Sz c cdag n b bdag identity parse spins fermions bosons hubbard"
    )
    names += " bose_hubbard t_v heisenberg j1_j2 long_range_ising transverse_field_ising toric_code"
    code = (
        "from isinglass import systems\n"
        f"for name in {names.split()!r}:\n"
        "    assert name in dir(systems), name\n"
        "    assert type(getattr(systems, name)).__name__ != 'module', name\n"
        "chain = systems.hypercubic((4,))\n"
        "assert systems.hubbard(chain, 4.0, (2, 2)).space.n_sites == 8\n"
        "assert systems.heisenberg(chain).space.n_sites == 4"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_star_takes_the_public_names():
    """As in a notebook: classes and functions, no module."""
    code = "from isinglass.symmetry import *; Spins, Translation; assert 'variable' not in dir()"
    subprocess.run([sys.executable, "-c", code], check=True)
