# SPDX-License-Identifier: Apache-2.0
"""Numbers with errors as text: two digits of the error, powers of ten where they are needed."""

import pytest

from isinglass.report.number import with_error


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [(2.26918, 0.0031, "2.2692 ± 0.0031"), (477.8, 197.0, "478 ± 197"), (2.2e-6, 1e-7, "(2.20 ± 0.10)e-06"),
     (7.5005e10, 3.02e10, "(7.5 ± 3.0)e+10"), (-1234567.0, 2e5, "(-1.23 ± 0.20)e+06"), (1.5, None, "1.5"),
     (12846.0, 35253.0, "12846 ± 35253")],
)  # fmt: skip
def test_two_digits_of_the_error(value, error, text):
    assert with_error(value, error) == text
