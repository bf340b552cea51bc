# SPDX-License-Identifier: Apache-2.0
"""Networks with latent variables: variational autoencoders, generators and their critics."""

from isinglass.contents import hand_out

__getattr__, __dir__ = hand_out(__name__, __file__)
