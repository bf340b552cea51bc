# SPDX-License-Identifier: Apache-2.0
"""One file, one (verb, kind of problem): its settings and `run`.  The only place where methods and checks meet."""

from isinglass.contents import hand_out

__getattr__, __dir__ = hand_out(__name__, __file__)
