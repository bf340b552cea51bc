# SPDX-License-Identifier: Apache-2.0
"""u1-flow: what it refuses."""

import pytest

from isinglass.experiments.field.u1_flow import U1Flow


def test_an_unknown_architecture_is_refused(key):
    with pytest.raises(ValueError, match="sweep or coupling"):
        U1Flow(architecture="none").run(key)
