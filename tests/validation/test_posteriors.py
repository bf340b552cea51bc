# SPDX-License-Identifier: Apache-2.0
"""Cases of posteriors on files that the tests write: exact samples are told from wrong ones."""

import numpy as np
from validation.case import Measured, judged

from validation import posteriors


def test_files_give_two_cases_for_each_observation(tmp_path):
    (tmp_path / "sbi").mkdir()
    np.savez(tmp_path / "sbi" / "sbibm_gaussian_linear_obs12.npz", observation_1=np.zeros((1, 10)))
    found = posteriors.cases([tmp_path])
    assert [case.file.name for case in found] == [f"gaussian_linear {i} {how}" for i in "12" for how in ("npe", "snpe")]
    assert judged(found[0], Measured(0.54, 0.0, "pass")) == "right"
    assert judged(found[0], Measured(0.60, 0.0, "pass")) == "wrong"
