# SPDX-License-Identifier: Apache-2.0
"""Couplings in the format of rudy: energies are those of the cuts, and what does not fit is refused by its line."""

import gzip
import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from isinglass.cli import parse
from isinglass.data import read_couplings
from isinglass.errors import InputError
from isinglass.jobs import planned
from isinglass.run.progress import silent

FILE = "4 5\n1 2 3\n2 3 -1\n3 4 2\n4 1 1\n1 3 -4\n"
BONDS = [(0, 1, 3), (1, 2, -1), (2, 3, 2), (3, 0, 1), (0, 2, -4)]


@pytest.mark.parametrize("name", ["a.txt", "a.rud", "a.txt.gz"])
def test_the_energy_is_that_of_the_cut(name, tmp_path):
    (tmp_path / name).write_bytes(gzip.compress(FILE.encode()) if name.endswith("gz") else FILE.encode())
    system = read_couplings(tmp_path / name)
    for s in itertools.product((-1, 1), repeat=4):
        cut = sum(w for i, j, w in BONDS if s[i] != s[j])
        assert float(system.energy(jnp.array(s))) == pytest.approx(sum(w for *_, w in BONDS) - 2 * cut)


def test_weights_left_out_are_one(tmp_path):
    (tmp_path / "a.txt").write_text("3 3 J\n1 2\n2 3\n3 1\n")
    np.testing.assert_array_equal(read_couplings(tmp_path / "a.txt").J, -1)


REFUSED = {
    "no number": ("3 1\n1 b 1\n", "'b'"),
    "too few": ("3 2\n1 2 1\n", "1 lines"),
    "no such site": ("3 1\n1 4 1\n", "'1 4 1'"),
    "a site with itself": ("3 1\n2 2 1\n", "'2 2 1'"),
    "twice": ("3 2\n1 2 1\n2 1 1\n", "each bond once"),
    "empty": ("", "an empty file"),
    "not a number": ("3 1\n1 2 nan\n", "'1 2 nan'"),
    "half a site": ("3 1\n1.5 2 1\n", "'1.5 2 1'"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refuses_in_one_line(case, tmp_path):
    text, says = REFUSED[case]
    (tmp_path / "a.txt").write_text(text)
    with pytest.raises(InputError, match=says):
        read_couplings(tmp_path / "a.txt")
    with pytest.raises(InputError, match="no such file"):
        read_couplings(tmp_path / "b.txt")


def test_a_file_is_annealed_from_the_command_line(tmp_path):
    (tmp_path / "a.txt").write_text("3 3\n1 2 2\n2 3 3\n3 1 4\n")  # frustrated: -5 ... 9
    words = ["sample", "couplings", "--path", str(tmp_path / "a.txt"), "--method", "annealing", "--sweeps", "50"]
    job, _ = planned([*words, "--out", str(tmp_path / "x.nc")], parse)
    assert list(job.inputs) == [str(tmp_path / "a.txt")]
    found = job.work(jax.random.key(0), progress=silent, checkpoint=tmp_path)
    assert found.estimates["lowest_energy"].value == -5
