"""The layers of timm that model files import; all of them are small."""

import torch
from torch.nn.init import trunc_normal_
from torch.nn.modules.utils import _ntuple
from torch import nn

to_1tuple, to_2tuple, to_3tuple, to_4tuple = (_ntuple(n) for n in (1, 2, 3, 4))
lecun_normal_ = trunc_normal_


def to_ntuple(n):
    return _ntuple(n)


def drop_path(x, drop_prob=0.0, training=False, scale_by_keep=True):
    return x


def make_divisible(v, divisor=8, min_value=None, round_limit=0.9):
    least = min_value or divisor
    new = max(least, int(v + divisor / 2) // divisor * divisor)
    return new + divisor if new < round_limit * v else new


class DropPath(nn.Module):
    def __init__(self, drop_prob=0.0, scale_by_keep=True):
        super().__init__()
        self.drop_prob = drop_prob
        self.scale_by_keep = scale_by_keep

    def forward(self, x):
        return x


class Mlp(nn.Module):
    def __init__(self, in_features, hidden_features=None, out_features=None, act_layer=nn.GELU,
                 norm_layer=None, bias=True, drop=0.0, use_conv=False):
        super().__init__()
        hidden = hidden_features or in_features
        out = out_features or in_features
        layer = (lambda a, b: nn.Conv2d(a, b, 1, bias=bias)) if use_conv else (
            lambda a, b: nn.Linear(a, b, bias=bias))
        self.fc1 = layer(in_features, hidden)
        self.act = act_layer()
        self.drop1 = nn.Dropout(drop)
        self.norm = norm_layer(hidden) if norm_layer is not None else nn.Identity()
        self.fc2 = layer(hidden, out)
        self.drop2 = nn.Dropout(drop)

    def forward(self, x):
        x = self.drop1(self.act(self.fc1(x)))
        return self.drop2(self.fc2(self.norm(x)))


class LayerNorm2d(nn.LayerNorm):
    def __init__(self, num_channels, eps=1e-6, affine=True):
        super().__init__(num_channels, eps=eps, elementwise_affine=affine)

    def forward(self, x):
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
