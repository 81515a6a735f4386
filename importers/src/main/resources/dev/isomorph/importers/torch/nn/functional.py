"""torch.nn.functional: Python's signatures over ATen's operators."""

import math

import torch
from torch import _isomorph
from torch.nn.modules.utils import _ntuple, _pair

_nn = torch._C._nn


def _write(result, target, inplace):
    return target.copy_(result) if inplace else result


# Activations.

def relu(input, inplace=False):
    return _write(torch.relu(input), input, inplace)


def relu_(input):
    return relu(input, True)


def relu6(input, inplace=False):
    return _write(torch.clamp(input, 0.0, 6.0), input, inplace)


def elu(input, alpha=1.0, inplace=False):
    return _write(_nn.elu(input, alpha), input, inplace)


def elu_(input, alpha=1.0):
    return elu(input, alpha, True)


def selu(input, inplace=False):
    return _write(torch.selu(input), input, inplace)


def celu(input, alpha=1.0, inplace=False):
    return _write(_nn.celu(input, alpha), input, inplace)


def leaky_relu(input, negative_slope=0.01, inplace=False):
    return _write(_nn.leaky_relu(input, negative_slope), input, inplace)


def leaky_relu_(input, negative_slope=0.01):
    return leaky_relu(input, negative_slope, True)


def prelu(input, weight):
    return torch.prelu(input, weight)


def rrelu(input, lower=1.0 / 8, upper=1.0 / 3, training=False, inplace=False):
    return _write(_nn.rrelu(input, lower, upper, training), input, inplace)


def hardtanh(input, min_val=-1.0, max_val=1.0, inplace=False):
    return _write(torch.clamp(input, min_val, max_val), input, inplace)


def hardswish(input, inplace=False):
    return _write(_nn.hardswish(input), input, inplace)


def hardsigmoid(input, inplace=False):
    return _write(_nn.hardsigmoid(input), input, inplace)


def silu(input, inplace=False):
    return _write(_nn.silu(input), input, inplace)


def mish(input, inplace=False):
    return _write(_nn.mish(input), input, inplace)


def threshold(input, threshold, value, inplace=False):
    return _write(_nn.threshold(input, threshold, value), input, inplace)


def gelu(input, approximate='none'):
    return _nn.gelu(input, approximate=approximate)


def glu(input, dim=-1):
    return _nn.glu(input, dim)


def softplus(input, beta=1.0, threshold=20.0):
    return _nn.softplus(input, beta, threshold)


def logsigmoid(input):
    return _nn.log_sigmoid(input)


def softsign(input):
    return _nn.softsign(input)


def tanhshrink(input):
    return input - torch.tanh(input)


def hardshrink(input, lambd=0.5):
    return _nn.hardshrink(input, lambd)


def softshrink(input, lambd=0.5):
    return _nn.softshrink(input, lambd)


def sigmoid(input):
    return torch.sigmoid(input)


def tanh(input):
    return torch.tanh(input)


def _axis(input):
    # PyTorch's old default axis.
    return 0 if input.dim() in (0, 1, 3) else 1


def softmax(input, dim=None, _stacklevel=3, dtype=None):
    return torch.softmax(input, _axis(input) if dim is None else dim, dtype=dtype)


def log_softmax(input, dim=None, _stacklevel=3, dtype=None):
    return torch.log_softmax(input, _axis(input) if dim is None else dim, dtype=dtype)


def softmin(input, dim=None, _stacklevel=3, dtype=None):
    return softmax(-input, dim, dtype=dtype)


def normalize(input, p=2.0, dim=1, eps=1e-12, out=None):
    return input / torch.clamp(torch.norm(input, p, dim, True), min=eps)


def dropout(input, p=0.5, training=True, inplace=False):
    if training and p > 0:
        _isomorph.refuse('dropout in training mode')
    return input


dropout1d = dropout2d = dropout3d = alpha_dropout = feature_alpha_dropout = dropout


# Weighted layers.

def linear(input, weight, bias=None):
    return _nn.linear(input, weight, bias)


def bilinear(input1, input2, weight, bias=None):
    return torch.bilinear(input1, input2, weight, bias)


def conv1d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    return torch.conv1d(input, weight, bias, stride, padding, dilation, groups)


def conv2d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    return torch.conv2d(input, weight, bias, stride, padding, dilation, groups)


def conv3d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    return torch.conv3d(input, weight, bias, stride, padding, dilation, groups)


def conv_transpose1d(input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1,
                     dilation=1):
    return torch.conv_transpose1d(input, weight, bias, stride, padding, output_padding, groups,
                                  dilation)


def conv_transpose2d(input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1,
                     dilation=1):
    return torch.conv_transpose2d(input, weight, bias, stride, padding, output_padding, groups,
                                  dilation)


