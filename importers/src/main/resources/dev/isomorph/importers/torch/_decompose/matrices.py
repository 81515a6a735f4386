"""Products, distances, attention."""

import math

import torch
from torch import _isomorph


def outer(self, vec2):
    return self.unsqueeze(1) * vec2.unsqueeze(0)


ger = outer


def inner(self, other):
    if self.dim() == 0 or other.dim() == 0:
        return self * other
    return torch.tensordot(self, other, [[-1], [-1]])


def vdot(self, other):
    return torch.dot(self, other)


def tensordot(self, other, dims_self=2, dims_other=None, dims=None):
    axes = dims if dims is not None else dims_self if dims_other is None else [dims_self, dims_other]
    if isinstance(axes, int):
        a = list(range(self.dim() - axes, self.dim()))
        b = list(range(axes))
    else:
        a = [d % self.dim() for d in axes[0]]
        b = [d % other.dim() for d in axes[1]]
    keep_a = [i for i in range(self.dim()) if i not in a]
    keep_b = [i for i in range(other.dim()) if i not in b]
    size = 1
    for d in a:
        size = size * self.size(d)
    shape = [self.size(i) for i in keep_a] + [other.size(i) for i in keep_b]
    x = self.permute(keep_a + a).reshape(-1, size)
    y = other.permute(b + keep_b).reshape(size, -1)
    return torch.mm(x, y).reshape(shape)


def kron(self, other):
    x = self.reshape([v for s in self.shape for v in (s, 1)])
    y = other.reshape([v for s in other.shape for v in (1, s)])
    return (x * y).reshape([a * b for a, b in zip(self.shape, other.shape)])


def cross(self, other, dim=None):
    if dim is None:
        dim = [i for i, s in enumerate(self.shape) if s == 3][0]
    a = torch.roll(self, -1, dim) * torch.roll(other, -2, dim)
    b = torch.roll(self, -2, dim) * torch.roll(other, -1, dim)
    return a - b


linalg_cross = cross


def linalg_matmul(self, other):
    return torch.matmul(self, other)


def baddbmm(self, batch1, batch2, *, beta=1, alpha=1):
    product = torch.bmm(batch1, batch2)
    return (self * beta if beta != 1 else self) + (product * alpha if alpha != 1 else product)


def addbmm(self, batch1, batch2, *, beta=1, alpha=1):
    return self * beta + torch.sum(torch.bmm(batch1, batch2), 0) * alpha


def addmv(self, mat, vec, *, beta=1, alpha=1):
    return self * beta + torch.mv(mat, vec) * alpha


def addr(self, vec1, vec2, *, beta=1, alpha=1):
    return self * beta + torch.outer(vec1, vec2) * alpha


def chain_matmul(*matrices):
    out = matrices[0]
    for m in matrices[1:]:
        out = torch.matmul(out, m)
    return out


def trace(self):
    return torch.sum(torch.diagonal(self))


def cdist(x1, x2, p=2.0, compute_mode=None):
    return torch.linalg.vector_norm(x1.unsqueeze(-2) - x2.unsqueeze(-3), p, -1)


def bilinear(input1, input2, weight, bias=None):
    y = torch.einsum('...i,oij,...j->...o', input1, weight, input2)
    return y if bias is None else y + bias


def cosine_similarity(x1, x2, dim=1, eps=1e-08):
    n1 = torch.sqrt(torch.sum(x1 * x1, dim, True))
    n2 = torch.sqrt(torch.sum(x2 * x2, dim, True))
    return torch.sum((x1 / torch.clamp(n1, min=eps)) * (x2 / torch.clamp(n2, min=eps)), dim)


def pairwise_distance(x1, x2, p=2.0, eps=1e-06, keepdim=False):
    return torch.norm(x1 - x2 + eps, p, -1, keepdim)


def rms_norm(input, normalized_shape, weight=None, eps=None):
    dims = list(range(-len(normalized_shape), 0))
    if eps is None:
        eps = torch.finfo(input.dtype).eps
    y = input * torch.rsqrt(torch.mean(input * input, dims, True) + eps)
    return y if weight is None else y * weight


def scaled_dot_product_attention(query, key, value, attn_mask=None, dropout_p=0.0,
                                 is_causal=False, *, scale=None, enable_gqa=False):
    if dropout_p > 0:
        _isomorph.refuse('scaled_dot_product_attention with dropout')
    if enable_gqa:
        key = key.repeat_interleave(query.size(-3) // key.size(-3), -3)
        value = value.repeat_interleave(query.size(-3) // value.size(-3), -3)
    factor = 1 / math.sqrt(query.size(-1)) if scale is None else scale
    scores = torch.matmul(query, key.transpose(-2, -1)) * factor
    if is_causal:
        rows, columns = query.size(-2), key.size(-2)
        allowed = torch.ones(rows, columns, dtype=torch.bool).tril()
        scores = torch.masked_fill(scores, torch.logical_not(allowed), -math.inf)
    if attn_mask is not None:
        if attn_mask.dtype == torch.bool:
            scores = torch.masked_fill(scores, torch.logical_not(attn_mask), -math.inf)
        else:
            scores = scores + attn_mask
    weights = torch.softmax(scores, -1)
    if attn_mask is not None and attn_mask.dtype == torch.bool:
        # PyTorch gives zeros to a row in which nothing is allowed.
        none = torch.logical_not(torch.any(attn_mask, -1, True))
        weights = torch.masked_fill(weights, none, 0.0)
    return torch.matmul(weights, value)


def im2col(self, kernel_size, dilation, padding, stride):
    x = torch._C._nn.pad(self, [padding[1], padding[1], padding[0], padding[0]], 'constant', 0)
    rows = (x.size(-2) - dilation[0] * (kernel_size[0] - 1) - 1) // stride[0] + 1
    columns = (x.size(-1) - dilation[1] * (kernel_size[1] - 1) - 1) // stride[1] + 1
    parts = []
    for i in range(kernel_size[0]):
        for j in range(kernel_size[1]):
            top, left = i * dilation[0], j * dilation[1]
            parts.append(x[..., top:top + stride[0] * (rows - 1) + 1:stride[0],
                           left:left + stride[1] * (columns - 1) + 1:stride[1]])
    stacked = torch.stack(parts, -3)
    shape = list(self.shape[:-3])
    return stacked.reshape(shape + [self.size(-3) * kernel_size[0] * kernel_size[1],
                                    rows * columns])
