from collections import OrderedDict

from torch.nn import ModuleDict


class IntermediateLayerGetter(ModuleDict):
    """The children of a model up to the last that is asked for; their outputs by new names."""

    def __init__(self, model, return_layers):
        names = [name for name, _ in model.named_children()]
        if not set(return_layers).issubset(names):
            raise ValueError('return_layers are not present in model')
        wanted = {str(k): str(v) for k, v in return_layers.items()}
        left = set(wanted)
        layers = OrderedDict()
        for name, module in model.named_children():
            layers[name] = module
            left.discard(name)
            if not left:
                break
        super().__init__(layers)
        self.return_layers = wanted

    def forward(self, x):
        out = OrderedDict()
        for name, module in self.items():
            x = module(x)
            if name in self.return_layers:
                out[self.return_layers[name]] = x
        return out


def _make_divisible(v, divisor, min_value=None):
    least = divisor if min_value is None else min_value
    new = max(least, int(v + divisor / 2) // divisor * divisor)
    return new + divisor if new < 0.9 * v else new
