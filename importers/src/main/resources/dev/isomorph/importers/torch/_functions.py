"""PyTorch's functions that are Python's own rather than ATen's."""

import torch
from torch import _isomorph


class _Mode:
    def __init__(self, *args, **kwargs):
        self.function = args[0] if args and callable(args[0]) else None

    def __enter__(self):
        return self

    def __exit__(self, *args):
        return False

    def __call__(self, *args, **kwargs):
        if self.function is not None:
            return self.function(*args, **kwargs)
        return args[0]


no_grad = enable_grad = inference_mode = set_grad_enabled = autocast = _Mode


def manual_seed(seed):
    pass


set_default_dtype = set_num_threads = set_printoptions = use_deterministic_algorithms = manual_seed
set_float32_matmul_precision = seed = manual_seed


def get_default_dtype():
    return torch.float32


def is_grad_enabled():
    return False


is_autocast_enabled = is_inference_mode_enabled = is_grad_enabled


def is_floating_point(input):
    return input.is_floating_point()


def is_complex(input):
    return input.is_complex()


def load(*args, **kwargs):
    return _isomorph.checkpoint


def save(*args, **kwargs):
    _isomorph.refuse('torch.save()')


def from_numpy(array):
    return array


def compile(model=None, **kwargs):
    return model if model is not None else (lambda m: m)


def result_type(a, b):
    return (torch.zeros_like(a) + torch.zeros_like(b)).dtype if torch.is_tensor(b) else (a + b).dtype


def _assert(condition, message):
    assert condition, message


class finfo:
    def __init__(self, dtype=None):
        dtype = dtype or torch.float32
        table = {
            torch.float32: (-3.4028234663852886e+38, 3.4028234663852886e+38,
                            1.1920928955078125e-07, 1.1754943508222875e-38, 32),
            torch.float64: (-1.7976931348623157e+308, 1.7976931348623157e+308,
                            2.220446049250313e-16, 2.2250738585072014e-308, 64),
            torch.float16: (-65504.0, 65504.0, 0.0009765625, 6.103515625e-05, 16),
            torch.bfloat16: (-3.3895313892515355e+38, 3.3895313892515355e+38,
                             0.0078125, 1.1754943508222875e-38, 16),
        }
        self.min, self.max, self.eps, self.tiny, self.bits = table[dtype]
        self.smallest_normal = self.tiny
        self.dtype = dtype


class iinfo:
    def __init__(self, dtype):
        table = {torch.uint8: (0, 8), torch.int8: (1, 8), torch.int16: (1, 16),
                 torch.int32: (1, 32), torch.int64: (1, 64)}
        signed, self.bits = table[dtype]
        self.min = -2 ** (self.bits - 1) if signed else 0
        self.max = 2 ** (self.bits - signed) - 1


def einsum(equation, *operands):
    if len(operands) == 1 and isinstance(operands[0], (list, tuple)):
        operands = operands[0]
    return torch._C._nn.einsum(equation, list(operands))


def meshgrid(*tensors, indexing='ij'):
    if len(tensors) == 1 and isinstance(tensors[0], (list, tuple)):
        tensors = tensors[0]
    if indexing == 'xy':
        tensors = [tensors[1], tensors[0]] + list(tensors[2:])
    sizes = [t.numel() for t in tensors]
    grids = []
    for i, t in enumerate(tensors):
        shape = [1] * len(tensors)
        shape[i] = -1
        grids.append(t.reshape(shape).expand(sizes))
    if indexing == 'xy':
        grids = [g.transpose(0, 1) for g in grids]
        grids = [grids[1], grids[0]] + grids[2:]
    return tuple(grids)


def broadcast_shapes(*shapes):
    rank = max([len(s) for s in shapes])
    out = []
    for i in range(rank):
        size = 1
        for s in shapes:
            j = i - rank + len(s)
            if j >= 0 and s[j] != 1:
                size = s[j]
        out.append(size)
    return torch.Size(out)


def broadcast_tensors(*tensors):
    shape = broadcast_shapes(*[t.shape for t in tensors])
    return tuple(t.expand(shape) for t in tensors)


def block_diag(*tensors):
    columns = sum([t.shape[1] for t in tensors])
    rows = []
    before = 0
    for t in tensors:
        n = t.shape[1]
        rows.append(torch.cat([t.new_zeros(t.shape[0], before), t,
                               t.new_zeros(t.shape[0], columns - before - n)], dim=1))
        before += n
    return torch.cat(rows, dim=0)


def atleast_1d(t):
    return t if t.dim() >= 1 else t.reshape(1)


def atleast_2d(t):
    return t if t.dim() >= 2 else t.reshape(1, -1)


class Generator:
    def __init__(self, device=None):
        pass

    def manual_seed(self, seed):
        return self
