"""Networks over sequences: recurrent, convolutional, transformers; and points and tables."""

import math
from dataclasses import dataclass

import torch
import torch.nn as nn
from torch.nn import functional as F


class TextClassifier(nn.Module):
    def __init__(self, vocabulary=13, embedding=5, hidden=4, classes=3):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, embedding, padding_idx=0)
        self.lstm = nn.LSTM(embedding, hidden, num_layers=2, bidirectional=True, batch_first=True, dropout=0.3)
        self.fc = nn.Linear(2 * hidden, classes)

    def forward(self, text):
        _, (state, cell) = self.lstm(self.embedding(text))
        both = torch.cat((state[-2, :, :], state[-1, :, :]), dim=1)
        return self.fc(F.dropout(both, 0.2, training=self.training))


class Tagger(nn.Module):
    """Initial states of zeros made in forward, attention over the steps."""

    def __init__(self, inputs=5, hidden=4, layers=2):
        super().__init__()
        self.gru = nn.GRU(inputs, hidden, layers)
        self.score = nn.Linear(hidden, 1)

    def start(self, batch):
        like = next(self.parameters()).data
        return like.new(self.gru.num_layers, batch, self.gru.hidden_size).zero_()

    def forward(self, x):
        output, state = self.gru(x, self.start(x.size(1)))
        weights = torch.softmax(self.score(output).squeeze(-1), dim=0)
        return (weights.unsqueeze(-1) * output).sum(0), state


