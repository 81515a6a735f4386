package dev.isomorph.importers.python;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Operators, conditions and iteration over any value. */
public final class Operators {
  private static final Map<String, String> SPECIAL =
      Map.ofEntries(
          Map.entry("+", "add"),
          Map.entry("-", "sub"),
          Map.entry("*", "mul"),
          Map.entry("/", "truediv"),
          Map.entry("//", "floordiv"),
          Map.entry("%", "mod"),
          Map.entry("**", "pow"),
          Map.entry("@", "matmul"),
          Map.entry("<<", "lshift"),
          Map.entry(">>", "rshift"),
          Map.entry("&", "and"),
          Map.entry("|", "or"),
          Map.entry("^", "xor"));

  /** A key and its value. */
  record Pair(PyObject key, PyObject value) {}

  private final Interpreter in;
  private final Arithmetic arithmetic;
  private final Comparisons comparisons;
  private final Subscripts subscripts;

  Operators(Interpreter in) {
    this.in = in;
    this.arithmetic = new Arithmetic(in);
    this.comparisons = new Comparisons(in);
    this.subscripts = new Subscripts(in);
  }

  /** {@return {@code left operator right}, or {@code TypeError}} */
  public PyObject binary(String operator, PyObject left, PyObject right) {
    PyObject result = null;
    if (left instanceof HostObject h) {
      result = h.binary(in, operator, right, false);
    }
    if (result == null && right instanceof HostObject h && !(left instanceof PyInstance)) {
      result = h.binary(in, operator, left, true);
    }
    if (result == null) {
      result = special(operator, left, right);
    }
    if (result == null && right instanceof HostObject h) {
      result = h.binary(in, operator, left, true);
    }
    if (result == null) {
      result = arithmetic.binary(operator, Values.plain(left), Values.plain(right));
    }
    if (result == null) {
      throw in.raise(
          "TypeError",
          "unsupported operand type(s) for %s: '%s' and '%s'",
          operator,
          Types.of(in, left).name(),
          Types.of(in, right).name());
    }
    return result;
  }

  private PyObject special(String operator, PyObject left, PyObject right) {
    String name = SPECIAL.get(operator);
    PyObject result = in.calls().callSpecial(left, "__" + name + "__", right);
    if (result == null || result == PyObject.NOT_IMPLEMENTED) {
      result = in.calls().callSpecial(right, "__r" + name + "__", left);
    }
    return result == PyObject.NOT_IMPLEMENTED ? null : result;
  }

  /** {@return what {@code left operator= right} leaves in {@code left}} */
  public PyObject inPlace(String operator, PyObject left, PyObject right) {
    PyObject result = null;
    if (left instanceof HostObject h) {
      result = h.inPlace(in, operator, right);
    } else if (left instanceof PyInstance) {
      result = in.calls().callSpecial(left, "__i" + SPECIAL.get(operator) + "__", right);
    }
    if (result != null && result != PyObject.NOT_IMPLEMENTED) {
      return result;
    }
    if (Values.plain(left) instanceof PyList list && operator.equals("+")) {
      List<PyObject> more = list(right);
      in.checkSize((long) list.elements().size() + more.size());
      list.elements().addAll(more);
      return left;
    }
    if (left instanceof PySet set && right instanceof PySet other && !set.frozen()) {
      return SetMethods.inPlace(in, operator, set, other);
    }
    if (left instanceof PyDict dict && right instanceof PyDict other && operator.equals("|")) {
      dict.putAll(other);
      return dict;
    }
    return binary(operator, left, right);
  }

  /** {@return {@code operator operand}} */
  public PyObject unary(String operator, PyObject operand) {
    if (operator.equals("not")) {
      return PyObject.of(!truth(operand));
    }
    PyObject result = operand instanceof HostObject h ? h.unary(in, operator) : null;
    if (result == null) {
      String name =
          operator.equals("-") ? "__neg__" : operator.equals("+") ? "__pos__" : "__invert__";
      result = in.calls().callSpecial(operand, name);
    }
    if (result == null) {
      result = arithmetic.unary(operator, Values.plain(operand));
    }
    if (result == null) {
      throw in.raise(
          "TypeError",
          "bad operand type for unary %s: '%s'",
          operator,
          Types.of(in, operand).name());
    }
    return result;
  }

  /** {@return {@code left operator right} for a comparison, identity and membership included} */
  public PyObject compare(String operator, PyObject left, PyObject right) {
    return switch (operator) {
      case "is" -> PyObject.of(identical(left, right));
      case "is not" -> PyObject.of(!identical(left, right));
      case "in" -> PyObject.of(contains(right, left));
      case "not in" -> PyObject.of(!contains(right, left));
      default -> comparisons.compare(operator, left, right);
    };
  }

