package dev.isomorph.formats.pickle;

import dev.isomorph.formats.Text;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;

/**
 * A value in a pickle. The graph of the pickle is kept: a value that the stream refers to twice is
 * one Java object, and lists, dicts and instances may hold themselves. Containers therefore compare
 * by identity, and whoever walks them must keep track of where it has been. Values are made by one
 * thread and may then be read by many.
 */
public sealed interface PickleValue
    permits PickleValue.None,
        PickleValue.Bool,
        PickleValue.Int,
        PickleValue.Float,
        PickleValue.Complex,
        PickleValue.Bytes,
        PickleValue.Slice,
        PickleValue.Range,
        StrValue,
        TupleValue,
        ListValue,
        DictValue,
        SetValue,
        GlobalValue,
        InstanceValue,
        PersistentId,
        ForeignValue {

  /** {@return a few words for messages: {@code the int 5}, {@code a list of 3}} */
  String describe();

  /** Python's {@code None}. */
  enum None implements PickleValue {
    NONE;

    @Override
    public String describe() {
      return "None";
    }
  }

  /** A {@code bool}. */
  record Bool(boolean value) implements PickleValue {
    @Override
    public String describe() {
      return value ? "True" : "False";
    }
  }

  /** An {@code int} of any size. */
  record Int(BigInteger value) implements PickleValue {
    /** {@return an int} */
    public static Int of(long value) {
      return new Int(BigInteger.valueOf(value));
    }

    @Override
    public String describe() {
      return value.bitLength() > 128
          ? "an int of " + value.bitLength() + " bits"
          : "the int " + value;
    }
  }

  /** A {@code float}. */
  record Float(double value) implements PickleValue {
    @Override
    public String describe() {
      return "the float " + value;
    }
  }

  /** A {@code complex}. */
  record Complex(double real, double imaginary) implements PickleValue {
    @Override
    public String describe() {
      return "the complex number " + real + (imaginary < 0 ? "" : "+") + imaginary + "j";
    }
  }

  /**
   * A {@code bytes} or {@code bytearray}.
   *
   * @param value usually a slice of the pickle itself
   * @param mutable whether it is a {@code bytearray}
   */
  record Bytes(MemorySegment value, boolean mutable) implements PickleValue {
    @Override
    public String describe() {
      return value.byteSize() + " bytes";
    }
  }

  /** A {@code slice}; parts that were not given are {@code None}. */
  record Slice(PickleValue start, PickleValue stop, PickleValue step) implements PickleValue {
    @Override
    public String describe() {
      return "a slice";
    }
  }

  /** A {@code range}. */
  record Range(BigInteger start, BigInteger stop, BigInteger step) implements PickleValue {
    @Override
    public String describe() {
      return "range(" + start + ", " + stop + ", " + step + ")";
    }
  }

  /** {@return {@code module.name} in quotes, for messages} */
  static String quoted(String module, String name) {
    return Text.quote(module + "." + name);
  }
}
