class Base:
    count = 0
    registry = {}

    def __init__(self, name, *args, scale=1.0, **kwargs):
        self.name = name
        self.args = args
        self.scale = scale
        self.extra = kwargs
        Base.count += 1
        type(self).registry[name] = self

    def __call__(self, *args, **kwargs):
        return self.forward(*args, **kwargs)

    def __repr__(self):
        return f'{self.__class__.__name__}({self.name!r})'

    @property
    def double(self):
        return self.scale * 2

    @double.setter
    def double(self, value):
        self.scale = value / 2

    @staticmethod
    def helper(x):
        return x + 1

    @classmethod
    def make(cls, *args):
        return cls(*args)

    def __eq__(self, other):
        return isinstance(other, Base) and self.name == other.name

    def __hash__(self):
        return hash(self.name)

    def __len__(self):
        return len(self.args)

    def __getitem__(self, i):
        return self.args[i]

    def __add__(self, other):
        return ('add', self.name, other)

    def __radd__(self, other):
        return ('radd', other, self.name)

    def __lt__(self, other):
        return self.name < other.name

    def __contains__(self, x):
        return x in self.args


class Left(Base):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.left = True

    def forward(self, x, k=2):
        return ('left', x, k)

    def who(self):
        return ['Left'] + super().who()


class Mixin:
    def who(self):
        return ['Mixin']


class Both(Left, Mixin):
    count = 10

    def who(self):
        return ['Both'] + super(Both, self).who()


b = Both('b', 1, 2, 3, scale=4, flag=True)
print(b, b(5), b(5, k=7), b.double, Base.count, Both.count, b.who(), [c.__name__ for c in Both.__mro__])
b.double = 10
print(b.scale, Both.helper(1), b.helper(2), Left.make('l', 9), len(b), b[1], list(b), 2 in b, bool(b), b + 1, 1 + b)
print(isinstance(b, Mixin), issubclass(Both, Base), isinstance(b, (int, Base)), hasattr(b, 'nope'), getattr(b, 'nope', 'dflt'), b.extra)
print(b == Both('b'), b != Left('c'), {b: 1}[Left('b')], sorted([Left('z'), Left('y')]), type(b) is Both, b.__dict__['left'], callable(b))
setattr(b, 'dynamic', 5)
del b.left
print(b.dynamic, 'left' in b.__dict__, vars(b)['name'], Base.registry['b'] is b)


def outer(n):
    total = 0

    def inner(k):
        nonlocal total
        total += k * n
        return total

    return inner


f = outer(3)
f(1)
print(f(2), [g() for g in [lambda i=i: i for i in range(3)]], [g() for g in [lambda: i for i in range(3)]])


def params(a, b=2, /, c=3, *rest, d, e=5, **kw):
    return a, b, c, rest, d, e, kw


print(params(1, d=4), params(1, 2, 3, 4, 5, d=6, z=7), params(*[1, 2], **{'d': 3, 'c': 9}))


def default(x, acc=[]):
    acc.append(x)
    return acc


default(1)
print(default(2))


def deco(times):
    def wrap(fn):
        def run(*a):
            return [fn(*a) for _ in range(times)]
        return run
    return wrap


@deco(2)
def hello(x):
    return x


print(hello('hi'))


def gen(n):
    try:
        for i in range(n):
            got = yield i
            print('resumed after', i, got)
    finally:
        print('closed')


for v in gen(2):
    print('got', v)
print(list(x * x for x in range(4)), sum(x for x in gen(1)))


def walk(tree):
    for node in tree:
        if isinstance(node, list):
            yield from walk(node)
        else:
            yield node


print(list(walk([1, [2, [3]], 4])), next(iter([7])), next(iter([]), 'end'))
it = iter([1, 2, 3])
print(next(it), list(it), list(zip(*[iter(range(6))] * 2)))


class Manager:
    def __enter__(self):
        print('enter')
        return self

    def __exit__(self, kind, value, trace):
        print('exit', kind.__name__ if kind else None)
        return kind is ValueError


with Manager() as m1, Manager():
    print('inside')
with Manager():
    raise ValueError('x')
print('after')


class MyError(RuntimeError):
    def __init__(self, code):
        super().__init__(f'code {code}')
        self.code = code


def risky(v):
    try:
        if v == 0:
            raise MyError(42)
        if v == 1:
            return 'returned'
        return 1 / (v - 2)
    except MyError as e:
        return ('caught', e.code, str(e))
    except ZeroDivisionError:
        return 'zero'
    else:
        return 'else'
    finally:
        print('finally', v)


print(risky(0), risky(1), risky(2), risky(4))
try:
    try:
        raise KeyError('inner')
    except KeyError:
        raise
except LookupError as e:
    print('re-raised', type(e).__name__)
try:
    params()
except TypeError as e:
    print('TypeError')
try:
    assert 1 == 2, 'not equal'
except AssertionError as e:
    print(e)

from dataclasses import dataclass, field
from typing import NamedTuple, Optional, List, ClassVar
from enum import Enum, IntEnum, auto


@dataclass
class Config:
    width: int
    depth: int = 2
    names: List[str] = field(default_factory=list)
    kind: ClassVar[str] = 'k'

    def __post_init__(self):
        self.total = self.width * self.depth


@dataclass
class Sub(Config):
    extra: Optional[int] = None

    def __post_init__(self):
        pass


print(Config(3), Config(1, depth=5).total, Config(1) == Config(1), Config(1).names is Config(1).names, Sub(1, extra=2), Config.kind)


class Size(NamedTuple):
    h: int
    w: int = 4

    def area(self):
        return self.h * self.w


print(Size(2), Size(2).area(), Size(h=1, w=1)[0], Size._fields)


class Color(Enum):
    RED = 'red'
    BLUE = 'blue'


class Level(IntEnum):
    LOW = auto()
    HIGH = auto()


print(Color.RED, Color('blue').name, Color['RED'].value, [c.value for c in Color], Color.RED is Color.RED, Level.HIGH > Level.LOW, Level.HIGH + 1, Color.RED in {Color.RED: 1})


class Registry(type):
    classes = []

    def __new__(mcs, name, bases, ns):
        made = super().__new__(mcs, name, bases, ns)
        Registry.classes.append(name)
        return made


class Plugin(metaclass=Registry):
    pass


class Plug2(Plugin):
    def __init_subclass__(cls, **kw):
        super().__init_subclass__(**kw)
        print('subclass', cls.__name__)


class Plug3(Plug2):
    pass


print(Registry.classes)


class Attr(dict):
    def __getattr__(self, k):
        try:
            return self[k]
        except KeyError:
            raise AttributeError(k)

    def __setattr__(self, k, v):
        self[k] = v


at = Attr(lr=0.1, sub=Attr(x=1))
at.new = 5
print(at.lr, at.sub.x, at['new'], hasattr(at, 'zzz'), at, isinstance(at, dict), len(at), {**at})


class Stack(list):
    def push(self, x):
        self.append(x)
        return self


st = Stack([1]).push(2)
print(st, len(st), st[-1], isinstance(st, list), st + [3])
print((lambda *a, **k: (a, k))(1, b=2), (lambda x, y=1: x + y)(2))
x = 10


def shadow():
    global x
    x = 20
    return x


shadow()
print(x)
result = []
for n in range(2, 20):
    for q in range(2, n):
        if n % q == 0:
            break
    else:
        result.append(n)
print(result)
try:
    undefined_name
except NameError as e:
    print(e)
try:
    'a' + 1
except TypeError:
    print('type error')
if __name__ == '__main__':
    pass
