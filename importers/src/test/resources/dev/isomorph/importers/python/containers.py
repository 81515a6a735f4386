a = [3, 1, 2]
b = a
a.append(4)
a += [5]
print(a, b is a, sorted(a, reverse=True), a[::2], a[-2:], len(a), a.index(2), 3 in a, [0] * 3)
a[1:3] = [9, 9, 9]
del a[0]
a.insert(1, 'i')
print(a, a.pop(), a.pop(0), a.count(9), list(reversed(a)), a.copy() is a)
a[::2] = ['p', 'q']
print(a)
first, *rest = [1, 2, 3]
(x, y), z = (1, 2), 3
*init, last = 'abc'
print(first, rest, x, y, z, init, last)
d = {'b': 1, 'a': 2}
d['c'] = d.get('x', 0) + d.pop('b')
d.update({'z': 26}, y=25)
print(d, list(d), list(d.items()), 'a' in d, d.setdefault('n', []), {**d, 'a': 0}, {1: 'i', True: 'b', 1.0: 'f'})
print({k: v for k, v in zip('abc', range(3)) if v}, {i % 3 for i in range(10)}, [i * j for i in range(3) for j in range(i)])
print(dict([('k', 1)]), dict(a=1), dict.fromkeys('ab', 0), dict(zip('ab', (1, 2))), len({}), d == dict(d))
s = {1, 2} | {3}
print(s, s & {2, 3}, s - {1}, s ^ {3, 4}, {1} <= s, s.issuperset({1}), frozenset([1]) in {frozenset([1])})
t = 1, 2, 3
print(t + (4,), t[1:], t * 2, t.index(2), (1, 2) == (1, 2), hash((1, 2)) == hash((1, 2)), tuple('ab'))
print(list(enumerate('ab', 1)), list(zip([1, 2], 'ab', (True, False))), list(map(lambda v: v + 1, [1, 2])), list(filter(None, [0, 1])))
print(any(v > 1 for v in [1, 2]), all([]), sum([[1], [2]], []), list(range(10, 0, -3)), range(5)[1:3], 3 in range(5))
print([[]] * 2, [n for n in range(20) if n % 2 if n % 3], list({'a': 1}.values()), sorted({'b': 1, 'a': 2}))
print(sorted(['bb', 'a', 'ccc'], key=len), sorted([(1, 'b'), (0, 'z'), (1, 'a')]), list(dict(sorted({'b': 1, 'a': 0}.items()))))
grid = [[0] * 2 for _ in range(2)]
grid[0][1] += 5
print(grid, [*range(3), *'ab'], (*[1], 2), {*[1, 1]}, [y := 5, y ** 2])
from collections import OrderedDict, namedtuple, defaultdict, Counter, deque
o = OrderedDict([('x', 1), ('y', 2)])
o['z'] = 3
o.move_to_end('x')
print(list(o.items()), o.popitem(), len(o), isinstance(o, dict), o['y'])
Point = namedtuple('Point', 'x y', defaults=[0])
p = Point(1)
print(p, p.x, p[1], p._replace(y=5), p._asdict(), Point(*[3, 4]), isinstance(p, tuple), len(p), Point._fields)
a, b = p
dd = defaultdict(list)
dd['k'].append(1)
print(dict(dd), Counter('abca')['a'], Counter('abca').most_common(1), list(deque([1, 2, 3], maxlen=2)))
from itertools import chain, islice, count, product, accumulate, repeat, zip_longest, groupby
print(list(chain([1], 'a')), list(islice(count(5, 2), 3)), list(product('ab', [1, 2])), list(accumulate([1, 2, 3])), list(repeat(0, 2)))
print(list(zip_longest('ab', [1])), list(chain.from_iterable([[1], [2]])), [(k, list(g)) for k, g in groupby('aab')])
from functools import partial, reduce
print(reduce(lambda p, q: p * q, [1, 2, 3, 4]), partial(int, base=2)('101'), partial(max, 3)(1, 2))
import copy
n = {'l': [1, [2]], 't': (1,)}
m = copy.deepcopy(n)
m['l'][1].append(3)
c = copy.copy(n)
c['l'].append(9)
print(n, m, copy.copy([1]) == [1])
for i, ch in enumerate('xyz'):
    if ch == 'y':
        continue
    if ch == 'z':
        break
else:
    print('never')
print(i, ch)
k = 0
while k < 3:
    k += 1
else:
    print('while else', k)
data = [1, 2, 3]
for v in data:
    if v < 3 and len(data) < 6:
        data.append(v * 10)
print(data)
try:
    {}['missing']
except KeyError as e:
    print('KeyError', e, repr(e), e.args)
try:
    [1][5]
except (ValueError, IndexError) as e:
    print(type(e).__name__, e)
