"""torch.nn.functional, with arguments by position and by keyword."""

import torch
import torch.nn.functional as F
from torch import nn


class Activations(nn.Module):
    def forward(self, x):
        return (
            F.relu(x),
            torch.relu(x),
            x.relu(),
            F.relu6(x),
            F.elu(x, 0.6),
            F.selu(x),
            F.celu(x, alpha=1.4),
            F.leaky_relu(x, 0.2),
            F.prelu(x, torch.tensor([0.3])),
            F.rrelu(x, 0.1, 0.5),
            F.glu(x, dim=0),
            F.gelu(x),
            F.gelu(x, approximate="tanh"),
            F.silu(x),
            F.mish(x),
            F.logsigmoid(x),
            F.hardshrink(x, 0.7),
            F.softshrink(x, 0.2),
            F.tanhshrink(x),
            F.softsign(x),
            F.softplus(x, beta=2, threshold=1),
            F.hardtanh(x, -0.5, 0.8),
            F.hardswish(x),
            F.hardsigmoid(x),
            F.threshold(x, 0.1, 20.0),
            F.softmin(x, dim=1),
            F.softmax(x, dim=-1),
            F.softmax(x, 1, dtype=torch.float64),
            torch.softmax(x, 0),
            x.log_softmax(1),
            F.log_softmax(x, dim=2),
            torch.tanh(x),
            F.sigmoid(x),
            F.normalize(x, dim=1),
            F.normalize(x, p=1.0, dim=-1, eps=1e-3),
        )


class Weighted(nn.Module):
    """Layers called as functions on parameters of the module's own."""

    def __init__(self):
        super().__init__()
        self.w1 = nn.Parameter(torch.randn(6, 2, 3) * 0.4)
        self.w2 = nn.Parameter(torch.randn(6, 4, 3, 2) * 0.4)
        self.wt = nn.Parameter(torch.randn(4, 3, 2, 2) * 0.4)
        self.b = nn.Parameter(torch.randn(6))
        self.register_buffer("mean", torch.randn(4))
        self.register_buffer("var", torch.rand(4) + 0.5)

    def forward(self, x):
        line = x.flatten(2)
        return (
            F.conv2d(x, self.w2, self.b, stride=(1, 2), padding=1),
            F.conv2d(x, self.w2, padding="same", dilation=2),
            F.conv1d(line, self.w1, self.b, 2, 1, 1, 2),
            F.conv_transpose2d(x, self.wt, stride=2, output_padding=1),
            F.batch_norm(x, self.mean, self.var, eps=0.01),
            F.layer_norm(x, x.shape[2:], eps=1e-3),
            F.group_norm(x, 2, weight=self.mean, bias=self.var),
            F.instance_norm(x),
            F.rms_norm(x, (x.size(-1),), eps=1e-3),
            F.linear(line.transpose(1, 2), self.w2[:, :, 0, 0], self.b),
            F.bilinear(line[:, 0, :2], line[:, 1, :3], self.w1.transpose(0, 2).reshape(3, 2, 6)[:, :, :3]),
            F.local_response_norm(x, 3),
            F.dropout(x, 0.5, self.training),
            F.dropout(x, p=0.2, training=False),
        )