  static boolean identical(PyObject left, PyObject right) {
    return switch (left) {
      case PyTuple t -> t == right || t.elements().isEmpty() && t.equals(right);
      case PyObject.Float f -> f == right;
      case PyObject.Complex c -> c == right;
      default -> left.equals(right);
    };
  }

  /** {@return whether Python's {@code ==} holds} */
  public boolean equal(PyObject left, PyObject right) {
    return left == right && !(left instanceof PyObject.Float)
        || truth(comparisons.compare("==", left, right));
  }

  boolean less(PyObject left, PyObject right) {
    return truth(comparisons.compare("<", left, right));
  }

  /** {@return whether {@code container} holds {@code element}} */
  public boolean contains(PyObject container, PyObject element) {
    PyObject special = in.calls().callSpecial(container, "__contains__", element);
    if (special != null) {
      return truth(special);
    }
    switch (Values.plain(container)) {
      case PyDict d -> {
        return d.get(in, element) != null;
      }
      case PySet s -> {
        return s.contains(in, element);
      }
      case PyObject.Str s -> {
        return s.value().contains(Values.string(in, element));
      }
      default -> {
        for (Iterator<PyObject> all = iterate(container); all.hasNext(); ) {
          PyObject candidate = all.next();
          if (identical(candidate, element) || equal(candidate, element)) {
            return true;
          }
        }
        return false;
      }
    }
  }

  /** {@return whether a value counts as true} */
  public boolean truth(PyObject value) {
    return switch (value) {
      case PyObject.None _ -> false;
      case PyObject.Bool b -> b.value();
      case PyObject.Int i -> i.value().signum() != 0;
      case PyObject.Float f -> f.value() != 0;
      case PyObject.Complex c -> c.real() != 0 || c.imaginary() != 0;
      case PyObject.Str s -> !s.value().isEmpty();
      case PyObject.Bytes b -> !b.value().isEmpty();
      case PyTuple t -> !t.elements().isEmpty();
      case PyList l -> !l.elements().isEmpty();
      case PyDict d -> d.size() > 0;
      case PySet s -> s.size() > 0;
      case PyObject.Range r -> r.length().signum() > 0;
      case HostObject h -> h.truth(in);
      case PyInstance i -> {
        PyObject result = in.calls().callSpecial(i, "__bool__");
        if (result == null) {
          result = in.calls().callSpecial(i, "__len__");
        }
        yield result != null ? truth(result) : i.payload() == null || truth(i.payload());
      }
      default -> true;
    };
  }

  /** {@return the elements, or {@code TypeError}} */
  public Iterator<PyObject> iterate(PyObject value) {
    Iterator<PyObject> found =
        switch (value) {
          case PyList l -> new LiveIterator(l.elements());
          case PyTuple t -> t.elements().iterator();
          case PyDict d -> d.keys().iterator();
          case PySet s -> s.elements().iterator();
          case PyIterator i -> i.source();
          case PyObject.Str s ->
              s.value()
                  .codePoints()
                  .mapToObj(c -> (PyObject) PyObject.of(Character.toString(c)))
                  .iterator();
          case PyObject.Bytes b ->
              b.value().chars().mapToObj(c -> (PyObject) PyObject.of(c)).iterator();
          case PyObject.Range r -> new RangeIterator(r);
          case HostObject h -> h.iterate(in);
          case PyInstance i -> ofInstance(i);
          case PyClass c -> {
            PyObject special = in.calls().callSpecial(c, "__iter__");
            yield special == null ? null : iterate(special);
          }
          default -> null;
        };
    if (found == null) {
      throw in.raise("TypeError", "'%s' object is not iterable", Types.of(in, value).name());
    }
    return found;
  }

  private Iterator<PyObject> ofInstance(PyInstance i) {
    if (i.type().lookup("__next__") != null) {
      return new InstanceIterator(in, i);
    }
    PyObject special = in.calls().callSpecial(i, "__iter__");
    if (special != null) {
      return iterate(special);
    }
    if (i.payload() != null) {
      return iterate(i.payload());
    }
    return i.type().lookup("__getitem__") == null ? null : new IndexIterator(in, i);
  }

  /** Counts a step for each element. */
  void forEach(PyObject iterable, Consumer<PyObject> action) {
    Iterator<PyObject> all = iterate(iterable);
    while (all.hasNext()) {
      in.count(1);
      action.accept(all.next());
    }
  }

  /** {@return a new list of the elements of any iterable} */
  public List<PyObject> list(PyObject iterable) {
    if (iterable instanceof PyObject.Range r) {
      in.checkSize(r.length().bitLength() > 62 ? -1 : r.length().longValue());
    }
    List<PyObject> all = new ArrayList<>();
    forEach(
        iterable,
        v -> {
          in.checkSize(all.size());
          all.add(v);
        });
    return all;
  }

