package dev.isomorph.formats.pickle;

import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.Limits;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * What decides whether two keys of a dict are the same, as in Python: numbers by value whatever
 * their type, text and bytes by content, tuples item by item, everything else by identity.
 */
final class Keys {
  private static final int MOST_PARTS = 1000;

  /** A value that is only equal to itself. */
  private record Same(PickleValue value) {
    @Override
    public boolean equals(Object other) {
      return other instanceof Same s && s.value == value;
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(value);
    }
  }

  private int parts;

  private Keys() {}

  static Object of(PickleValue value) {
    return new Keys().key(value);
  }

  private Object key(PickleValue value) {
    if (++parts > MOST_PARTS) {
      throw Diagnostic.error(ErrorCode.FORMAT_LIMIT, "a key is a tuple of too many parts")
          .expected("at most " + MOST_PARTS, "more")
          .toException();
    }
    return switch (value) {
      case StrValue s -> s.value();
      case PickleValue.Bool b -> BigInteger.valueOf(b.value() ? 1 : 0);
      case PickleValue.Int i -> i.value();
      case PickleValue.Float f -> number(f);
      case PickleValue.Bytes b -> bytes(b.value());
      case TupleValue t -> tuple(t);
      case ListValue _, DictValue _ ->
          throw Diagnostic.error(
                  ErrorCode.FORMAT_INVALID,
                  "%s cannot be a key or a member of a set",
                  value.describe())
              .toException();
      default -> new Same(value);
    };
  }

  private static Object number(PickleValue.Float f) {
    double value = f.value();
    boolean whole = Double.isFinite(value) && value == Math.rint(value);
    return whole ? new BigDecimal(value).toBigInteger() : (Object) value;
  }

  private static Object bytes(MemorySegment bytes) {
    Limits.check("a key of bytes", bytes.byteSize(), 1 << 20);
    return ByteBuffer.wrap(bytes.toArray(ValueLayout.JAVA_BYTE));
  }

  private Object tuple(TupleValue tuple) {
    List<Object> key = new ArrayList<>();
    tuple.items().forEach(item -> key.add(key(item)));
    return key;
  }
}