class Pools(nn.Module):
    def forward(self, x):
        return (
            F.max_pool2d(x, 2),
            F.max_pool2d(x, (3, 2), stride=1, padding=(1, 0)),
            F.max_pool2d(x, kernel_size=3, stride=2, ceil_mode=True),
            F.avg_pool2d(x, 3, 2, 1, count_include_pad=False),
            F.lp_pool2d(x, 2, 2),
            F.adaptive_avg_pool2d(x, (1, 1)),
            F.adaptive_avg_pool2d(x, x.shape[-1] // 3),
            F.adaptive_max_pool2d(x, (2, 3)),
            F.max_pool1d(x.flatten(2), 4),
            F.avg_pool1d(x.flatten(2), 5, ceil_mode=True),
            F.max_pool3d(x, 2),
            torch.max_pool2d(x, 2),
            F.unfold(x, kernel_size=2, stride=2),
        )


class Resize(nn.Module):
    def forward(self, x, y):
        h, w = y.shape[-2:]
        return (
            F.interpolate(x, size=(h, w), mode="bilinear", align_corners=False),
            F.interpolate(x, size=y.shape[2:], mode="bilinear", align_corners=True),
            F.interpolate(x, scale_factor=2),
            F.interpolate(x, scale_factor=0.5, mode="bilinear"),
            F.interpolate(x, size=[y.size(2), y.size(3)], mode="nearest"),
            F.interpolate(x, (h, w), mode="bicubic"),
            F.interpolate(x, size=(h, w), mode="area"),
            F.interpolate(x, size=(4, 5), mode="bilinear", antialias=True),
            F.upsample(x, scale_factor=3, mode="nearest"),
            F.pixel_shuffle(x, 2),
            F.pixel_unshuffle(F.pixel_shuffle(x, 2), 2),
        )


class Pads(nn.Module):
    def forward(self, x):
        return (
            F.pad(x, (1, 2)),
            F.pad(x, (1, 0, 2, 3), "constant", 1.5),
            F.pad(x, [0, 1, 0, 0, 2, 1], value=-1),
            F.pad(x, (2, 1, 1, 2), mode="reflect"),
            F.pad(x, (2, 1, 1, 2), mode="replicate"),
            F.pad(x, (2, 1, 1, 2), mode="circular"),
            F.pad(x, (-1, -2, 1, 0)),
        )


class Grid(nn.Module):
    def __init__(self):
        super().__init__()
        self.theta = nn.Parameter(torch.tensor([[0.8, 0.3, 0.1], [-0.2, 1.1, -0.15]]))

    def forward(self, x):
        grid = F.affine_grid(self.theta.expand(x.size(0), 2, 3), [x.size(0), x.size(1), 5, 6], align_corners=False)
        return (
            grid,
            F.grid_sample(x, grid, align_corners=False),
            F.grid_sample(x, grid, mode="nearest", padding_mode="border", align_corners=False),
            F.grid_sample(x, grid, mode="bicubic", padding_mode="reflection", align_corners=True),
        )


class Attention(nn.Module):
    def forward(self, q, k, v, keep):
        q, k, v = (t.unflatten(-1, (2, -1)).transpose(1, 2) for t in (q, k, v))
        mask = keep[:, None, None, :]
        return (
            F.scaled_dot_product_attention(q, k, v),
            F.scaled_dot_product_attention(q, k, v, is_causal=True),
            F.scaled_dot_product_attention(q, k, v, attn_mask=~mask),
            F.scaled_dot_product_attention(q, k, v, attn_mask=torch.where(mask, -1e4, 0.0), scale=0.3),
        )


class Losses(nn.Module):
    def forward(self, x, ids):
        target = torch.tanh(x)
        classes = ids[:, 0]
        logits = x.mean(1)
        return (
            F.mse_loss(x, target),
            F.l1_loss(x, target, reduction="sum"),
            F.smooth_l1_loss(x, target, beta=0.5),
            F.cross_entropy(logits, classes),
            F.nll_loss(F.log_softmax(logits, 1), classes, reduction="none"),
            F.binary_cross_entropy_with_logits(x, target.sigmoid()),
            F.kl_div(F.log_softmax(x, -1), F.softmax(target, -1), reduction="batchmean"),
            F.cosine_similarity(x, target, dim=-1),
            F.pairwise_distance(logits, target[:, 0]),
            torch.cdist(x, target),
        )


class Special(nn.Module):
    """The same function on NaN, infinities, zeros of both signs and very large numbers."""

    def forward(self, x):
        return (
            F.relu(x),
            F.gelu(x),
            F.elu(x),
            F.softplus(x),
            F.leaky_relu(x, 0.0),
            F.hardtanh(x),
            F.hardswish(x),
            F.softsign(x),
            torch.sigmoid(x),
            torch.tanh(x),
            F.silu(x),
            F.logsigmoid(x),
            x.clamp(-1, 1),
            torch.maximum(x, torch.zeros(())),
            torch.sign(x),
            x.abs(),
            torch.sqrt(x),
            torch.exp(x),
            torch.log(x),
            1 / x,
            x % 2,
            x.round(),
            x > 0,
            x == x,
            torch.where(x > 0, x, 0.0),
            F.max_pool1d(x[None, None], 3, 1, 1)[0, 0],
            x.max(),
            x.argmax(),
            x.sum(),
            torch.softmax(x[5:], 0),
        )
