package dev.isomorph.importers.python;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/** Canonical Java keys under which Python's values are equal exactly when Python says so. */
final class HashKeys {
  private record BytesKey(String value) {}

  private record ComplexKey(double real, double imaginary) {}

  /** An instance whose class defines equality. */
  private record InstanceKey(Interpreter in, PyInstance value, PyObject hash) {
    @Override
    public boolean equals(Object other) {
      return other instanceof InstanceKey key
          && hash.equals(key.hash)
          && in.operators().equal(value, key.value);
    }

    @Override
    public int hashCode() {
      return hash.hashCode();
    }
  }

  private HashKeys() {}

  static Object of(Interpreter in, PyObject value) {
    return switch (value) {
      case PyObject.Str s -> s.value();
      case PyObject.Bool b -> b.value() ? BigInteger.ONE : BigInteger.ZERO;
      case PyObject.Int i -> i.value();
      case PyObject.Float f -> ofDouble(f.value());
      case PyObject.Bytes b -> new BytesKey(b.value());
      case PyObject.Complex c ->
          c.imaginary() == 0 ? ofDouble(c.real()) : new ComplexKey(c.real(), c.imaginary());
      case PyTuple t -> {
        List<Object> keys = new ArrayList<>(t.elements().size());
        t.elements().forEach(e -> keys.add(of(in, e)));
        yield keys;
      }
      case PySet s when s.frozen() -> new HashSet<>(s.hashes());
      case PyInstance i -> ofInstance(in, i);
      case HostObject host -> host.hashKey(in);
      case PyList _, PyDict _, PySet _, PyObject.Slice _ ->
          throw in.raise("TypeError", "unhashable type: '%s'", Types.of(in, value).name());
      default -> value;
    };
  }

  private static Object ofDouble(double value) {
    return value == Math.rint(value) && !Double.isInfinite(value)
        ? new BigDecimal(value).toBigInteger()
        : (Object) value;
  }

  private static Object ofInstance(Interpreter in, PyInstance instance) {
    PyObject hash = instance.type().lookup("__hash__");
    if (hash == PyObject.NONE) {
      throw in.raise("TypeError", "unhashable type: '%s'", instance.type().name());
    }
    if (hash != null && !(hash instanceof PyNative)) {
      PyObject value = in.calls().call(new PyObject.Method(instance, hash));
      return new InstanceKey(in, instance, value);
    }
    if (instance.payload() != null) {
      return of(in, instance.payload());
    }
    if (instance.type().lookup("__eq__") instanceof PyFunction) {
      throw in.raise("TypeError", "unhashable type: '%s'", instance.type().name());
    }
    return instance;
  }
}
