# SPDX-License-Identifier: Apache-2.0
"""Two phases told apart, by the verb: unseen chains alone are asked about, and errors come from chains."""

from dataclasses import replace

import numpy as np
import pytest

from isinglass import infer
from isinglass.data.configurations import Configurations
from isinglass.errors import InputError
from isinglass.inference.phases.two_phases import TwoPhases

KNOBS = TwoPhases(network="mlp", hidden=8, members=2, steps=100, optimizer="adam", held_out=0.25)


def configurations(T=(1.0, 3.0), chains=16, each=8, L=4):
    """Independent spins of mean 0.9 in the lower half of the temperatures, 0 in the upper."""
    rng = np.random.default_rng(0)
    parameter = np.repeat(T, chains * each)
    m = np.where(parameter < np.median(T), 0.9, 0.0)
    x = np.where(rng.random((len(parameter), L, L)) < (1 + m[:, None, None]) / 2, 1, -1).astype(np.int8)
    return Configurations(x, parameter, "ising", chain=np.tile(np.repeat(np.arange(chains), each), len(T)))


@pytest.mark.slow
def test_rows_of_unseen_chains_alone_are_asked_about():
    c = configurations()
    found = infer(0, c, method=KNOBS)
    rows = found.arrays["held_out"].to_numpy()
    asked, shown = set(c.group[rows]), set(c.group[np.setdiff1d(np.arange(c.n), rows)])
    assert not asked & shown
    assert len(asked) == 8
    assert found.arrays["hit_mlp"].shape == (2, 64)
    assert found.estimates["accuracy/mlp"].value == pytest.approx(found.arrays["hit_mlp"].to_numpy().mean())
    assert found.estimates["accuracy/mlp"].value > 0.9
    held_out = c.chain % 2 == 0  # planted: another choice of rows is heeded
    assert len(infer(0, c, method=KNOBS, held_out=held_out).arrays["held_out"]) == held_out.sum()


@pytest.mark.slow
def test_trained_networks_are_read_at_every_temperature():
    networks = infer(0, configurations(), method=KNOBS).models["mlp"]
    found = infer(0, configurations((1.0, 1.5, 2.5, 3.0)), method=KNOBS, networks=networks)
    said = found.arrays["output_mlp"].to_numpy()[0]
    assert found.arrays["output_mlp"].dims == ("size", "temperature")
    assert (said[:2] > 0.6).all()
    assert (said[2:] < 0.4).all()
    assert (found.arrays["output_mlp_error"] > 0).all()


@pytest.mark.slow
def test_labels_without_chains_do_not_pass():
    """Nothing tells whether rows of one chain lie on both sides of the split, and nothing is promised."""
    labelled = replace(configurations(L=6), labels=True)
    assert infer(0, labelled).verdict == "pass"
    unknown = infer(0, replace(labelled, chain=None))
    assert unknown.verdict == "unknown"
    assert "array `chain`" in next(check.law for check in unknown.checks if check.verdict == "unknown")


def test_phases_that_are_not_clear_are_refused():
    three = configurations((1.0, 2.0, 3.0))
    with pytest.raises(InputError, match="give boundary"):
        infer(0, three, method="two_phases")
    with pytest.raises(InputError, match="both sides"):
        infer(0, three, method="two_phases", boundary=0.5)
    with pytest.raises(InputError, match="held_out as an array"):
        infer(0, three, method="two_phases", boundary=1.5, held_out=[True, False])
