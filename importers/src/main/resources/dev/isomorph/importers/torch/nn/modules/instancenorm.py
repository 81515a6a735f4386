import torch.nn.functional as F
from torch.nn.modules.batchnorm import _NormBase


class _InstanceNorm(_NormBase):
    _axes = 0

    def __init__(self, num_features, eps=1e-5, momentum=0.1, affine=False,
                 track_running_stats=False, device=None, dtype=None):
        super().__init__(num_features, eps, momentum, affine, track_running_stats, device, dtype)

    def forward(self, input):
        own = self.training or not self.track_running_stats
        single = input.dim() == self._axes + 1
        x = input.unsqueeze(0) if single else input
        y = F.instance_norm(x, self.running_mean, self.running_var, self.weight, self.bias, own,
                            self.momentum, self.eps)
        return y.squeeze(0) if single else y


class InstanceNorm1d(_InstanceNorm):
    _axes = 1


class InstanceNorm2d(_InstanceNorm):
    _axes = 2


class InstanceNorm3d(_InstanceNorm):
    _axes = 3
