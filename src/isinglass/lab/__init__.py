# SPDX-License-Identifier: Apache-2.0
"""The lab: a local page for the browser, with live systems, saved runs and files to drop."""

from isinglass.contents import hand_out

__getattr__, __dir__ = hand_out(__name__, __file__)
