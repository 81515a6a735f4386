import torch
import torch.nn.functional as F
from torch.nn.modules.module import Module
from torch.nn.parameter import Parameter


class RNNBase(Module):
    _gates = 1

    def __init__(self, mode, input_size, hidden_size, num_layers=1, bias=True, batch_first=False,
                 dropout=0.0, bidirectional=False, proj_size=0, device=None, dtype=None):
        super().__init__()
        self.mode = mode
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.bias = bias
        self.batch_first = batch_first
        self.dropout = float(dropout)
        self.bidirectional = bidirectional
        self.proj_size = proj_size
        directions = 2 if bidirectional else 1
        rows = {'LSTM': 4, 'GRU': 3}.get(mode, 1) * hidden_size
        out = proj_size if proj_size > 0 else hidden_size
        self._names = []
        for layer in range(num_layers):
            for direction in range(directions):
                width = input_size if layer == 0 else out * directions
                suffix = f'_l{layer}' + ('_reverse' if direction else '')
                shapes = {'weight_ih': (rows, width), 'weight_hh': (rows, out)}
                if bias:
                    shapes['bias_ih'] = (rows,)
                    shapes['bias_hh'] = (rows,)
                if proj_size > 0:
                    shapes['weight_hr'] = (proj_size, hidden_size)
                for name, shape in shapes.items():
                    setattr(self, name + suffix, Parameter(torch.empty(shape, dtype=dtype)))
                    self._names.append(name + suffix)

    def flatten_parameters(self):
        pass

    def reset_parameters(self):
        pass

    @property
    def _flat_weights(self):
        return [getattr(self, name) for name in self._names]

    @property
    def all_weights(self):
        each = len(self._names) // (self.num_layers * (2 if self.bidirectional else 1))
        weights = self._flat_weights
        return [weights[i:i + each] for i in range(0, len(weights), each)]

    def _prepare(self, input):
        if not torch.is_tensor(input):
            from torch import _isomorph
            _isomorph.refuse('a PackedSequence')
        single = input.dim() == 2
        if single:
            input = input.unsqueeze(0 if self.batch_first else 1)
        return input, single

    def _zeros(self, input, width):
        batch = input.size(0 if self.batch_first else 1)
        layers = self.num_layers * (2 if self.bidirectional else 1)
        return torch.zeros(layers, batch, width, dtype=input.dtype)

    def _output(self, y, single):
        return y.squeeze(0 if self.batch_first else 1) if single else y


class RNN(RNNBase):
    def __init__(self, input_size, hidden_size, num_layers=1, nonlinearity='tanh', bias=True,
                 batch_first=False, dropout=0.0, bidirectional=False, device=None, dtype=None):
        self.__dict__['nonlinearity'] = nonlinearity
        super().__init__('RNN_' + nonlinearity.upper(), input_size, hidden_size, num_layers, bias,
                         batch_first, dropout, bidirectional, 0, device, dtype)
        self.nonlinearity = nonlinearity

    def forward(self, input, hx=None):
        input, single = self._prepare(input)
        if hx is None:
            hx = self._zeros(input, self.hidden_size)
        elif single:
            hx = hx.unsqueeze(1)
        function = torch.rnn_relu if self.nonlinearity == 'relu' else torch.rnn_tanh
        y, h = function(input, hx, self._flat_weights, self.bias, self.num_layers, self.dropout,
                        self.training, self.bidirectional, self.batch_first)
        return self._output(y, single), h.squeeze(1) if single else h


class GRU(RNNBase):
    def __init__(self, *args, **kwargs):
        super().__init__('GRU', *args, **kwargs)

    def forward(self, input, hx=None):
        input, single = self._prepare(input)
        if hx is None:
            hx = self._zeros(input, self.hidden_size)
        elif single:
            hx = hx.unsqueeze(1)
        y, h = torch.gru(input, hx, self._flat_weights, self.bias, self.num_layers, self.dropout,
                         self.training, self.bidirectional, self.batch_first)
        return self._output(y, single), h.squeeze(1) if single else h