class CutEnd(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.size = size

    def forward(self, x):
        return x[:, :, : -self.size].contiguous()


class TemporalBlock(nn.Module):
    def __init__(self, inputs, outputs, kernel, dilation):
        super().__init__()
        padding = (kernel - 1) * dilation
        self.net = nn.Sequential(
            nn.utils.parametrizations.weight_norm(nn.Conv1d(inputs, outputs, kernel, padding=padding, dilation=dilation)),
            CutEnd(padding),
            nn.ReLU(),
        )
        self.gate = nn.Conv1d(outputs, outputs, 1)
        self.downsample = nn.Conv1d(inputs, outputs, 1) if inputs != outputs else None

    def forward(self, x):
        out = self.net(x)
        out = torch.tanh(out) * torch.sigmoid(self.gate(out))
        res = x if self.downsample is None else self.downsample(x)
        return F.relu(out + res)


class TemporalNet(nn.Module):
    def __init__(self, channels=(4, 6, 6), kernel=2):
        super().__init__()
        layers = []
        for i, (a, b) in enumerate(zip(channels, channels[1:])):
            layers.append(TemporalBlock(a, b, kernel, dilation=2**i))
        self.network = nn.Sequential(*layers)

    def forward(self, x):
        return self.network(x)[:, :, -1]


@dataclass
class DecoderConfig:
    context: int = 11
    vocabulary: int = 13
    layers: int = 2
    heads: int = 2
    width: int = 6
    bias: bool = False


class CausalAttention(nn.Module):
    """Each step sees itself and what was before it, by a mask that is kept as a buffer."""

    def __init__(self, config):
        super().__init__()
        if config.width % config.heads:
            raise ValueError("width is no multiple of heads")
        self.qkv = nn.Linear(config.width, 3 * config.width, bias=config.bias)
        self.out = nn.Linear(config.width, config.width, bias=config.bias)
        self.config = config
        self.register_buffer("mask", torch.tril(torch.ones(config.context, config.context))[None, None])

    def heads(self, x):
        n, steps, width = x.size()
        return x.view(n, steps, self.config.heads, width // self.config.heads).transpose(1, 2)

    def forward(self, x):
        steps = x.size(1)
        q, k, v = map(self.heads, self.qkv(x).split(self.config.width, dim=2))
        scores = q @ k.transpose(-2, -1) / math.sqrt(k.size(-1))
        scores = scores.masked_fill(self.mask[:, :, :steps, :steps] == 0, float("-inf"))
        y = F.softmax(scores, dim=-1) @ v
        return self.out(y.transpose(1, 2).contiguous().view(x.shape))


class DecoderBlock(nn.Module):
    def __init__(self, config):
        super().__init__()
        width = config.width
        self.norms = nn.ModuleList([nn.LayerNorm(width) for _ in range(2)])
        self.attention = CausalAttention(config)
        self.mlp = nn.ModuleDict(dict(up=nn.Linear(width, 4 * width), act=nn.GELU(approximate="tanh")))
        self.mlp["down"] = nn.Linear(4 * width, width)
        mlp = self.mlp
        self.feed = lambda x: mlp.down(mlp.act(mlp.up(x)))

    def forward(self, x):
        x = x + self.attention(self.norms[0](x))
        return x + self.feed(self.norms[1](x))


class Decoder(nn.Module):
    """A language model: learned positions, one matrix for tokens in and logits out, the last step's logits or a loss."""

    def __init__(self, config: DecoderConfig = DecoderConfig()):
        super().__init__()
        self.config = config
        self.body = nn.ModuleDict(
            dict(
                tokens=nn.Embedding(config.vocabulary, config.width),
                positions=nn.Embedding(config.context, config.width),
                blocks=nn.ModuleList([DecoderBlock(config) for _ in range(config.layers)]),
                norm=nn.LayerNorm(config.width),
            )
        )
        self.head = nn.Linear(config.width, config.vocabulary, bias=False)
        self.body.tokens.weight = self.head.weight

    def forward(self, ids, targets=None):
        steps = ids.size(1)
        assert steps <= self.config.context, f"{steps} steps, the context is {self.config.context}"
        x = self.body.tokens(ids) + self.body.positions(torch.arange(0, steps, dtype=torch.long, device=ids.device))
        for block in self.body.blocks:
            x = block(x)
        x = self.body.norm(x)
        if targets is None:
            return self.head(x[:, [-1], :])
        logits = self.head(x)
        return logits, F.cross_entropy(logits.view(-1, logits.size(-1)), targets.view(-1), ignore_index=-1)


class RMSNorm(nn.Module):
    def __init__(self, dim, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(dim))

    def forward(self, x):
        y = x.float() * torch.rsqrt(x.float().pow(2).mean(-1, keepdim=True) + self.eps)
        return y.type_as(x) * self.weight


def rotate(x, angles):
    a, b = x.float().reshape(*x.shape[:-1], -1, 2).unbind(-1)
    cos, sin = angles.cos()[None, :, None], angles.sin()[None, :, None]
    return torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1).flatten(3).type_as(x)


class Llama(nn.Module):
    """One layer with rotary positions, grouped queries and a gated feed-forward."""

    def __init__(self, vocabulary=13, dim=8, heads=4, kv_heads=2, hidden=10):
        super().__init__()
        self.heads, self.kv_heads, self.head_dim = heads, kv_heads, dim // heads
        self.tok_embeddings = nn.Embedding(vocabulary, dim)
        self.attention_norm, self.ffn_norm, self.norm = RMSNorm(dim), RMSNorm(dim), RMSNorm(dim)
        self.wq = nn.Linear(dim, heads * self.head_dim, bias=False)
        self.wk = nn.Linear(dim, kv_heads * self.head_dim, bias=False)
        self.wv = nn.Linear(dim, kv_heads * self.head_dim, bias=False)
        self.wo = nn.Linear(dim, dim, bias=False)
        self.w1, self.w3 = nn.Linear(dim, hidden, bias=False), nn.Linear(dim, hidden, bias=False)
        self.w2 = nn.Linear(hidden, dim, bias=False)
        self.output = nn.Linear(dim, vocabulary, bias=False)
        inverse = 1.0 / (10000.0 ** (torch.arange(0, self.head_dim, 2).float() / self.head_dim))
        self.register_buffer("inv_freq", inverse, persistent=False)

    def forward(self, tokens):
        n, length = tokens.shape
        h = self.tok_embeddings(tokens)
        angles = torch.outer(torch.arange(length, device=h.device).float(), self.inv_freq)
        x = self.attention_norm(h)
        q = rotate(self.wq(x).view(n, length, self.heads, -1), angles)
        k = rotate(self.wk(x).view(n, length, self.kv_heads, -1), angles)
        v = self.wv(x).view(n, length, self.kv_heads, -1)
        k, v = (t.repeat_interleave(self.heads // self.kv_heads, dim=2) for t in (k, v))
        q, k, v = q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        h = h + self.wo(y.transpose(1, 2).reshape(n, length, -1))
        x = self.ffn_norm(h)
        h = h + self.w2(F.silu(self.w1(x)) * self.w3(x))
        return self.output(self.norm(h))


class PointNet(nn.Module):
    """A change of coordinates predicted from the points, then the maximum over all of them."""

    def __init__(self, axes=3, width=6, classes=5):
        super().__init__()
        self.axes = axes
        self.look, self.lift = nn.Conv1d(axes, width, 1), nn.Conv1d(axes, width, 1)
        self.predict = nn.Linear(width, axes * axes)
        self.bn = nn.BatchNorm1d(width)
        self.fc = nn.Linear(width, classes)

    def forward(self, points):
        summary = torch.max(F.relu(self.look(points)), 2, keepdim=True)[0].view(-1, self.look.out_channels)
        change = self.predict(summary) + torch.eye(self.axes).view(1, -1).repeat(points.size()[0], 1)
        change = change.view(-1, self.axes, self.axes)
        moved = torch.bmm(points.transpose(2, 1), change).transpose(2, 1)
        features = self.bn(self.lift(moved)).max(dim=-1)[0]
        return F.log_softmax(self.fc(features), dim=-1), change


class Recommender(nn.Module):
    """Categories and numbers together: embeddings, pairwise products, two towers."""

    def __init__(self, sizes=(7, 11), dim=4, dense=5):
        super().__init__()
        self.tables = nn.ModuleList([nn.Embedding(n, dim) for n in sizes])
        self.bottom = nn.Sequential(nn.Linear(dense, dim), nn.ReLU())
        features = len(sizes) + 1
        self.register_buffer("pairs", torch.tril_indices(features, features, offset=-1))
        self.top = nn.Linear(dim + features * (features - 1) // 2, 1)

    def forward(self, numbers, categories):
        x = self.bottom(numbers)
        embedded = [table(categories[:, i]) for i, table in enumerate(self.tables)]
        stacked = torch.stack([x] + embedded, dim=1)
        products = torch.bmm(stacked, stacked.transpose(1, 2))
        flat = products[:, self.pairs[0], self.pairs[1]]
        return torch.sigmoid(self.top(torch.cat([x, flat], dim=1))).squeeze(1)
