# SPDX-License-Identifier: Apache-2.0
"""Tables with gaps and words further down: what is whole is read, what is not is left out with its reason."""

import numpy as np
import pytest

from isinglass.data.text_table import text_arrays

ROWS = "name,z,mu,note\n1992a,0.1,1.5,\n1992b,0.2,2.5,x\n2001ah,,3.5,y\n"


def test_columns_without_a_gap_are_read(tmp_path):
    """The name looks like a number at first, z lacks one, note is text."""
    (tmp_path / "a.csv").write_text(ROWS.replace("1992a", "1992").replace("1992b", "1993"))
    arrays, left_out = text_arrays(tmp_path / "a.csv")
    assert list(arrays) == ["mu"]
    np.testing.assert_array_equal(arrays["mu"], [1.5, 2.5, 3.5])
    assert left_out == {"name": "no number in 1 of 3 rows", "z": "no number in 1 of 3 rows", "note": "text"}


def test_a_gap_in_rows_without_names_is_refused(tmp_path):
    """Without a header nothing says which column it was."""
    (tmp_path / "a.csv").write_text("1,2\n3,4\n,6\n")
    with pytest.raises(ValueError, match="could not convert"):
        text_arrays(tmp_path / "a.csv")
