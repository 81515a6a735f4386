"""Single layers; a class stands here only where a layer is not called with tensors alone."""

import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils import spectral_norm, weight_norm
from torch.nn.utils.parametrizations import spectral_norm as spectral_parametrization
from torch.nn.utils.parametrizations import weight_norm as weight_parametrization


class LSTMWithState(nn.Module):
    def __init__(self, **options):
        super().__init__()
        self.lstm = nn.LSTM(**options)

    def forward(self, x, h, c):
        output, (h, c) = self.lstm(x, (h, c))
        return output, h, c


class LastStep(nn.Module):
    """Only the final hidden state of a recurrent layer, which returns (output, state)."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, x):
        _, state = self.layer(x)
        return state[0][-1] if isinstance(state, tuple) else state[-1]


class Cells(nn.Module):
    """Recurrent cells stepped by a Python loop over the sequence."""

    def __init__(self, inputs, hidden):
        super().__init__()
        self.lstm = nn.LSTMCell(inputs, hidden)
        self.gru = nn.GRUCell(hidden, hidden)
        self.rnn = nn.RNNCell(hidden, hidden, nonlinearity="relu")

    def forward(self, x):
        h = c = x.new_zeros(x.size(1), self.lstm.hidden_size)
        g = r = torch.zeros_like(h)
        steps = []
        for t in range(x.size(0)):
            h, c = self.lstm(x[t], (h, c))
            g = self.gru(h, g)
            r = self.rnn(g, r)
            steps.append(r)
        return torch.stack(steps), c


class SelfAttention(nn.Module):
    def __init__(self, need_weights=True, average_attn_weights=True, **options):
        super().__init__()
        self.attention = nn.MultiheadAttention(**options)
        self.call = dict(need_weights=need_weights, average_attn_weights=average_attn_weights)

    def forward(self, x):
        return self.attention(x, x, x, **self.call)[0 if not self.call["need_weights"] else slice(None)]


class MaskedAttention(nn.Module):
    """Keys that are padding, and a causal mask, as booleans or as addends."""

    def __init__(self, causal, **options):
        super().__init__()
        self.attention = nn.MultiheadAttention(batch_first=True, **options)
        self.causal = causal

    def forward(self, x, padding):
        length = x.size(1)
        if self.causal == "bool":
            mask = torch.ones(length, length, dtype=torch.bool).triu(1)
        elif self.causal == "float":
            mask = torch.full((length, length), -1e4).triu(1)
            padding = torch.zeros_like(padding, dtype=x.dtype).masked_fill(padding, -1e4)
        else:
            mask = None
        output, weights = self.attention(x, x, x, key_padding_mask=padding, attn_mask=mask)
        return output, weights


class MaskedEncoder(nn.Module):
    def __init__(self, layers=2, **options):
        super().__init__()
        layer = nn.TransformerEncoderLayer(batch_first=True, **options)
        self.encoder = nn.TransformerEncoder(layer, layers, enable_nested_tensor=False)

    def forward(self, x, padding):
        mask = nn.Transformer.generate_square_subsequent_mask(x.size(1))
        return self.encoder(x, mask=mask, src_key_padding_mask=torch.where(padding, float("-inf"), 0.0), is_causal=True)


class PoolAndUnpool(nn.Module):
    def __init__(self):
        super().__init__()
        self.pool = nn.MaxPool2d(2, stride=2, return_indices=True)
        self.unpool = nn.MaxUnpool2d(2, stride=2)

    def forward(self, x):
        pooled, indices = self.pool(x)
        return pooled, indices, self.unpool(pooled, indices, output_size=x.size())


class Containers(nn.Module):
    """Every container, nested, with a layer that is shared by two names."""

    def __init__(self, width=5):
        super().__init__()
        self.shared = nn.Linear(width, width)
        self.blocks = nn.ModuleList([nn.Sequential(nn.Linear(width, width), nn.Tanh()), self.shared])
        self.blocks.append(nn.Identity())
        self.branches = nn.ModuleDict({"wide": nn.Linear(width, 2 * width), "narrow": nn.Linear(width, 3)})
        self.branches["last"] = nn.Softsign()
        self.scales = nn.ParameterList([nn.Parameter(torch.rand(width)) for _ in range(3)])
        self.offsets = nn.ParameterDict({"a": nn.Parameter(torch.rand(width)), "b": nn.Parameter(torch.rand(1))})

    def forward(self, x):
        for i, block in enumerate(self.blocks):
            x = block(x) * self.scales[i] + self.offsets["a"]
        outputs = {name: branch(x) for name, branch in self.branches.items()}
        outputs["shared"] = self.shared(x) + self.offsets["b"]
        return outputs


class WeightNorms(nn.Module):
    def __init__(self):
        super().__init__()
        self.old = weight_norm(nn.Conv1d(3, 5, 2))
        self.old_dim = weight_norm(nn.Linear(5, 7), name="weight", dim=1)
        self.old_whole = weight_norm(nn.Linear(7, 4), dim=None)
        self.new = weight_parametrization(nn.Linear(4, 6))

    def forward(self, x):
        x = self.old(x).transpose(1, 2)
        return self.new(self.old_whole(self.old_dim(x)))


class SpectralNorms(nn.Module):
    def __init__(self):
        super().__init__()
        self.old = spectral_norm(nn.Conv2d(3, 5, 2))
        self.new = spectral_parametrization(nn.Linear(5, 4))

    def forward(self, x):
        return self.new(self.old(x).mean(dim=(2, 3)))


class TiedEmbedding(nn.Module):
    """Input and output embedding are one parameter."""

    def __init__(self, vocabulary=13, width=5):
        super().__init__()
        self.embed = nn.Embedding(vocabulary, width)
        self.project = nn.Linear(width, vocabulary, bias=False)
        self.project.weight = self.embed.weight

    def forward(self, ids):
        return self.project(torch.tanh(self.embed(ids)))
