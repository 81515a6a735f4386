"""Small modules around one function each."""

import torch
import torch.nn.functional as F
from torch.nn.modules.module import Module


class PixelShuffle(Module):
    def __init__(self, upscale_factor):
        super().__init__()
        self.upscale_factor = upscale_factor

    def forward(self, input):
        return F.pixel_shuffle(input, self.upscale_factor)


class PixelUnshuffle(Module):
    def __init__(self, downscale_factor):
        super().__init__()
        self.downscale_factor = downscale_factor

    def forward(self, input):
        return F.pixel_unshuffle(input, self.downscale_factor)


class ChannelShuffle(Module):
    def __init__(self, groups):
        super().__init__()
        self.groups = groups

    def forward(self, input):
        return torch.channel_shuffle(input, self.groups)


class Unfold(Module):
    def __init__(self, kernel_size, dilation=1, padding=0, stride=1):
        super().__init__()
        self.kernel_size = kernel_size
        self.dilation = dilation
        self.padding = padding
        self.stride = stride

    def forward(self, input):
        return F.unfold(input, self.kernel_size, self.dilation, self.padding, self.stride)


class Fold(Unfold):
    def __init__(self, output_size, kernel_size, dilation=1, padding=0, stride=1):
        super().__init__(kernel_size, dilation, padding, stride)
        self.output_size = output_size

    def forward(self, input):
        return F.fold(input, self.output_size, self.kernel_size, self.dilation, self.padding,
                      self.stride)


class CosineSimilarity(Module):
    def __init__(self, dim=1, eps=1e-8):
        super().__init__()
        self.dim = dim
        self.eps = eps

    def forward(self, x1, x2):
        return F.cosine_similarity(x1, x2, self.dim, self.eps)


class PairwiseDistance(Module):
    def __init__(self, p=2.0, eps=1e-6, keepdim=False):
        super().__init__()
        self.norm = p
        self.eps = eps
        self.keepdim = keepdim

    def forward(self, x1, x2):
        return F.pairwise_distance(x1, x2, self.norm, self.eps, self.keepdim)


class _Loss(Module):
    _function = None

    def __init__(self, *args, reduction='mean', **options):
        super().__init__()
        self.reduction = reduction
        if args:
            options['weight'] = args[0]
        self._options = options
        weight = options.pop('weight', None)
        self.register_buffer('weight', weight)

    def forward(self, input, target):
        options = dict(self._options, reduction=self.reduction)
        if self.weight is not None:
            options['weight'] = self.weight
        return type(self)._function(input, target, **options)


class MSELoss(_Loss):
    _function = F.mse_loss


class L1Loss(_Loss):
    _function = F.l1_loss


class SmoothL1Loss(_Loss):
    _function = F.smooth_l1_loss


class HuberLoss(_Loss):
    _function = F.huber_loss


class CrossEntropyLoss(_Loss):
    _function = F.cross_entropy


class NLLLoss(_Loss):
    _function = F.nll_loss


class BCELoss(_Loss):
    _function = F.binary_cross_entropy


class BCEWithLogitsLoss(_Loss):
    _function = F.binary_cross_entropy_with_logits


class KLDivLoss(_Loss):
    _function = F.kl_div
