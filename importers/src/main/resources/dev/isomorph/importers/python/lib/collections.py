class OrderedDict(dict):
    def __repr__(self):
        return 'OrderedDict(' + repr(list(self.items())) + ')' if self else 'OrderedDict()'


class defaultdict(dict):
    def __init__(self, default_factory=None, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.default_factory = default_factory

    def __missing__(self, key):
        if self.default_factory is None:
            raise KeyError(key)
        value = self.default_factory()
        self[key] = value
        return value


class Counter(dict):
    def __init__(self, iterable=None, **kwargs):
        super().__init__()
        self.update(iterable, **kwargs)

    def __missing__(self, key):
        return 0

    def update(self, iterable=None, **kwargs):
        if isinstance(iterable, dict):
            for key, count in iterable.items():
                self[key] = self[key] + count
        elif iterable is not None:
            for key in iterable:
                self[key] = self[key] + 1
        for key, count in kwargs.items():
            self[key] = self[key] + count

    def most_common(self, n=None):
        ranked = sorted(self.items(), key=lambda pair: pair[1], reverse=True)
        return ranked if n is None else ranked[:n]


class deque(list):
    def __init__(self, iterable=(), maxlen=None):
        super().__init__(iterable)
        self.maxlen = maxlen
        self._trim()

    def _trim(self):
        if self.maxlen is not None:
            while len(self) > self.maxlen:
                del self[0]

    def append(self, value):
        super().append(value)
        self._trim()

    def appendleft(self, value):
        self.insert(0, value)
        if self.maxlen is not None and len(self) > self.maxlen:
            self.pop()

    def popleft(self):
        return self.pop(0)

    def extendleft(self, iterable):
        for value in iterable:
            self.appendleft(value)


class UserDict(dict):
    pass


class UserList(list):
    pass


class ChainMap(dict):
    def __init__(self, *maps):
        super().__init__()
        for mapping in reversed(maps):
            self.update(mapping)


def _getter(index):
    return property(lambda self: self[index])


def namedtuple(typename, field_names, *, rename=False, defaults=None, module=None):
    if isinstance(field_names, str):
        field_names = field_names.replace(',', ' ').split()
    names = tuple(field_names)
    fallback = {}
    if defaults is not None:
        defaults = tuple(defaults)
        fallback = dict(zip(names[len(names) - len(defaults):], defaults))

    def __new__(cls, *args, **kwargs):
        if len(args) > len(names):
            raise TypeError(f'{typename}() takes {len(names)} positional arguments '
                            f'but {len(args)} were given')
        values = list(args)
        for name in names[len(args):]:
            if name in kwargs:
                values.append(kwargs.pop(name))
            elif name in fallback:
                values.append(fallback[name])
            else:
                raise TypeError(f"{typename}() missing required argument: '{name}'")
        if kwargs:
            raise TypeError(f"{typename}() got an unexpected keyword argument '{list(kwargs)[0]}'")
        return tuple.__new__(cls, values)

    def _asdict(self):
        return dict(zip(names, self))

    def _replace(self, **kwargs):
        return type(self)(**{**self._asdict(), **kwargs})

    def __repr__(self):
        return (type(self).__name__ + '('
                + ', '.join(f'{n}={v!r}' for n, v in zip(names, self)) + ')')

    namespace = {
        '__new__': staticmethod(__new__),
        '__repr__': __repr__,
        '_asdict': _asdict,
        '_replace': _replace,
        '_fields': names,
        '_field_defaults': fallback,
        '_make': classmethod(lambda cls, values: cls(*values)),
        '__slots__': (),
        '__module__': module or '__main__',
    }
    for index, name in enumerate(names):
        namespace[name] = _getter(index)
    return type(typename, (tuple,), namespace)