class LSTM(RNNBase):
    def __init__(self, *args, **kwargs):
        super().__init__('LSTM', *args, **kwargs)

    def forward(self, input, hx=None):
        input, single = self._prepare(input)
        out = self.proj_size if self.proj_size > 0 else self.hidden_size
        if hx is None:
            hx = (self._zeros(input, out), self._zeros(input, self.hidden_size))
        elif single:
            hx = tuple(h.unsqueeze(1) for h in hx)
        if self.proj_size > 0:
            y, h, c = self._projected(input, hx)
        else:
            y, h, c = torch.lstm(input, hx, self._flat_weights, self.bias, self.num_layers,
                                 self.dropout, self.training, self.bidirectional, self.batch_first)
        if single:
            h, c = h.squeeze(1), c.squeeze(1)
        return self._output(y, single), (h, c)

    def _projected(self, input, hx):
        # No operator projects the hidden state between steps, so the steps are written out.
        x = input.transpose(0, 1) if self.batch_first else input
        directions = 2 if self.bidirectional else 1
        last_h, last_c = [], []
        for layer in range(self.num_layers):
            outputs = []
            for direction in range(directions):
                suffix = f'_l{layer}' + ('_reverse' if direction else '')
                get = lambda name: getattr(self, name + suffix, None)
                h = hx[0][layer * directions + direction]
                c = hx[1][layer * directions + direction]
                steps = []
                order = range(x.size(0))
                for t in reversed(order) if direction else order:
                    h, c = _lstm_step(x[t], h, c, get('weight_ih'), get('weight_hh'),
                                      get('bias_ih'), get('bias_hh'))
                    h = F.linear(h, get('weight_hr'))
                    steps.append(h)
                last_h.append(h)
                last_c.append(c)
                outputs.append(torch.stack(steps[::-1] if direction else steps))
            x = torch.cat(outputs, dim=-1) if directions == 2 else outputs[0]
        y = x.transpose(0, 1) if self.batch_first else x
        return y, torch.stack(last_h), torch.stack(last_c)


def _lstm_step(x, h, c, weight_ih, weight_hh, bias_ih, bias_hh):
    gates = F.linear(x, weight_ih, bias_ih) + F.linear(h, weight_hh, bias_hh)
    i, f, g, o = gates.chunk(4, dim=-1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c


class RNNCellBase(Module):
    def __init__(self, input_size, hidden_size, bias, num_chunks, device=None, dtype=None):
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        rows = num_chunks * hidden_size
        self.weight_ih = Parameter(torch.empty((rows, input_size), dtype=dtype))
        self.weight_hh = Parameter(torch.empty((rows, hidden_size), dtype=dtype))
        self.register_parameter('bias_ih', Parameter(torch.empty(rows, dtype=dtype)) if bias else None)
        self.register_parameter('bias_hh', Parameter(torch.empty(rows, dtype=dtype)) if bias else None)

    def _state(self, input):
        return torch.zeros(*input.shape[:-1], self.hidden_size, dtype=input.dtype)


class RNNCell(RNNCellBase):
    def __init__(self, input_size, hidden_size, bias=True, nonlinearity='tanh', device=None,
                 dtype=None):
        super().__init__(input_size, hidden_size, bias, 1, device, dtype)
        self.nonlinearity = nonlinearity

    def forward(self, input, hx=None):
        hx = self._state(input) if hx is None else hx
        y = F.linear(input, self.weight_ih, self.bias_ih) + F.linear(hx, self.weight_hh, self.bias_hh)
        return torch.relu(y) if self.nonlinearity == 'relu' else torch.tanh(y)


class LSTMCell(RNNCellBase):
    def __init__(self, input_size, hidden_size, bias=True, device=None, dtype=None):
        super().__init__(input_size, hidden_size, bias, 4, device, dtype)

    def forward(self, input, hx=None):
        h, c = (self._state(input), self._state(input)) if hx is None else hx
        return _lstm_step(input, h, c, self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh)


class GRUCell(RNNCellBase):
    def __init__(self, input_size, hidden_size, bias=True, device=None, dtype=None):
        super().__init__(input_size, hidden_size, bias, 3, device, dtype)

    def forward(self, input, hx=None):
        hx = self._state(input) if hx is None else hx
        xr, xz, xn = F.linear(input, self.weight_ih, self.bias_ih).chunk(3, dim=-1)
        hr, hz, hn = F.linear(hx, self.weight_hh, self.bias_hh).chunk(3, dim=-1)
        r = torch.sigmoid(xr + hr)
        z = torch.sigmoid(xz + hz)
        n = torch.tanh(xn + r * hn)
        return (hx - n) * z + n
