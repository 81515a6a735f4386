"""Activations and dropout."""

import torch
from torch import _isomorph


def relu6(self):
    return torch.clamp(self, 0.0, 6.0)


def hardtanh(self, min_val=-1.0, max_val=1.0):
    return torch.clamp(self, min_val, max_val)


def elu(self, alpha=1.0, scale=1.0, input_scale=1.0):
    return torch.where(self > 0, self * scale if scale != 1 else self,
                       (alpha * scale) * torch.expm1(torch.where(self > 0, 0.0, self) * input_scale
                                                     if input_scale != 1
                                                     else torch.where(self > 0, 0.0, self)))


def celu(self, alpha=1.0):
    return torch.where(self > 0, self,
                       alpha * torch.expm1(torch.where(self > 0, 0.0, self) / alpha))


def hardsigmoid(self):
    return torch.clamp(self + 3.0, 0.0, 6.0) / 6.0


def softplus(self, beta=1, threshold=20):
    scaled = self * beta if beta != 1 else self
    smooth = torch.log1p(torch.exp(torch.clamp(scaled, max=threshold)))
    return torch.where(scaled > threshold, self, smooth / beta if beta != 1 else smooth)


def log_sigmoid(self):
    return torch.clamp(self, max=0) - torch.log1p(torch.exp(-torch.abs(self)))


def softsign(self):
    return self / (1 + torch.abs(self))


def hardshrink(self, lambd=0.5):
    return torch.where((self >= -lambd) & (self <= lambd), 0.0, self)


def softshrink(self, lambd=0.5):
    return torch.where(self > lambd, self - lambd,
                       torch.where(self < -lambd, self + lambd, self * 0.0))


def threshold(self, threshold, value):
    return torch.where(self <= threshold, value, self)


def glu(self, dim=-1):
    a, b = torch.chunk(self, 2, dim)
    return a * torch.sigmoid(b)


def rrelu(self, lower=0.125, upper=0.3333333333333333, training=False):
    if training:
        _isomorph.refuse('rrelu in training mode')
    return torch.leaky_relu(self, (lower + upper) / 2)


def dropout(input, p, train):
    if train and p > 0:
        _isomorph.refuse('dropout in training mode')
    return input


alpha_dropout = feature_dropout = feature_alpha_dropout = dropout
