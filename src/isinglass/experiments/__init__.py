# SPDX-License-Identifier: Apache-2.0
"""The catalogue: problems, a verb, settings, claims.  A file in one of its folders is listed by existing."""

from isinglass.contents import hand_out

__getattr__, __dir__ = hand_out(__name__, __file__)
