# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.data.torch import pickled as pickled
from isinglass.data.torch import torch_file as torch_file
from isinglass.data.torch.pickled import PickledObject as PickledObject
from isinglass.data.torch.pickled import pickle_contents as pickle_contents
from isinglass.data.torch.torch_file import TorchFile as TorchFile
from isinglass.data.torch.torch_file import TorchModule as TorchModule
from isinglass.data.torch.torch_file import read_torch as read_torch
