from torch.nn.utils import parametrizations, parametrize
from torch.nn.utils.weight_norms import (remove_spectral_norm, remove_weight_norm, spectral_norm,
                                         weight_norm)


def clip_grad_norm_(*args, **kwargs):
    pass


clip_grad_value_ = clip_grad_norm_


def skip_init(module_cls, *args, **kwargs):
    return module_cls(*args, **kwargs)
