from collections import OrderedDict

from torch.nn import ModuleDict


class IntermediateLayerGetter(ModuleDict):
    """The children of a model up to the last that is asked for; their outputs by new names."""

    def __init__(self, model, return_layers):
        renamed = {str(old): str(new) for old, new in return_layers.items()}
        children = list(model.named_children())
        places = [i for i, (name, _) in enumerate(children) if name in renamed]
        if len(places) < len(renamed):
            raise ValueError('return_layers are not present in model')
        last = places[-1] if places else 0
        super().__init__(OrderedDict(children[:last + 1]))
        self.return_layers = renamed

    def forward(self, x):
        results = OrderedDict()
        for name, layer in self.items():
            x = layer(x)
            if name in self.return_layers:
                results[self.return_layers[name]] = x
        return results


def _make_divisible(v, divisor, min_value=None):
    least = divisor if min_value is None else min_value
    new = max(least, int(v + divisor / 2) // divisor * divisor)
    return new + divisor if new < 0.9 * v else new
