"""einops in terms of reshape, permute, expand and reductions."""

import torch


def _parse(side):
    groups = []
    current = None
    for token in side.replace('(', ' ( ').replace(')', ' ) ').split():
        if token == '(':
            current = []
        elif token == ')':
            groups.append(current)
            current = None
        elif current is not None:
            current.append(token)
        else:
            groups.append([token])
    return groups


def _spread(groups, rank):
    """Replaces an ellipsis by as many axes as the tensor has left."""
    extra = rank - (len(groups) - 1)
    out = []
    for group in groups:
        if group == ['...']:
            out.extend([[f'...{i}'] for i in range(extra)])
        else:
            out.append([g for g in group])
    return out


def _sizes(tensor, groups, given):
    sizes = dict(given)
    for axis, group in enumerate(groups):
        total = tensor.shape[axis]
        unknown = [n for n in group if n not in sizes and n != '1']
        if len(unknown) > 1:
            raise ValueError(f'sizes of {unknown} cannot be inferred')
        known = 1
        for name in group:
            if name in sizes:
                known = known * sizes[name]
        if unknown:
            sizes[unknown[0]] = total // known
    return sizes


def _check(group):
    for name in group:
        if name.isdigit() and name != '1':
            raise ValueError(f'number {name} in a pattern')


def _product(group, sizes):
    total = 1
    for name in group:
        if name != '1':
            total = total * sizes[name]
    return total


def _transform(tensor, pattern, sizes, reduction=None):
    left, _, right = pattern.partition('->')
    source, target = _parse(left), _parse(right)
    if ['...'] in source:
        wide = _spread(source, tensor.dim())
        dots = [g for g in wide if g[0].startswith('...')]
        source = wide
        target = [g for group in target
                  for g in (dots if group == ['...'] else [group])]
        target = [[n for name in group for n in ([d[0] for d in dots] if name == '...' else [name])]
                  for group in target]
    sizes = _sizes(tensor, source, sizes)
    flat = [name for group in source for name in group if name != '1']
    x = tensor.reshape([sizes[name] for name in flat])
    wanted = [name for group in target for name in group if name != '1']
    if reduction is not None:
        gone = [i for i, name in enumerate(flat) if name not in wanted]
        if gone:
            if callable(reduction):
                x = reduction(x, tuple(gone))
            elif reduction == 'max':
                x = torch.amax(x, gone)
            elif reduction == 'min':
                x = torch.amin(x, gone)
            else:
                x = getattr(torch, reduction)(x, gone)
        flat = [name for name in flat if name in wanted]
    new = [name for name in wanted if name not in flat]
    for name in new:
        x = x.unsqueeze(0)
        flat = [name] + flat
    x = x.permute([flat.index(name) for name in wanted])
    if new:
        x = x.expand([sizes[name] for name in wanted])
    return x.reshape([_product(group, sizes) for group in target])


def rearrange(tensor, pattern, **sizes):
    if isinstance(tensor, (list, tuple)):
        tensor = torch.stack(list(tensor))
    return _transform(tensor, pattern, sizes)


def repeat(tensor, pattern, **sizes):
    return _transform(tensor, pattern, sizes)


def reduce(tensor, pattern, reduction, **sizes):
    return _transform(tensor, pattern, sizes, reduction)


def einsum(*operands):
    *tensors, pattern = operands
    names = {}

    def letters(side):
        out = ''
        for token in side.split():
            if token == '...':
                out += token
            else:
                if token not in names:
                    names[token] = 'abcdefghijklmnopqrstuvwxyz'[len(names)]
                out += names[token]
        return out

    left, _, right = pattern.partition('->')
    equation = ','.join([letters(part) for part in left.split(',')]) + '->' + letters(right)
    return torch.einsum(equation, *tensors)


def pack(tensors, pattern):
    raise NotImplementedError('einops.pack')


unpack = pack
