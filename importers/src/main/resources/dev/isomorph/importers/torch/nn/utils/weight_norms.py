"""The older forms: a hook computes the weight before each call."""

import torch
from torch.nn.parameter import Parameter


def norm_except_dim(v, pow=2, dim=0):
    if dim == -1 or dim is None:
        return torch.norm(v, pow)
    axes = [i for i in range(v.dim()) if i != dim % v.dim()]
    return torch.norm(v, pow, axes, True)


def weight_norm(module, name='weight', dim=0):
    weight = module._parameters.pop(name)
    module.register_parameter(name + '_g', Parameter(norm_except_dim(weight, 2, dim).data))
    module.register_parameter(name + '_v', Parameter(weight.data))

    def prepare(m):
        g, v = getattr(m, name + '_g'), getattr(m, name + '_v')
        m.__dict__[name] = v * (g / norm_except_dim(v, 2, dim))

    module._before_forward.append(prepare)
    return module


def remove_weight_norm(module, name='weight'):
    return module


def _normalized(x, eps):
    return x / torch.clamp(torch.norm(x), min=eps)


def spectral_norm(module, name='weight', n_power_iterations=1, eps=1e-12, dim=None):
    weight = module._parameters.pop(name)
    if dim is None:
        dim = 1 if 'ConvTranspose' in type(module).__name__ else 0
    module.register_parameter(name + '_orig', Parameter(weight.data))
    columns = 1
    for i, d in enumerate(weight.shape):
        if i != dim:
            columns = columns * d
    module.register_buffer(name + '_u', torch.zeros(weight.size(dim), dtype=weight.dtype))
    module.register_buffer(name + '_v', torch.zeros(columns, dtype=weight.dtype))

    def prepare(m):
        w = getattr(m, name + '_orig')
        matrix = torch.movedim(w, dim, 0) if dim != 0 else w
        matrix = matrix.reshape(matrix.size(0), -1)
        u, v = getattr(m, name + '_u'), getattr(m, name + '_v')
        m.__dict__[name] = w / torch.dot(u, torch.mv(matrix, v))

    module._before_forward.append(prepare)
    return module


def remove_spectral_norm(module, name='weight'):
    return module
