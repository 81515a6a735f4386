import torch
import torch.nn.functional as F
from torch.nn.modules.module import Module
from torch.nn.modules.utils import _ntuple, _reverse_repeat_tuple
from torch.nn.parameter import Parameter


class _ConvNd(Module):
    _axes = 0
    _transposed = False

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1,
                 groups=1, bias=True, padding_mode='zeros', device=None, dtype=None,
                 output_padding=0):
        super().__init__()
        spread = _ntuple(self._axes)
        if in_channels % groups or out_channels % groups:
            raise ValueError('in_channels and out_channels must be divisible by groups')
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.kernel_size = spread(kernel_size)
        self.stride = spread(stride)
        self.padding = padding if isinstance(padding, str) else spread(padding)
        self.dilation = spread(dilation)
        self.transposed = self._transposed
        self.output_padding = spread(output_padding)
        self.groups = groups
        self.padding_mode = padding_mode
        if isinstance(self.padding, str):
            around = []
            for d, k in zip(self.dilation, self.kernel_size):
                total = d * (k - 1) if self.padding == 'same' else 0
                around = [total // 2, total - total // 2] + around
            self._around = around
        else:
            self._around = list(_reverse_repeat_tuple(self.padding, 2))
        if self._transposed:
            shape = (in_channels, out_channels // groups, *self.kernel_size)
        else:
            shape = (out_channels, in_channels // groups, *self.kernel_size)
        self.weight = Parameter(torch.empty(shape, dtype=dtype))
        self.register_parameter('bias', Parameter(torch.empty(out_channels, dtype=dtype))
                                if bias else None)

    def reset_parameters(self):
        pass

    def _convolve(self, function, input, weight, bias):
        padding = self.padding
        if self.padding_mode != 'zeros':
            input = F.pad(input, self._around, mode=self.padding_mode)
            padding = (0,) * self._axes
        return function(input, weight, bias, self.stride, padding, self.dilation, self.groups)

    def _conv_forward(self, input, weight, bias):
        return self._convolve([F.conv1d, F.conv2d, F.conv3d][self._axes - 1], input, weight, bias)

    def forward(self, input):
        return self._conv_forward(input, self.weight, self.bias)


class Conv1d(_ConvNd):
    _axes = 1


class Conv2d(_ConvNd):
    _axes = 2


class Conv3d(_ConvNd):
    _axes = 3


class _ConvTransposeNd(_ConvNd):
    _transposed = True

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0,
                 output_padding=0, groups=1, bias=True, dilation=1, padding_mode='zeros',
                 device=None, dtype=None):
        if padding_mode != 'zeros':
            raise ValueError('Only "zeros" padding mode is supported for ConvTranspose')
        super().__init__(in_channels, out_channels, kernel_size, stride, padding, dilation, groups,
                         bias, padding_mode, device, dtype, output_padding)

    def forward(self, input, output_size=None):
        extra = self.output_padding
        if output_size is not None:
            sizes = list(output_size)[-self._axes:]
            extra = []
            for i in range(self._axes):
                least = ((input.size(i - self._axes) - 1) * self.stride[i] - 2 * self.padding[i]
                         + self.dilation[i] * (self.kernel_size[i] - 1) + 1)
                extra.append(sizes[i] - least)
        function = [F.conv_transpose1d, F.conv_transpose2d, F.conv_transpose3d][self._axes - 1]
        return function(input, self.weight, self.bias, self.stride, self.padding, extra,
                        self.groups, self.dilation)


class ConvTranspose1d(_ConvTransposeNd):
    _axes = 1


class ConvTranspose2d(_ConvTransposeNd):
    _axes = 2


class ConvTranspose3d(_ConvTransposeNd):
    _axes = 3
