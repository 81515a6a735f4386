"""Parametrisations: a tensor that is computed from others whenever it is read."""

from torch import _isomorph
from torch.nn.modules.container import ModuleDict, ModuleList
from torch.nn.modules.module import Module
from torch.nn.parameter import Parameter


class ParametrizationList(ModuleList):
    def forward(self):
        originals = self.__dict__['_originals']
        values = [self._parameters[n] if n in self._parameters else self._buffers[n]
                  for n in originals]
        made = self[0](*values)
        for module in list(self)[1:]:
            made = module(made)
        return made


def register_parametrization(module, tensor_name, parametrization, *, unsafe=False):
    if 'parametrizations' in module._modules and tensor_name in module.parametrizations:
        module.parametrizations[tensor_name].append(parametrization)
        return module
    space = module._parameters if tensor_name in module._parameters else module._buffers
    value = space.pop(tensor_name)
    entry = ParametrizationList([parametrization])
    parts = value
    if hasattr(parametrization, 'right_inverse'):
        parts = parametrization.right_inverse(value)
    names = ['original']
    if isinstance(parts, (tuple, list)):
        names = [f'original{i}' for i in range(len(parts))]
    else:
        parts = [parts]
    for name, part in zip(names, parts):
        entry.register_parameter(name, Parameter(part.data))
    entry.__dict__['_originals'] = names
    if 'parametrizations' not in module._modules:
        module.add_module('parametrizations', ModuleDict())
        base = type(module)
        module.__class__ = type('Parametrized' + base.__name__, (base,), {})
    module.parametrizations[tensor_name] = entry
    setattr(type(module), tensor_name, property(lambda self: self.parametrizations[tensor_name]()))
    return module


def is_parametrized(module, tensor_name=None):
    present = 'parametrizations' in module._modules
    return present and (tensor_name is None or tensor_name in module.parametrizations)


def remove_parametrizations(module, tensor_name, leave_parametrized=True):
    _isomorph.refuse('remove_parametrizations()')