def conv_transpose3d(input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1,
                     dilation=1):
    return torch.conv_transpose3d(input, weight, bias, stride, padding, output_padding, groups,
                                  dilation)


def embedding(input, weight, padding_idx=None, max_norm=None, norm_type=2.0,
              scale_grad_by_freq=False, sparse=False):
    if max_norm is not None:
        _isomorph.refuse('embedding with max_norm')
    return torch.embedding(weight, input)


def embedding_bag(input, weight, offsets=None, max_norm=None, norm_type=2.0,
                  scale_grad_by_freq=False, mode='mean', sparse=False, per_sample_weights=None,
                  include_last_offset=False, padding_idx=None):
    if offsets is not None or max_norm is not None:
        _isomorph.refuse('embedding_bag with offsets or max_norm')
    rows = torch.embedding(weight, input)
    if per_sample_weights is not None:
        rows = rows * per_sample_weights.unsqueeze(-1)
    if padding_idx is None:
        return rows.sum(1) if mode == 'sum' else rows.mean(1) if mode == 'mean' else rows.amax(1)
    used = (input != padding_idx).unsqueeze(-1)
    if mode == 'max':
        _isomorph.refuse("embedding_bag with mode='max' and padding_idx")
    total = torch.where(used, rows, 0.0).sum(1)
    if mode == 'sum':
        return total
    return total / torch.clamp(used.sum(1), min=1)


def one_hot(tensor, num_classes=-1):
    return _nn.one_hot(tensor, num_classes)


# Normalisations.

def batch_norm(input, running_mean, running_var, weight=None, bias=None, training=False,
               momentum=0.1, eps=1e-5):
    if running_mean is None or training:
        if training and running_mean is not None:
            _isomorph.refuse('batch_norm in training mode')
        axes = [0] + list(range(2, input.dim()))
        mean = input.mean(axes, True)
        centred = input - mean
        y = centred / torch.sqrt((centred * centred).mean(axes, True) + eps)
        shape = [1, -1] + [1] * (input.dim() - 2)
        y = y if weight is None else y * weight.reshape(shape)
        return y if bias is None else y + bias.reshape(shape)
    return torch.batch_norm(input, weight, bias, running_mean, running_var, False, momentum, eps,
                            False)


def layer_norm(input, normalized_shape, weight=None, bias=None, eps=1e-5):
    return torch.layer_norm(input, list(normalized_shape), weight, bias, eps)


def group_norm(input, num_groups, weight=None, bias=None, eps=1e-5):
    return torch.group_norm(input, num_groups, weight, bias, eps)


def instance_norm(input, running_mean=None, running_var=None, weight=None, bias=None,
                  use_input_stats=True, momentum=0.1, eps=1e-5):
    return torch.instance_norm(input, weight, bias, running_mean, running_var, use_input_stats,
                               momentum, eps, False)


def rms_norm(input, normalized_shape, weight=None, eps=None):
    return torch.rms_norm(input, list(normalized_shape), weight, eps)


