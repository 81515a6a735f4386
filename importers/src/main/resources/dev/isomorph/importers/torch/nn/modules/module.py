import torch
from torch import _isomorph
from torch.nn.parameter import Parameter


class Module:
    """Holds parameters, buffers and children by name; calling it runs forward."""

    def __init__(self, *args, **kwargs):
        own = self.__dict__
        own['training'] = True
        own['_parameters'] = {}
        own['_buffers'] = {}
        own['_modules'] = {}
        own['_non_persistent_buffers_set'] = set()
        own['_before_forward'] = []

    def forward(self, *args, **kwargs):
        raise NotImplementedError(
            f'Module [{type(self).__name__}] is missing the required "forward" function')

    def __call__(self, *args, **kwargs):
        _isomorph.enter(self.__dict__.get('_path', ''))
        for prepare in self.__dict__.get('_before_forward', ()):
            prepare(self)
        result = self.forward(*args, **kwargs)
        _isomorph.leave()
        return result

    def _call_impl(self, *args, **kwargs):
        return Module.__call__(self, *args, **kwargs)

    def __setattr__(self, name, value):
        own = self.__dict__
        if isinstance(value, Parameter):
            if '_parameters' not in own:
                raise AttributeError('cannot assign parameters before Module.__init__() call')
            self._forget(name)
            own['_parameters'][name] = value
        elif isinstance(value, Module):
            if '_modules' not in own:
                raise AttributeError('cannot assign module before Module.__init__() call')
            self._forget(name)
            own['_modules'][name] = value
        elif name in own.get('_parameters', ()):
            if value is not None:
                raise TypeError(f"cannot assign '{type(value).__name__}' as parameter '{name}' "
                                "(torch.nn.Parameter or None expected)")
            own['_parameters'][name] = None
        elif name in own.get('_modules', ()):
            if value is not None:
                raise TypeError(f"cannot assign '{type(value).__name__}' as child module '{name}'")
            own['_modules'][name] = None
        elif name in own.get('_buffers', ()):
            own['_buffers'][name] = value
        else:
            object.__setattr__(self, name, value)

    def _forget(self, name):
        for space in ('_parameters', '_buffers', '_modules'):
            self.__dict__[space].pop(name, None)
        self.__dict__.pop(name, None)

    def __getattr__(self, name):
        own = self.__dict__
        for space in ('_parameters', '_buffers', '_modules'):
            if space in own and name in own[space]:
                return own[space][name]
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")

    def __delattr__(self, name):
        for space in ('_parameters', '_buffers', '_modules'):
            if name in self.__dict__[space]:
                del self.__dict__[space][name]
                return
        object.__delattr__(self, name)

    def __setstate__(self, state):
        self.__dict__.update(state)

    def __repr__(self):
        return type(self).__name__ + '(' + self.extra_repr() + ')'

    def extra_repr(self):
        return ''

    def _get_name(self):
        return type(self).__name__

    def register_parameter(self, name, param):
        self.__dict__['_parameters'][name] = param

    def register_buffer(self, name, tensor, persistent=True):
        if '_buffers' not in self.__dict__:
            raise AttributeError('cannot assign buffer before Module.__init__() call')
        self.__dict__.pop(name, None)
        self._buffers[name] = tensor
        if persistent:
            self._non_persistent_buffers_set.discard(name)
        else:
            self._non_persistent_buffers_set.add(name)

    def add_module(self, name, module):
        self._modules[name] = module

    register_module = add_module

    def get_submodule(self, target):
        module = self
        for part in target.split('.') if target else []:
            module = getattr(module, part)
        return module

    def get_parameter(self, target):
        path, _, name = target.rpartition('.')
        return getattr(self.get_submodule(path), name)

    get_buffer = get_parameter

    def children(self):
        for _, module in self.named_children():
            yield module

    def named_children(self):
        seen = set()
        for name, module in self._modules.items():
            if module is not None and module not in seen:
                seen.add(module)
                yield name, module

    def modules(self):
        for _, module in self.named_modules():
            yield module

    def named_modules(self, memo=None, prefix='', remove_duplicate=True):
        memo = set() if memo is None else memo
        if remove_duplicate and self in memo:
            return
        memo.add(self)
        yield prefix, self
        for name, module in self._modules.items():
            if module is not None:
                path = prefix + '.' + name if prefix else name
                for pair in module.named_modules(memo, path, remove_duplicate):
                    yield pair

    def _named(self, space, prefix, recurse, remove_duplicate):
        seen = set()
        modules = (self.named_modules(prefix=prefix, remove_duplicate=remove_duplicate) if recurse
                   else [(prefix, self)])
        for path, module in modules:
            for name, value in module.__dict__[space].items():
                if value is None or (remove_duplicate and value in seen):
                    continue
                seen.add(value)
                yield (path + '.' + name if path else name), value

    def parameters(self, recurse=True):
        for _, p in self.named_parameters(recurse=recurse):
            yield p

    def named_parameters(self, prefix='', recurse=True, remove_duplicate=True):
        return self._named('_parameters', prefix, recurse, remove_duplicate)

    def buffers(self, recurse=True):
        for _, b in self.named_buffers(recurse=recurse):
            yield b

    def named_buffers(self, prefix='', recurse=True, remove_duplicate=True):
        return self._named('_buffers', prefix, recurse, remove_duplicate)

    def state_dict(self, *args, **kwargs):
        state = dict(self.named_parameters(remove_duplicate=False))
        state.update(self.named_buffers(remove_duplicate=False))
        return state

    def load_state_dict(self, state_dict, strict=True, assign=False):
        # The weights that are given fill everything afterwards.
        return _isomorph.checkpoint

    def apply(self, fn):
        for module in self.children():
            module.apply(fn)
        fn(self)
        return self

    def train(self, mode=True):
        self.training = mode
        for module in self.children():
            module.train(mode)
        return self

    def eval(self):
        return self.train(False)

    def requires_grad_(self, requires_grad=True):
        return self

    def zero_grad(self, set_to_none=True):
        pass

    def share_memory(self):
        return self

    def cuda(self, device=None):
        return self

    cpu = cuda

    def _cast(self, dtype):
        for module in self.modules():
            for space in (module._parameters, module._buffers):
                for value in space.values():
                    if value is not None and value.is_floating_point():
                        value.data = value.data.to(dtype)
        return self

    def to(self, *args, **kwargs):
        dtype = kwargs.get('dtype')
        for a in args:
            if isinstance(a, torch.dtype):
                dtype = a
            elif torch.is_tensor(a):
                dtype = a.dtype
        return self if dtype is None else self._cast(dtype)

    def type(self, dst_type):
        return self._cast(dst_type)

    def float(self):
        return self._cast(torch.float32)

    def double(self):
        return self._cast(torch.float64)

    def half(self):
        return self._cast(torch.float16)

    def bfloat16(self):
        return self._cast(torch.bfloat16)

    def compile(self, *args, **kwargs):
        pass

    def _register_load_state_dict_pre_hook(self, hook, with_module=False):
        pass

    register_load_state_dict_post_hook = register_load_state_dict_pre_hook = \
        _register_load_state_dict_pre_hook
    register_state_dict_pre_hook = _register_state_dict_hook = _register_load_state_dict_pre_hook

    def register_full_backward_hook(self, hook, prepend=False):
        pass

    register_backward_hook = register_full_backward_hook

    def register_forward_hook(self, hook, **kwargs):
        _isomorph.refuse(f'register_forward_hook() of {type(self).__name__}')

    def register_forward_pre_hook(self, hook, **kwargs):
        _isomorph.refuse(f'register_forward_pre_hook() of {type(self).__name__}')
