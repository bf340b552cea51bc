# SPDX-License-Identifier: Apache-2.0
"""Documents as typed records: result.json, model.json, files of settings."""

from isinglass.contents import hand_out

__getattr__, __dir__ = hand_out(__name__, __file__)