def local_response_norm(input, size, alpha=1e-4, beta=0.75, k=1.0):
    squares = input * input
    around = [0, 0] * (input.dim() - 2) + [size // 2, (size - 1) // 2]
    padded = pad(squares, around)
    channels = input.size(1)
    total = padded[:, 0:channels]
    for i in range(1, size):
        total = total + padded[:, i:i + channels]
    return input / torch.pow(total * (alpha / size) + k, beta)


# Pooling.

def _max_pool(n):
    plain = getattr(torch, f'max_pool{n}d')
    name = f'max_pool{n}d_with_indices'

    def pool(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False,
             return_indices=False):
        stride = kernel_size if stride is None else stride
        if return_indices:
            return getattr(_nn, name)(input, kernel_size, stride, padding, dilation, ceil_mode)
        return plain(input, kernel_size, stride, padding, dilation, ceil_mode)

    return pool


max_pool1d, max_pool2d, max_pool3d = _max_pool(1), _max_pool(2), _max_pool(3)
max_pool1d_with_indices = lambda *a, **k: max_pool1d(*a, return_indices=True, **k)
max_pool2d_with_indices = lambda *a, **k: max_pool2d(*a, return_indices=True, **k)
max_pool3d_with_indices = lambda *a, **k: max_pool3d(*a, return_indices=True, **k)


def avg_pool1d(input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True):
    return torch.avg_pool1d(input, kernel_size, kernel_size if stride is None else stride, padding,
                            ceil_mode, count_include_pad)


def avg_pool2d(input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True,
               divisor_override=None):
    return _nn.avg_pool2d(input, kernel_size, kernel_size if stride is None else stride, padding,
                          ceil_mode, count_include_pad, divisor_override)


def avg_pool3d(input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True,
               divisor_override=None):
    return _nn.avg_pool3d(input, kernel_size, kernel_size if stride is None else stride, padding,
                          ceil_mode, count_include_pad, divisor_override)


def _lp_pool(n):
    average = [avg_pool1d, avg_pool2d, avg_pool3d][n - 1]

    def pool(input, norm_type, kernel_size, stride=None, ceil_mode=False):
        area = 1
        for k in _ntuple(n)(kernel_size):
            area = area * k
        mean = average(torch.pow(input, norm_type), kernel_size, stride, 0, ceil_mode)
        return torch.pow(torch.sign(mean) * relu(torch.abs(mean)) * area, 1.0 / norm_type)

    return pool


lp_pool1d, lp_pool2d, lp_pool3d = _lp_pool(1), _lp_pool(2), _lp_pool(3)


def _sizes(input, output_size, n):
    wanted = list(_ntuple(n)(output_size))
    return [input.size(i - n) if w is None else w for i, w in enumerate(wanted)]


def adaptive_avg_pool1d(input, output_size):
    return torch.adaptive_avg_pool1d(input, _sizes(input, output_size, 1))


def adaptive_avg_pool2d(input, output_size):
    return _nn.adaptive_avg_pool2d(input, _sizes(input, output_size, 2))


def adaptive_avg_pool3d(input, output_size):
    return _nn.adaptive_avg_pool3d(input, _sizes(input, output_size, 3))


def adaptive_max_pool1d(input, output_size, return_indices=False):
    both = torch.adaptive_max_pool1d(input, _sizes(input, output_size, 1))
    return both if return_indices else both[0]


def adaptive_max_pool2d(input, output_size, return_indices=False):
    both = _nn.adaptive_max_pool2d(input, _sizes(input, output_size, 2))
    return both if return_indices else both[0]


def adaptive_max_pool3d(input, output_size, return_indices=False):
    both = _nn.adaptive_max_pool3d(input, _sizes(input, output_size, 3))
    return both if return_indices else both[0]


def unfold(input, kernel_size, dilation=1, padding=0, stride=1):
    return _nn.im2col(input, _pair(kernel_size), _pair(dilation), _pair(padding), _pair(stride))


def fold(input, output_size, kernel_size, dilation=1, padding=0, stride=1):
    return _nn.col2im(input, _pair(output_size), _pair(kernel_size), _pair(dilation),
                      _pair(padding), _pair(stride))


# Resampling.

def pad(input, pad, mode='constant', value=None):
    pad = list(pad)
    if any(not isinstance(p, int) or p != 0 for p in pad):
        return _nn.pad(input, pad, mode, value)
    return input


def interpolate(input, size=None, scale_factor=None, mode='nearest', align_corners=None,
                recompute_scale_factor=None, antialias=False):
    n = input.dim() - 2
    if (size is None) == (scale_factor is None):
        raise ValueError('either size or scale_factor should be defined, and not both')
    if size is not None:
        size = list(_ntuple(n)(size))
    else:
        scale_factor = [float(f) for f in _ntuple(n)(scale_factor)]
        if recompute_scale_factor or mode == 'area':
            size = [math.floor(float(input.size(i + 2)) * scale_factor[i]) for i in range(n)]
            scale_factor = None
    if size is not None:
        scale_factor = None
    corners = bool(align_corners)
    if mode == 'nearest':
        return getattr(_nn, f'upsample_nearest{n}d')(input, size, scale_factor)
    if mode == 'nearest-exact':
        return getattr(_nn, f'_upsample_nearest_exact{n}d')(input, size, scale_factor)
    if mode == 'area':
        return [adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d][n - 1](input, size)
    if mode == 'linear' and n == 1:
        return _nn.upsample_linear1d(input, size, corners, scale_factor)
    if mode == 'bilinear' and n == 2:
        if antialias:
            return _nn._upsample_bilinear2d_aa(input, size, corners, scale_factor)
        return _nn.upsample_bilinear2d(input, size, corners, scale_factor)
    if mode == 'trilinear' and n == 3:
        return _nn.upsample_trilinear3d(input, size, corners, scale_factor)
    if mode == 'bicubic' and n == 2 and not antialias:
        return _nn.upsample_bicubic2d(input, size, corners, scale_factor)
    _isomorph.refuse(f'interpolate of a {n + 2}-D tensor with mode {mode!r}')


def upsample(input, size=None, scale_factor=None, mode='nearest', align_corners=None):
    return interpolate(input, size, scale_factor, mode, align_corners)


def upsample_nearest(input, size=None, scale_factor=None):
    return interpolate(input, size, scale_factor, 'nearest')


def upsample_bilinear(input, size=None, scale_factor=None):
    return interpolate(input, size, scale_factor, 'bilinear', True)


def grid_sample(input, grid, mode='bilinear', padding_mode='zeros', align_corners=None):
    return torch.grid_sampler(input, grid, ['bilinear', 'nearest', 'bicubic'].index(mode),
                              ['zeros', 'border', 'reflection'].index(padding_mode),
                              bool(align_corners))


def affine_grid(theta, size, align_corners=None):
    return torch.affine_grid_generator(theta, list(size), bool(align_corners))


def pixel_shuffle(input, upscale_factor):
    return torch.pixel_shuffle(input, upscale_factor)


def pixel_unshuffle(input, downscale_factor):
    return torch.pixel_unshuffle(input, downscale_factor)


channel_shuffle = torch.channel_shuffle
native_channel_shuffle = torch.channel_shuffle


# Distances, attention.

def cosine_similarity(x1, x2, dim=1, eps=1e-8):
    return torch.cosine_similarity(x1, x2, dim, eps)


def pairwise_distance(x1, x2, p=2.0, eps=1e-6, keepdim=False):
    return torch.pairwise_distance(x1, x2, p, eps, keepdim)


def scaled_dot_product_attention(query, key, value, attn_mask=None, dropout_p=0.0,
                                 is_causal=False, scale=None, enable_gqa=False):
    return _nn.scaled_dot_product_attention(query, key, value, attn_mask, dropout_p, is_causal,
                                            scale=scale, enable_gqa=enable_gqa)


# Losses.

def _reduce(loss, reduction):
    if reduction == 'none':
        return loss
    return loss.mean() if reduction == 'mean' else loss.sum()


def mse_loss(input, target, size_average=None, reduce=None, reduction='mean', weight=None):
    d = input - target
    return _reduce(d * d if weight is None else d * d * weight, reduction)


def l1_loss(input, target, size_average=None, reduce=None, reduction='mean', weight=None):
    return _reduce(torch.abs(input - target), reduction)


def smooth_l1_loss(input, target, size_average=None, reduce=None, reduction='mean', beta=1.0):
    d = torch.abs(input - target)
    if beta == 0:
        return _reduce(d, reduction)
    return _reduce(torch.where(d < beta, 0.5 * d * d / beta, d - 0.5 * beta), reduction)


def huber_loss(input, target, reduction='mean', delta=1.0, weight=None):
    d = torch.abs(input - target)
    return _reduce(torch.where(d <= delta, 0.5 * d * d, delta * (d - 0.5 * delta)), reduction)


def nll_loss(input, target, weight=None, size_average=None, ignore_index=-100, reduce=None,
             reduction='mean'):
    axis = 0 if input.dim() == 1 else 1
    valid = target != ignore_index
    safe = torch.where(valid, target, 0)
    picked = -torch.gather(input, axis, safe.unsqueeze(axis)).squeeze(axis)
    scale = valid.to(input.dtype)
    if weight is not None:
        scale = scale * weight[safe]
    loss = torch.where(valid, picked, 0.0) * scale
    if reduction == 'mean':
        return loss.sum() / scale.sum()
    return _reduce(loss, reduction)


def cross_entropy(input, target, weight=None, size_average=None, ignore_index=-100, reduce=None,
                  reduction='mean', label_smoothing=0.0):
    axis = 0 if input.dim() == 1 else 1
    logs = log_softmax(input, axis)
    if target.is_floating_point():
        if weight is not None or label_smoothing:
            _isomorph.refuse('cross_entropy of probabilities with weight or label_smoothing')
        loss = -(logs * target).sum(axis)
        return _reduce(loss, reduction)
    plain = nll_loss(logs, target, weight, None, ignore_index, None, reduction)
    if not label_smoothing:
        return plain
    if weight is not None or ignore_index != -100:
        _isomorph.refuse('cross_entropy with label_smoothing and weight or ignore_index')
    smooth = _reduce(-logs.sum(axis), reduction) / input.size(axis)
    return (1 - label_smoothing) * plain + label_smoothing * smooth


def binary_cross_entropy(input, target, weight=None, size_average=None, reduce=None,
                         reduction='mean'):
    loss = -(target * torch.clamp(torch.log(input), min=-100.0)
             + (1 - target) * torch.clamp(torch.log(1 - input), min=-100.0))
    return _reduce(loss if weight is None else loss * weight, reduction)


def binary_cross_entropy_with_logits(input, target, weight=None, size_average=None, reduce=None,
                                     reduction='mean', pos_weight=None):
    log_weight = 1 if pos_weight is None else 1 + (pos_weight - 1) * target
    loss = (1 - target) * input - log_weight * logsigmoid(input)
    return _reduce(loss if weight is None else loss * weight, reduction)


def kl_div(input, target, size_average=None, reduce=None, reduction='mean', log_target=False):
    if log_target:
        loss = torch.exp(target) * (target - input)
    else:
        loss = torch.xlogy(target, target) - target * input
    if reduction == 'batchmean':
        return loss.sum() / input.size(0)
    return _reduce(loss, reduction)
