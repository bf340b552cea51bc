# SPDX-License-Identifier: Apache-2.0
"""What every experiment beside a theory has to show, and how a wrong theory is seen."""

import jax


def hold(experiment):
    """Of up to 40 checks within three errors one is `unknown` in a tenth of runs, and none fails."""
    result = experiment.preset("smoke").run(jax.random.key(1))
    odd = [check for check in result.checks if check.verdict != "pass"]
    assert result.verdict != "fail", odd
    assert len(odd) <= 1, odd
    assert list(result.plot()) == result.figures


def refuted(monkeypatch, experiment, where, name, wrong):
    """A theory, or a simulation, that is wrong makes the experiment fail: `wrong` of what stands at `name`."""
    monkeypatch.setattr(where, name, wrong(getattr(where, name)))
    assert experiment.preset("smoke").run(jax.random.key(1)).verdict == "fail"
