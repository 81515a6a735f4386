import torch.nn.functional as F
from torch.nn.modules.module import Module
from torch.nn.modules.utils import _ntuple


class _PadNd(Module):
    _axes = 0
    _mode = 'constant'

    def __init__(self, padding):
        super().__init__()
        self.padding = _ntuple(2 * self._axes)(padding)

    def forward(self, input):
        return F.pad(input, self.padding, self._mode)


class _ConstantPadNd(_PadNd):
    def __init__(self, padding, value):
        super().__init__(padding)
        self.value = value

    def forward(self, input):
        return F.pad(input, self.padding, 'constant', self.value)


class ConstantPad1d(_ConstantPadNd):
    _axes = 1


class ConstantPad2d(_ConstantPadNd):
    _axes = 2


class ConstantPad3d(_ConstantPadNd):
    _axes = 3


class ZeroPad1d(ConstantPad1d):
    def __init__(self, padding):
        super().__init__(padding, 0.0)


class ZeroPad2d(ConstantPad2d):
    def __init__(self, padding):
        super().__init__(padding, 0.0)


class ZeroPad3d(ConstantPad3d):
    def __init__(self, padding):
        super().__init__(padding, 0.0)


class ReflectionPad1d(_PadNd):
    _axes = 1
    _mode = 'reflect'


class ReflectionPad2d(_PadNd):
    _axes = 2
    _mode = 'reflect'


class ReflectionPad3d(_PadNd):
    _axes = 3
    _mode = 'reflect'


class ReplicationPad1d(_PadNd):
    _axes = 1
    _mode = 'replicate'


class ReplicationPad2d(_PadNd):
    _axes = 2
    _mode = 'replicate'


class ReplicationPad3d(_PadNd):
    _axes = 3
    _mode = 'replicate'


class CircularPad1d(_PadNd):
    _axes = 1
    _mode = 'circular'


class CircularPad2d(_PadNd):
    _axes = 2
    _mode = 'circular'


class CircularPad3d(_PadNd):
    _axes = 3
    _mode = 'circular'
