import torch
from torch import _isomorph
from torch.nn.modules.module import Module
from torch.nn.utils.parametrize import register_parametrization


class _WeightNorm(Module):
    def __init__(self, dim):
        super().__init__()
        self.dim = dim

    def _norm(self, v):
        if self.dim is None or self.dim == -1:
            return torch.norm(v)
        axes = [i for i in range(v.dim()) if i != self.dim % v.dim()]
        return torch.norm(v, 2, axes, True)

    def forward(self, g, v):
        return v * (g / self._norm(v))

    def right_inverse(self, weight):
        return self._norm(weight), weight


def weight_norm(module, name='weight', dim=0):
    return register_parametrization(module, name, _WeightNorm(dim))


class _SpectralNorm(Module):
    def __init__(self, weight, n_power_iterations, dim, eps):
        super().__init__()
        self.dim = dim
        self.eps = eps
        self.vector = weight.dim() == 1
        if not self.vector:
            matrix = self._matrix(weight)
            self.register_buffer('_u', torch.zeros(matrix.size(0), dtype=weight.dtype))
            self.register_buffer('_v', torch.zeros(matrix.size(1), dtype=weight.dtype))

    def _matrix(self, weight):
        w = torch.movedim(weight, self.dim, 0) if self.dim != 0 else weight
        return w.reshape(w.size(0), -1)

    def forward(self, weight):
        if self.vector:
            return weight / torch.clamp(torch.norm(weight), min=self.eps)
        return weight / torch.dot(self._u, torch.mv(self._matrix(weight), self._v))


def spectral_norm(module, name='weight', n_power_iterations=1, eps=1e-12, dim=None):
    weight = getattr(module, name)
    if dim is None:
        dim = 1 if 'ConvTranspose' in type(module).__name__ else 0
    return register_parametrization(module, name,
                                    _SpectralNorm(weight, n_power_iterations, dim, eps))


def orthogonal(module, name='weight', **kwargs):
    _isomorph.refuse('nn.utils.parametrizations.orthogonal')
