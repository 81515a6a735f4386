MISSING = object()
KW_ONLY = object()


class FrozenInstanceError(AttributeError):
    pass


class InitVar:
    def __class_getitem__(cls, item):
        return cls


class Field:
    def __init__(self, default, default_factory, init, repr, compare, metadata, kw_only):
        self.name = None
        self.type = None
        self.default = default
        self.default_factory = default_factory
        self.init = init
        self.repr = repr
        self.compare = compare
        self.metadata = metadata
        self.kw_only = kw_only


def field(*, default=MISSING, default_factory=MISSING, init=True, repr=True, hash=None,
          compare=True, metadata=None, kw_only=False):
    return Field(default, default_factory, init, repr, compare, metadata or {}, kw_only)


def _collect(cls, kw_only):
    found = {}
    for base in reversed(cls.__mro__):
        found.update(base.__dict__.get('__dataclass_fields__', {}) if base is not cls else {})
    seen_marker = kw_only
    for name, annotation in cls.__dict__.get('__annotations__', {}).items():
        if annotation == 'ClassVar':
            continue
        if annotation == 'KW_ONLY':
            seen_marker = True
            continue
        default = cls.__dict__.get(name, MISSING)
        if isinstance(default, Field):
            made = default
            if made.default is MISSING:
                if name in cls.__dict__:
                    delattr(cls, name)
            else:
                setattr(cls, name, made.default)
        else:
            if isinstance(default, (list, dict, set)):
                raise ValueError(f'mutable default {type(default)} for field {name} is not '
                                 'allowed: use default_factory')
            made = field(default=default)
        made.name = name
        made.type = annotation
        made.kw_only = made.kw_only or seen_marker
        found[name] = made
    return found


def _process(cls, init, repr_, eq, frozen, kw_only, order):
    members = _collect(cls, kw_only)
    cls.__dataclass_fields__ = members
    cls.__match_args__ = tuple(members)

    def __init__(self, *args, **kwargs):
        positional = [f for f in members.values() if f.init and not f.kw_only]
        if len(args) > len(positional):
            raise TypeError(f'{cls.__name__}.__init__() takes {len(positional) + 1} positional '
                            f'arguments but {len(args) + 1} were given')
        given = dict(zip([f.name for f in positional], args))
        for name, value in kwargs.items():
            if name not in members or not members[name].init:
                raise TypeError(f"{cls.__name__}.__init__() got an unexpected keyword argument "
                                f"'{name}'")
            if name in given:
                raise TypeError(f"{cls.__name__}.__init__() got multiple values for argument "
                                f"'{name}'")
            given[name] = value
        init_only = []
        for name, f in members.items():
            if name in given:
                value = given[name]
            elif f.default is not MISSING:
                value = f.default
            elif f.default_factory is not MISSING:
                value = f.default_factory()
            elif f.init:
                raise TypeError(f"{cls.__name__}.__init__() missing required argument: '{name}'")
            else:
                continue
            if f.type == 'InitVar':
                init_only.append(value)
            else:
                object.__setattr__(self, name, value)
        if hasattr(self, '__post_init__'):
            self.__post_init__(*init_only)

    def __repr__(self):
        return (type(self).__name__ + '('
                + ', '.join(f'{f.name}={getattr(self, f.name)!r}'
                            for f in members.values() if f.repr and f.type != 'InitVar') + ')')

    def values(instance):
        return tuple(getattr(instance, f.name) for f in members.values() if f.compare)

    def __eq__(self, other):
        if type(other) is not type(self):
            return NotImplemented
        return values(self) == values(other)

    def __setattr__(self, name, value):
        raise FrozenInstanceError(f"cannot assign to field '{name}'")

    if init and '__init__' not in cls.__dict__:
        cls.__init__ = __init__
    if repr_ and '__repr__' not in cls.__dict__:
        cls.__repr__ = __repr__
    if eq and '__eq__' not in cls.__dict__:
        cls.__eq__ = __eq__
        if frozen:
            cls.__hash__ = lambda self: hash(values(self))
    if order:
        cls.__lt__ = lambda self, other: values(self) < values(other)
        cls.__le__ = lambda self, other: values(self) <= values(other)
        cls.__gt__ = lambda self, other: values(self) > values(other)
        cls.__ge__ = lambda self, other: values(self) >= values(other)
    if frozen:
        cls.__setattr__ = __setattr__
    return cls


def dataclass(cls=None, *, init=True, repr=True, eq=True, order=False, unsafe_hash=False,
              frozen=False, match_args=True, kw_only=False, slots=False, weakref_slot=False):
    def wrap(c):
        return _process(c, init, repr, eq, frozen, kw_only, order)

    return wrap if cls is None else wrap(cls)


def fields(instance):
    return tuple(f for f in instance.__dataclass_fields__.values() if f.type != 'InitVar')


def is_dataclass(value):
    return hasattr(value, '__dataclass_fields__')


def _plain(value, factory):
    if is_dataclass(value) and not isinstance(value, type):
        return factory([(f.name, _plain(getattr(value, f.name), factory)) for f in fields(value)])
    if isinstance(value, list):
        return [_plain(v, factory) for v in value]
    if isinstance(value, tuple):
        return tuple(_plain(v, factory) for v in value)
    if isinstance(value, dict):
        return {k: _plain(v, factory) for k, v in value.items()}
    return value


def asdict(instance, *, dict_factory=dict):
    return _plain(instance, dict_factory)


def astuple(instance):
    return tuple(_plain(getattr(instance, f.name), dict) for f in fields(instance))


def replace(instance, **changes):
    given = {f.name: getattr(instance, f.name) for f in fields(instance) if f.init}
    given.update(changes)
    return type(instance)(**given)
