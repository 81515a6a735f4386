package dev.isomorph.formats.pickle;

import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes a pickle of protocol 2, opcode by opcode, with those opcodes alone that PyTorch's
 * restricted unpickler and its C++ one read. Methods return this. Not safe for many threads.
 */
public final class PickleWriter {
  private static final int DEEPEST = 256;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final Map<PickleValue, Integer> memo = new IdentityHashMap<>();

  /** Starts a pickle. */
  public PickleWriter() {
    put(Opcode.PROTO).put(2);
  }

  /** Pushes a class or function by its names. */
  public PickleWriter global(String module, String name) {
    return put(Opcode.GLOBAL).line(module).line(name);
  }

  /** Pushes a {@code str}. */
  public PickleWriter string(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    put(Opcode.BINUNICODE).int32(utf8.length);
    out.writeBytes(utf8);
    return this;
  }

  /** Pushes an {@code int} in its shortest form. */
  public PickleWriter integer(long value) {
    if (value >= 0 && value < 1 << 8) {
      return put(Opcode.BININT1).put((int) value);
    }
    if (value >= 0 && value < 1 << 16) {
      return put(Opcode.BININT2).put((int) value).put((int) value >> 8);
    }
    return value == (int) value
        ? put(Opcode.BININT).int32((int) value)
        : integer(BigInteger.valueOf(value), 8);
  }

  private PickleWriter integer(BigInteger value, int atLeast) {
    byte[] bytes = value.toByteArray();
    int length = Math.max(atLeast, bytes.length);
    put(Opcode.LONG1).put(length);
    for (int i = 0; i < length; i++) {
      put(i < bytes.length ? bytes[bytes.length - 1 - i] : value.signum() < 0 ? -1 : 0);
    }
    return this;
  }

  /** Pushes a {@code float}. */
  public PickleWriter real(double value) {
    put(Opcode.BINFLOAT);
    out.writeBytes(ByteBuffer.allocate(8).putDouble(value).array());
    return this;
  }

  /** Pushes a {@code bool}. */
  public PickleWriter bool(boolean value) {
    return put(value ? Opcode.NEWTRUE : Opcode.NEWFALSE);
  }

  /** Pushes {@code None}. */
  public PickleWriter none() {
    return put(Opcode.NONE);
  }

  /** Pushes a mark. */
  public PickleWriter mark() {
    return put(Opcode.MARK);
  }

  /** Makes a tuple of what lies above the mark. */
  public PickleWriter tuple() {
    return put(Opcode.TUPLE);
  }

  /** Pushes an empty tuple. */
  public PickleWriter emptyTuple() {
    return put(Opcode.EMPTY_TUPLE);
  }

  /** Pushes a tuple of ints. */
  public PickleWriter integers(long... values) {
    mark();
    for (long value : values) {
      integer(value);
    }
    return tuple();
  }

  /** Pushes an empty list. */
  public PickleWriter emptyList() {
    return put(Opcode.EMPTY_LIST);
  }

  /** Appends what lies above the mark to the list below it. */
  public PickleWriter appends() {
    return put(Opcode.APPENDS);
  }

  /** Pushes an empty dict. */
  public PickleWriter emptyDict() {
    return put(Opcode.EMPTY_DICT);
  }

  /** Pushes an empty {@code collections.OrderedDict}. */
  public PickleWriter emptyOrderedDict() {
    return global("collections", "OrderedDict").emptyTuple().reduce();
  }

  /** Puts the keys and values above the mark into the dict below it. */
  public PickleWriter setItems() {
    return put(Opcode.SETITEMS);
  }

  /** Calls the callable below the argument tuple. */
  public PickleWriter reduce() {
    return put(Opcode.REDUCE);
  }

  /** Makes an object of the class below the argument tuple. */
  public PickleWriter newObject() {
    return put(Opcode.NEWOBJ);
  }

  /** Gives the object below the state its state. */
  public PickleWriter build() {
    return put(Opcode.BUILD);
  }

  /** Resolves the persistent id on the stack. */
  public PickleWriter persistentId() {
    return put(Opcode.BINPERSID);
  }

  /** {@return the whole pickle} */
  public byte[] finish() {
    put(Opcode.STOP);
    return out.toByteArray();
  }

  /**
   * Pushes plain data: None, bools, numbers, text, tuples, lists, dicts. Lists and dicts that are
   * held in several places stay one object.
   *
   * @throws IsomorphException {@link ErrorCode#UNSUPPORTED_TARGET} for anything else
   */
  public PickleWriter value(PickleValue value) {
    return value(value, 0);
  }

  private PickleWriter value(PickleValue value, int depth) {
    if (depth > DEEPEST) {
      throw Diagnostic.error(ErrorCode.FORMAT_LIMIT, "a value is nested too deeply to be written")
          .toException();
    }
    return switch (value) {
      case PickleValue.None _ -> none();
      case PickleValue.Bool b -> bool(b.value());
      case PickleValue.Int i when i.value().bitLength() < 64 -> integer(i.value().longValue());
      case PickleValue.Int i when i.value().bitLength() < 2000 -> integer(i.value(), 1);
      case PickleValue.Float f -> real(f.value());
      case StrValue s -> string(s.value());
      case TupleValue t -> items(mark(), t.items(), depth).tuple();
      case ListValue l -> {
        if (!recall(l)) {
          memoize(emptyList(), l);
          items(mark(), l.items(), depth).appends();
        }
        yield this;
      }
      case DictValue d -> {
        if (!recall(d)) {
          memoize(d.kind() == DictValue.Kind.DICT ? emptyDict() : emptyOrderedDict(), d);
          mark();
          for (DictValue.Entry e : d.entries()) {
            value(e.key(), depth + 1).value(e.value(), depth + 1);
          }
          setItems();
        }
        yield this;
      }
      default ->
          throw Diagnostic.error(
                  ErrorCode.UNSUPPORTED_TARGET,
                  "%s cannot be written to a pickle",
                  value.describe())
              .toException();
    };
  }

  private PickleWriter items(PickleWriter started, List<PickleValue> items, int depth) {
    items.forEach(item -> started.value(item, depth + 1));
    return started;
  }

  private boolean recall(PickleValue value) {
    Integer index = memo.get(value);
    if (index == null) {
      return false;
    }
    put(Opcode.LONG_BINGET).int32(index);
    return true;
  }

  private void memoize(PickleWriter pushed, PickleValue value) {
    int index = memo.size();
    memo.put(value, index);
    pushed.put(Opcode.LONG_BINPUT).int32(index);
  }

  private PickleWriter put(Opcode opcode) {
    return put(opcode.code());
  }

  private PickleWriter put(int value) {
    out.write(value);
    return this;
  }

  private PickleWriter int32(int value) {
    out.writeBytes(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array());
    return this;
  }

  private PickleWriter line(String text) {
    out.writeBytes(text.getBytes(StandardCharsets.UTF_8));
    return put('\n');
  }
}
