# SPDX-License-Identifier: Apache-2.0
"""The table of outside cases, on files that the tests write: found by name, measured, judged."""

import json

import numpy as np
import pytest
from validation.__main__ import deviation, main
from validation.case import Case, Measured, files, judged

from validation import couplings, hamiltonians, phases

RUDY = "8 8\n" + "".join(f"{i + 1} {(i + 1) % 8 + 1} 1\n" for i in range(8))  # a ring, largest cut 8


def outside(folder):
    """A folder laid out as that of the outside data, with `cases` beside it."""
    for name in ("data/optimisation", "data/quantum", "data/spins", "cases/phases"):
        (folder / name).mkdir(parents=True)
    (folder / "data/optimisation/gset_ring8.txt").write_text(RUDY)
    (folder / "data/optimisation/unknown.txt").write_text(RUDY)
    (folder / "data/quantum/varbench_a.csv").write_text(
        "model,case,Energy,Sigma,Energy Variance,DOF,Einf,Method,Reference\n"
        "TFIsing,chain_4_P_1,-5.226251859505506,,,4,0,Exact Solution,x\n"
        "TFIsing,chain_4_P_1,-5.1,,,4,0,RBM,x\n"
    )
    x = np.random.default_rng(0).choice([-1, 1], (40, 6, 6))
    np.savez(folder / "cases/phases/neg_noise.npz", configurations=x, temperature=np.repeat(np.arange(8.0), 5))
    np.savez(folder / "cases/phases/nobody_knows.npz", configurations=x, temperature=np.repeat(np.arange(8.0), 5))
    return folder / "data"


def test_each_case_is_found_once_by_its_name(tmp_path, monkeypatch):
    monkeypatch.setitem(couplings.CUTS, "ring8", (8, "by hand"))
    data = outside(tmp_path)
    roots = [data, tmp_path / "cases"]
    assert [c.file.name for c in phases.cases(roots)] == ["neg_noise.npz"]
    assert [(c.file.name, c.expected) for c in couplings.cases(roots)] == [("gset_ring8.txt", -8.0)]
    assert [c.expected for c in hamiltonians.cases(roots)] == [pytest.approx(-5.226251859505506)]
    assert len(files([data, data], "quantum/*.csv")) == 1


def test_couplings_and_hamiltonians_are_measured(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(couplings.CUTS, "ring8", (8, "by hand"))
    monkeypatch.setitem(couplings.SWEEPS, "smoke", 30)
    assert main([str(outside(tmp_path)), "--preset", "smoke", "--json", "--only", "ring8"]) == 0
    (line,) = [json.loads(text) for text in capsys.readouterr().out.splitlines()]
    assert (line["measured"], line["judgement"]) == (-8.0, "right")
    assert main([str(tmp_path / "data"), "--only", "TFIsing"]) == 0
    out = capsys.readouterr().out
    assert "-5.2262518" in out
    assert "1 right, 0 open, 0 wrong" in out


def test_the_sources_are_named_where_there_are_no_files(tmp_path, capsys):
    assert main([str(tmp_path)]) == 2
    assert "README.md" in capsys.readouterr().out


JUDGED = [  # expected, measured, error, verdict, bound -> judgement
    (1.0, 1.01, 0.01, "pass", False, "right"),
    (1.0, 1.04, 0.01, "pass", False, "wrong"),  # a wrong number with `pass`
    (1.0, 1.04, 0.01, "unknown", False, "open"),
    (1.0, None, None, "unknown", False, "open"),
    (1.0, None, None, "asked", False, "open"),
    (None, None, None, "unknown", False, "right"),
    (None, 2.6, 0.02, "unknown", False, "right"),
    (None, 2.6, 0.02, "pass", False, "wrong"),  # a transition where there is none
    (-8.0, -8.0, None, "pass", True, "right"),
    (-8.0, -7.0, None, "unknown", True, "open"),
    (-8.0, -7.0, None, "pass", True, "wrong"),
    (-8.0, -9.0, None, "unknown", True, "wrong"),  # below the best known energy
]


@pytest.mark.parametrize(("expected", "value", "error", "verdict", "bound", "judgement"), JUDGED)
def test_judgements(expected, value, error, verdict, bound, judgement, tmp_path):
    case = Case("phases", tmp_path, expected, "", lambda file, preset: Measured(None, None, ""), bound=bound)
    found = Measured(value, error, verdict)
    assert judged(case, found) == judgement
    assert isinstance(deviation(case, found), str)


def test_files_for_exact_diagonalization_read_back(tmp_path):
    from isinglass.data.hamiltonian import read_hamiltonian

    for model, case, size in (("Heisenberg", "square_16_P", 12870), ("J1J2", "square_16_P_0.5", 12870),
                              ("tV", "square_16_P_5_1", 4368), ("TFIsing", "chain_6_O_1", 64)):  # fmt: skip
        (tmp_path / "h.toml").write_text(hamiltonians.toml(model, case))
        assert read_hamiltonian(tmp_path / "h.toml").hamiltonian.space.size == size
