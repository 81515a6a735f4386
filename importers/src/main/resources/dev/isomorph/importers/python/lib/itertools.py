def chain(*iterables):
    for iterable in iterables:
        for element in iterable:
            yield element


def _from_iterable(iterables):
    for iterable in iterables:
        for element in iterable:
            yield element


chain.from_iterable = _from_iterable


def count(start=0, step=1):
    while True:
        yield start
        start += step


def cycle(iterable):
    saved = list(iterable)
    while saved:
        for element in saved:
            yield element


def repeat(value, times=None):
    if times is None:
        while True:
            yield value
    for _ in range(times):
        yield value


def islice(iterable, *bounds):
    limits = slice(*bounds)
    start = limits.start or 0
    step = limits.step or 1
    index = 0
    wanted = start
    if limits.stop is not None and limits.stop <= start:
        return
    for element in iterable:
        if index == wanted:
            yield element
            wanted += step
        index += 1
        if limits.stop is not None and index >= limits.stop:
            return


def product(*iterables, repeat=1):
    pools = [tuple(pool) for pool in iterables] * repeat
    result = [()]
    for pool in pools:
        result = [x + (y,) for x in result for y in pool]
    return iter(result)


def permutations(iterable, r=None):
    pool = tuple(iterable)
    r = len(pool) if r is None else r
    return iter([tuple(pool[i] for i in p) for p in product(range(len(pool)), repeat=r)
                 if len(set(p)) == r])


def combinations(iterable, r):
    pool = tuple(iterable)
    return iter([tuple(pool[i] for i in p) for p in product(range(len(pool)), repeat=r)
                 if list(p) == sorted(set(p))])


def combinations_with_replacement(iterable, r):
    pool = tuple(iterable)
    return iter([tuple(pool[i] for i in p) for p in product(range(len(pool)), repeat=r)
                 if list(p) == sorted(p)])


def accumulate(iterable, func=None, *, initial=None):
    total = initial
    first = initial is None
    if not first:
        yield total
    for element in iterable:
        if first:
            total = element
            first = False
        else:
            total = total + element if func is None else func(total, element)
        yield total


def starmap(function, iterable):
    for arguments in iterable:
        yield function(*arguments)


def takewhile(predicate, iterable):
    for element in iterable:
        if not predicate(element):
            return
        yield element


def dropwhile(predicate, iterable):
    dropping = True
    for element in iterable:
        if dropping and predicate(element):
            continue
        dropping = False
        yield element


def filterfalse(predicate, iterable):
    for element in iterable:
        if not (element if predicate is None else predicate(element)):
            yield element


def compress(data, selectors):
    return (d for d, s in zip(data, selectors) if s)


def zip_longest(*iterables, fillvalue=None):
    pools = [list(iterable) for iterable in iterables]
    for i in range(max([len(pool) for pool in pools], default=0)):
        yield tuple(pool[i] if i < len(pool) else fillvalue for pool in pools)


def pairwise(iterable):
    pool = list(iterable)
    return zip(pool, pool[1:])


def groupby(iterable, key=None):
    groups = []
    for element in iterable:
        k = element if key is None else key(element)
        if groups and groups[-1][0] == k:
            groups[-1][1].append(element)
        else:
            groups.append((k, [element]))
    return ((k, iter(members)) for k, members in groups)


def tee(iterable, n=2):
    pool = list(iterable)
    return tuple(iter(pool) for _ in range(n))
