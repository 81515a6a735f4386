import collections as _collections


class _Form:
    def __init__(self, name):
        self._name = name

    def __getitem__(self, item):
        return self

    def __call__(self, *args, **kwargs):
        return self

    def __or__(self, other):
        return self

    def __ror__(self, other):
        return self

    def __repr__(self):
        return 'typing.' + self._name

    def __getattr__(self, name):
        if name.startswith('__'):
            raise AttributeError(name)
        return self


Any = _Form('Any')
Optional = _Form('Optional')
Union = _Form('Union')
Callable = _Form('Callable')
ClassVar = _Form('ClassVar')
Final = _Form('Final')
Literal = _Form('Literal')
Annotated = _Form('Annotated')
Concatenate = _Form('Concatenate')
NoReturn = _Form('NoReturn')
Never = _Form('Never')
Self = _Form('Self')
Unpack = _Form('Unpack')
TypeAlias = _Form('TypeAlias')
TypeGuard = _Form('TypeGuard')
Required = _Form('Required')
NotRequired = _Form('NotRequired')
LiteralString = _Form('LiteralString')
ForwardRef = _Form('ForwardRef')
ParamSpec = _Form('ParamSpec')
TypeVar = _Form('TypeVar')
TypeVarTuple = _Form('TypeVarTuple')
AnyStr = _Form('AnyStr')
Type = type
List = list
Tuple = tuple
Dict = dict
Set = set
FrozenSet = frozenset
Text = str
OrderedDict = _collections.OrderedDict
DefaultDict = _collections.defaultdict
Counter = _collections.Counter
Deque = _collections.deque

from collections.abc import (Callable, Collection, Container, Generator, Hashable, Iterable,
                             Iterator, Mapping, MutableMapping, MutableSequence, MutableSet,
                             Reversible, Sequence, Sized)
from collections.abc import Set as AbstractSet

SupportsInt = _Form('SupportsInt')
SupportsFloat = _Form('SupportsFloat')
SupportsIndex = _Form('SupportsIndex')
IO = _Form('IO')
TextIO = _Form('TextIO')
BinaryIO = _Form('BinaryIO')
Pattern = _Form('Pattern')
Awaitable = _Form('Awaitable')
Coroutine = _Form('Coroutine')
AsyncIterator = _Form('AsyncIterator')
AsyncGenerator = _Form('AsyncGenerator')

TYPE_CHECKING = False


class Generic:
    def __class_getitem__(cls, item):
        return cls


class Protocol:
    def __class_getitem__(cls, item):
        return cls


class TypedDict(dict):
    def __init_subclass__(cls, total=True):
        pass


class _NamedTupleMeta(type):
    def __new__(mcs, name, bases, namespace, **kwargs):
        if '__annotations__' not in namespace and name == 'NamedTuple':
            return super().__new__(mcs, name, bases, namespace)
        fields = list(namespace.get('__annotations__', {}))
        defaults = [namespace[f] for f in fields if f in namespace]
        made = _collections.namedtuple(name, fields, defaults=defaults)
        for key, value in namespace.items():
            if key not in fields and key not in ('__new__', '__annotations__', '__qualname__'):
                setattr(made, key, value)
        return made

    def __call__(cls, typename, fields=(), **kwargs):
        return _collections.namedtuple(typename, [f[0] for f in fields] + list(kwargs))


class NamedTuple(metaclass=_NamedTupleMeta):
    pass


def NewType(name, base):
    return base


def cast(type_, value):
    return value


def overload(function):
    return function


def final(value):
    return value


def no_type_check(value):
    return value


def override(function):
    return function


def runtime_checkable(cls):
    return cls


def get_type_hints(value, *args, **kwargs):
    raise NotImplementedError('typing.get_type_hints is outside the subset')


def get_origin(value):
    return None


def get_args(value):
    return ()


def assert_never(value):
    raise AssertionError('expected code to be unreachable')