  /** {@return the entries of a mapping} */
  List<Pair> mappingItems(PyObject mapping) {
    List<Pair> pairs = new ArrayList<>();
    PyObject plain = Values.plain(mapping);
    if (plain instanceof PyDict dict) {
      for (PyObject key : dict.keys()) {
        pairs.add(new Pair(key, dict.get(in, key)));
      }
      return pairs;
    }
    PyObject keys = in.attributes().find(mapping, "keys");
    if (keys == null) {
      throw in.raise("TypeError", "'%s' object is not a mapping", Types.of(in, mapping).name());
    }
    forEach(in.calls().call(keys), k -> pairs.add(new Pair(k, getItem(mapping, k))));
    return pairs;
  }

  /** {@return the length, or {@code TypeError}} */
  public long length(PyObject value) {
    PyObject special = in.calls().callSpecial(value, "__len__");
    if (special != null) {
      return Values.longValue(in, special);
    }
    return switch (Values.plain(value)) {
      case PyList l -> l.elements().size();
      case PyTuple t -> t.elements().size();
      case PyDict d -> d.size();
      case PySet s -> s.size();
      case PyObject.Str s -> s.value().codePointCount(0, s.value().length());
      case PyObject.Bytes b -> b.value().length();
      case PyObject.Range r -> Values.longValue(in, new PyObject.Int(r.length()));
      case HostObject h when h.length(in) >= 0 -> h.length(in);
      default ->
          throw in.raise(
              "TypeError", "object of type '%s' has no len()", Types.of(in, value).name());
    };
  }

  public PyObject getItem(PyObject value, PyObject index) {
    return subscripts.get(value, index);
  }

  public void setItem(PyObject value, PyObject index, PyObject element) {
    subscripts.set(value, index, element);
  }

  void deleteItem(PyObject value, PyObject index) {
    subscripts.delete(value, index);
  }

  /** Sees elements that are appended while it runs, as Python's list iterator does. */
  private static final class LiveIterator implements Iterator<PyObject> {
    private final List<PyObject> elements;
    private int index;

    LiveIterator(List<PyObject> elements) {
      this.elements = elements;
    }

    @Override
    public boolean hasNext() {
      return index < elements.size();
    }

    @Override
    public PyObject next() {
      return elements.get(index++);
    }
  }

  private static final class RangeIterator implements Iterator<PyObject> {
    private final PyObject.Range range;
    private final java.math.BigInteger length;
    private long index;

    RangeIterator(PyObject.Range range) {
      this.range = range;
      this.length = range.length();
    }

    @Override
    public boolean hasNext() {
      return java.math.BigInteger.valueOf(index).compareTo(length) < 0;
    }

    @Override
    public PyObject next() {
      return range.at(index++);
    }
  }

  /** Calls {@code __next__} until it raises {@code StopIteration}. */
  private static final class InstanceIterator implements Iterator<PyObject> {
    private final Interpreter in;
    private final PyInstance instance;
    private PyObject ahead;
    private boolean ended;

    InstanceIterator(Interpreter in, PyInstance instance) {
      this.in = in;
      this.instance = instance;
    }

    @Override
    public boolean hasNext() {
      if (ahead == null && !ended) {
        int depth = in.depth();
        try {
          ahead = in.calls().callSpecial(instance, "__next__");
        } catch (PyRaise raised) {
          if (!raised.exception().type().isSubclassOf(Types.exception("StopIteration"))) {
            throw raised;
          }
          in.unwind(depth);
          ended = true;
        }
      }
      return ahead != null;
    }

    @Override
    public PyObject next() {
      if (!hasNext()) {
        throw new java.util.NoSuchElementException();
      }
      PyObject value = ahead;
      ahead = null;
      return value;
    }
  }

  /** Indexes from 0 until {@code IndexError}: Python's old sequence protocol. */
  private static final class IndexIterator implements Iterator<PyObject> {
    private final Interpreter in;
    private final PyInstance instance;
    private long index;
    private PyObject ahead;

    IndexIterator(Interpreter in, PyInstance instance) {
      this.in = in;
      this.instance = instance;
    }

    @Override
    public boolean hasNext() {
      if (ahead == null) {
        int depth = in.depth();
        try {
          ahead = in.operators().getItem(instance, PyObject.of(index));
        } catch (PyRaise raised) {
          if (!raised.exception().type().isSubclassOf(Types.exception("IndexError"))) {
            throw raised;
          }
          in.unwind(depth);
        }
      }
      return ahead != null;
    }

    @Override
    public PyObject next() {
      if (!hasNext()) {
        throw new java.util.NoSuchElementException();
      }
      PyObject value = ahead;
      ahead = null;
      index++;
      return value;
    }
  }
}
