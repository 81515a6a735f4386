package dev.isomorph.formats.pickle;

import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import java.math.BigInteger;
import java.util.List;

/**
 * A call of a constructor of the closed list, with access to its arguments that names what does not
 * fit.
 *
 * @param name what is called
 * @param arguments the positional arguments
 * @param offset where
 */
public record Call(String name, List<PickleValue> arguments, long offset) {

  /** {@return the number of arguments} */
  public int size() {
    return arguments.size();
  }

  /**
   * Checks the number of arguments.
   *
   * @throws IsomorphException {@link ErrorCode#FORMAT_INVALID}
   */
  public void requireSize(int least, int most) {
    if (size() < least || size() > most) {
      throw fault(
          "has the wrong number of arguments",
          least == most ? "" + least : least + " to " + most,
          "" + size());
    }
  }

  /** {@return argument {@code i}} */
  public PickleValue value(int i) {
    if (i >= size()) {
      throw fault("has too few arguments", "at least " + (i + 1), "" + size());
    }
    return arguments.get(i);
  }

  /** {@return argument {@code i}, which must be of a type} */
  public <T extends PickleValue> T value(int i, Class<T> type, String what) {
    PickleValue value = value(i);
    if (type.isInstance(value)) {
      return type.cast(value);
    }
    throw wrong(i, what, value);
  }

  /** {@return a text argument} */
  public String string(int i) {
    return value(i, StrValue.class, "a str").value();
  }

  /** {@return a bool argument; 0 and 1 are taken as well} */
  public boolean bool(int i) {
    return switch (value(i)) {
      case PickleValue.Bool b -> b.value();
      case PickleValue.Int n -> n.value().signum() != 0;
      case PickleValue v -> throw wrong(i, "a bool", v);
    };
  }

  /** {@return an int argument that fits 64 bits} */
  public long integer(int i) {
    return integer(value(i), i);
  }

  /** {@return an argument that is a tuple or list of ints} */
  public long[] integers(int i) {
    PickleValue value = value(i);
    List<PickleValue> items = items(value).orElseThrow(() -> wrong(i, "a tuple of ints", value));
    return items.stream().mapToLong(item -> integer(item, i)).toArray();
  }

  /** {@return the items of a tuple or list} */
  public static java.util.Optional<List<PickleValue>> items(PickleValue value) {
    return switch (value) {
      case TupleValue t -> java.util.Optional.of(t.items());
      case ListValue l -> java.util.Optional.of(l.items());
      default -> java.util.Optional.empty();
    };
  }

  private long integer(PickleValue value, int i) {
    return switch (value) {
      case PickleValue.Int n when n.value().bitLength() < 64 -> n.value().longValue();
      case PickleValue.Bool b -> b.value() ? 1 : 0;
      default -> throw wrong(i, "an int of at most 64 bits", value);
    };
  }

  /** {@return an int argument of any size} */
  public BigInteger bigInteger(int i) {
    return value(i, PickleValue.Int.class, "an int").value();
  }

  /** {@return a float argument; ints are taken as well} */
  public double number(int i) {
    return switch (value(i)) {
      case PickleValue.Float f -> f.value();
      case PickleValue.Int n -> n.value().doubleValue();
      case PickleValue v -> throw wrong(i, "a float", v);
    };
  }

  /** {@return the error for an argument that does not fit} */
  public IsomorphException wrong(int i, String expected, PickleValue actual) {
    return fault("has an argument " + i + " that does not fit", expected, actual.describe());
  }

  private IsomorphException fault(String what, String expected, String actual) {
    return Diagnostic.error(ErrorCode.FORMAT_INVALID, "the call of %s %s", name, what)
        .at(offset)
        .expected(expected, actual)
        .toException();
  }
}
