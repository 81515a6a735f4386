from collections import OrderedDict

from torch import nn


class IntermediateLayerGetter(nn.ModuleDict):
    """The children of a model up to the last one asked for; returns their outputs under new names."""

    def __init__(self, model, return_layers):
        children = {name for name, _ in model.named_children()}
        if not set(return_layers).issubset(children):
            raise ValueError(f"{sorted(set(return_layers) - children)} are no children of the model")
        wanted = {str(k): str(v) for k, v in return_layers.items()}
        layers = OrderedDict()
        remaining = set(wanted)
        for name, module in model.named_children():
            layers[name] = module
            remaining.discard(name)
            if not remaining:
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
