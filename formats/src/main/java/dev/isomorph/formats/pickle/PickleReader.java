package dev.isomorph.formats.pickle;

import dev.isomorph.formats.SegmentReader;
import dev.isomorph.formats.Text;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.diagnostic.Limits;
import dev.isomorph.ir.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * Interprets the opcodes of pickles (protocols 0 to 5, as CPython's {@code pickle.py} defines
 * them). Nothing is looked up, imported or called. Every error names the byte and the opcode. The
 * number of objects, the heap they may take, and every length are bounded; reading is not
 * recursive. Not safe for many threads.
 */
public final class PickleReader {
  private static final int HIGHEST_PROTOCOL = 5;
  private static final int LONG_TEXT = 1 << 16;
  private static final int LONGEST_LINE = 1 << 20;
  private static final int MOST_DIGITS = 4300;
  private static final int OBJECT = 32;
  private static final int CONTAINER = 120;
  private static final int ENTRY = 96;

  private final SegmentReader in;
  private final MemorySegment bytes;
  private final PickleDialect dialect;
  private final Limits limits;
  private final PickleListener listener;
  private PickleStack stack;
  private long at;

  /** Reads pickles from the start of {@code bytes}. */
  public PickleReader(MemorySegment bytes, PickleDialect dialect, Limits limits) {
    this(bytes, dialect, limits, new PickleListener() {});
  }

  /** Reads pickles from the start of {@code bytes}, telling {@code listener} what they would do. */
  public PickleReader(
      MemorySegment bytes, PickleDialect dialect, Limits limits, PickleListener listener) {
    this.bytes = bytes;
    this.in = new SegmentReader(bytes);
    this.dialect = dialect;
    this.limits = limits;
    this.listener = listener;
  }

  /** {@return the byte after the last pickle that was read} */
  public long position() {
    return in.position();
  }

  /** Moves on, past what is not a pickle. */
  public void seek(long position) {
    in.seek(position, "a pickle");
  }

  /**
   * {@return the value of the next pickle}
   *
   * @throws IsomorphException {@link ErrorCode#FORMAT_INVALID}, {@link ErrorCode#FORMAT_TRUNCATED},
   *     {@link ErrorCode#FORMAT_LIMIT} or {@link ErrorCode#UNSAFE_OBJECT}, with byte and opcode
   */
  public PickleValue read() {
    stack = new PickleStack(limits.objects());
    while (true) {
      at = in.position();
      int code = in.u8("a pickle");
      Opcode opcode = Opcode.of(code).orElse(null);
      if (opcode == null) {
        throw Diagnostic.error(ErrorCode.FORMAT_INVALID, "0x%02x is no pickle opcode", code)
            .at(at)
            .toException();
      }
      try {
        if (opcode == Opcode.STOP) {
          return stack.pop();
        }
        step(opcode);
      } catch (IsomorphException e) {
        throw e.map(d -> (d.offset() < 0 ? d.at(at) : d).atNode(opcode.name()));
      }
    }
  }

  private void step(Opcode opcode) {
    switch (opcode) {
      case PROTO -> {
        int protocol = in.u8("the protocol");
        if (protocol > HIGHEST_PROTOCOL) {
          throw Diagnostic.error(
                  ErrorCode.UNSUPPORTED_FEATURE, "pickle protocol %d is not known", protocol)
              .expected("at most " + HIGHEST_PROTOCOL, protocol)
              .toException();
        }
      }
      case FRAME -> {
        long length = in.i64("a frame");
        if (length < 0 || length > in.remaining()) {
          throw Diagnostic.error(ErrorCode.FORMAT_TRUNCATED, "a frame reaches beyond the end")
              .expected("at most " + in.remaining() + " bytes", Long.toUnsignedString(length))
              .toException();
        }
      }
      case MARK -> stack.mark();
      case POP -> stack.discard();
      case POP_MARK -> stack.popMark();
      case DUP -> stack.push(stack.peek());
      case NONE -> stack.push(PickleValue.None.NONE);
      case NEWTRUE -> stack.push(new PickleValue.Bool(true));
      case NEWFALSE -> stack.push(new PickleValue.Bool(false));
      case INT, LONG, BININT, BININT1, BININT2, LONG1, LONG4 -> push(OBJECT * 2, integer(opcode));
      case FLOAT -> push(OBJECT, new PickleValue.Float(parseFloat(line())));
      case BINFLOAT ->
          push(
              OBJECT,
              new PickleValue.Float(Double.longBitsToDouble(Long.reverseBytes(in.i64("a float")))));
      case STRING, BINSTRING, SHORT_BINSTRING, UNICODE, BINUNICODE, SHORT_BINUNICODE, BINUNICODE8 ->
          text(opcode);
      case BINBYTES -> bytes(in.u32("the length of bytes"), false);
      case SHORT_BINBYTES -> bytes(in.u8("the length of bytes"), false);
      case BINBYTES8 -> bytes(in.i64("the length of bytes"), false);
      case BYTEARRAY8 -> bytes(in.i64("the length of bytes"), true);
      case NEXT_BUFFER, READONLY_BUFFER ->
          throw Diagnostic.error(
                  ErrorCode.UNSUPPORTED_FEATURE, "the pickle refers to a buffer outside of itself")
              .toException();
      case EMPTY_TUPLE -> push(CONTAINER, new TupleValue(List.of()));
      case TUPLE -> push(CONTAINER, new TupleValue(stack.popMark()));
      case TUPLE1 -> push(CONTAINER, new TupleValue(stack.pop(1)));
      case TUPLE2 -> push(CONTAINER, new TupleValue(stack.pop(2)));
      case TUPLE3 -> push(CONTAINER, new TupleValue(stack.pop(3)));
      case EMPTY_LIST -> push(CONTAINER, new ListValue(List.of()));
      case LIST -> push(CONTAINER, new ListValue(stack.popMark()));
      case APPEND -> append(stack.pop(1));
      case APPENDS -> append(stack.popMark());
      case EMPTY_DICT -> push(CONTAINER, new DictValue(DictValue.Kind.DICT));
      case DICT -> {
        List<PickleValue> items = stack.popMark();
        push(CONTAINER, new DictValue(DictValue.Kind.DICT));
        setItems(items);
      }
      case SETITEM -> setItems(stack.pop(2));
      case SETITEMS -> setItems(stack.popMark());
      case EMPTY_SET -> push(CONTAINER, new SetValue(false, List.of()));
      case FROZENSET -> {
        List<PickleValue> items = stack.popMark();
        stack.charge((long) ENTRY * items.size());
        push(CONTAINER, new SetValue(true, items));
      }
      case ADDITEMS -> addItems(stack.popMark());
      case PUT -> stack.put(index(line()));
      case BINPUT -> stack.put(in.u8("a memo index"));
      case LONG_BINPUT -> stack.put(in.i32("a memo index"));
      case MEMOIZE -> stack.memoize();
      case GET -> stack.push(stack.get(index(line())));
      case BINGET -> stack.push(stack.get(in.u8("a memo index")));
      case LONG_BINGET -> stack.push(stack.get(in.i32("a memo index")));
      case GLOBAL -> pushGlobal(line(), line());
      case STACK_GLOBAL -> {
        List<PickleValue> names = stack.pop(2);
        pushGlobal(name(names.get(0)), name(names.get(1)));
      }
      case EXT1 -> extension(in.u8("an extension code"));
      case EXT2 -> extension(in.u16("an extension code"));
      case EXT4 -> extension(in.i32("an extension code"));
      case PERSID -> push(OBJECT, dialect.persistent(StrValue.of(line()), at));
      case BINPERSID -> push(OBJECT, dialect.persistent(stack.pop(), at));
      case REDUCE, NEWOBJ -> {
        List<PickleValue> call = stack.pop(2);
        call(opcode, call.get(0), arguments(call.get(0), call.get(1)), Optional.empty());
      }
      case NEWOBJ_EX -> {
        List<PickleValue> call = stack.pop(3);
        if (!(call.get(2) instanceof DictValue keywords)) {
          throw wrong("keyword arguments that are a dict", call.get(2));
        }
        call(opcode, call.get(0), arguments(call.get(0), call.get(1)), Optional.of(keywords));
      }
      case INST -> {
        GlobalValue type = global(line(), line());
        call(opcode, type, new TupleValue(stack.popMark()), Optional.empty());
      }
      case OBJ -> {
        List<PickleValue> parts = stack.popMark();
        if (parts.isEmpty()) {
          throw wrong("a class", null);
        }
        call(
            opcode,
            parts.getFirst(),
            new TupleValue(parts.subList(1, parts.size())),
            Optional.empty());
      }
      case BUILD -> build(stack.pop());
      case STOP -> throw new IllegalStateException("STOP ends the loop");
    }
  }

  private void push(int size, PickleValue value) {
    stack.charge(size);
    stack.push(value);
  }

  private PickleValue integer(Opcode opcode) {
    return switch (opcode) {
      case BININT -> PickleValue.Int.of(in.i32("an int"));
      case BININT1 -> PickleValue.Int.of(in.u8("an int"));
      case BININT2 -> PickleValue.Int.of(in.u16("an int"));
      case LONG1 -> bigInteger(in.u8("an int"));
      case LONG4 -> bigInteger(in.i32("an int"));
      default -> {
        String line = line();
        if (opcode == Opcode.INT && (line.equals("00") || line.equals("01"))) {
          yield new PickleValue.Bool(line.equals("01"));
        }
        String digits = line.endsWith("L") ? line.substring(0, line.length() - 1) : line;
        yield new PickleValue.Int(parseInteger(digits));
      }
    };
  }

  private PickleValue bigInteger(int length) {
    Limits.check("the length of an int", length, MOST_DIGITS);
    byte[] raw = in.copy(length, "an int");
    for (int i = 0; i < raw.length / 2; i++) {
      byte swap = raw[i];
      raw[i] = raw[raw.length - 1 - i];
      raw[raw.length - 1 - i] = swap;
    }
    stack.charge(length);
    return new PickleValue.Int(length == 0 ? BigInteger.ZERO : new BigInteger(raw));
  }

  private BigInteger parseInteger(String digits) {
    Limits.check("the digits of an int", digits.length(), MOST_DIGITS);
    try {
      return new BigInteger(digits.strip());
    } catch (NumberFormatException e) {
      throw invalid("%s is no int", Text.quote(digits));
    }
  }

  private double parseFloat(String line) {
    return switch (line) {
      case "inf" -> Double.POSITIVE_INFINITY;
      case "-inf" -> Double.NEGATIVE_INFINITY;
      case "nan", "-nan" -> Double.NaN;
      default -> {
        try {
          yield Double.parseDouble(line);
        } catch (NumberFormatException e) {
          throw invalid("%s is no float", Text.quote(line));
        }
      }
    };
  }

  private int index(String line) {
    try {
      return Integer.parseUnsignedInt(line.strip());
    } catch (NumberFormatException e) {
      throw invalid("%s is no memo index", Text.quote(line));
    }
  }

  private void text(Opcode opcode) {
    switch (opcode) {
      case STRING -> {
        String line = line();
        byte[] raw =
            PythonText.quoted(line)
                .orElseThrow(() -> invalid("%s is no quoted string", Text.quote(line)));
        oldString(Tensor.allocate(raw.length).copyFrom(MemorySegment.ofArray(raw)));
      }
      case UNICODE -> {
        String line = line();
        String text =
            PythonText.rawUnicode(line)
                .orElseThrow(() -> invalid("%s has a broken escape", Text.quote(line)));
        push(OBJECT + 2 * text.length(), StrValue.of(text));
      }
      case BINSTRING -> oldString(in.slice(in.i32("the length of a string"), "a string"));
      case SHORT_BINSTRING -> oldString(in.slice(in.u8("the length of a string"), "a string"));
      case BINUNICODE -> utf8(in.slice(in.u32("the length of a string"), "a string"));
      case SHORT_BINUNICODE -> utf8(in.slice(in.u8("the length of a string"), "a string"));
      default -> utf8(in.slice(in.i64("the length of a string"), "a string"));
    }
  }

  private void utf8(MemorySegment raw) {
    push(OBJECT, decode(raw).orElseThrow(() -> invalid("a string is not UTF-8 text")));
  }

  /** Python 2's {@code str} is text or bytes; only its content tells. */
  private void oldString(MemorySegment raw) {
    Optional<StrValue> text = decode(raw);
    push(OBJECT, text.isPresent() ? text.get() : new PickleValue.Bytes(raw, false));
  }

  private Optional<StrValue> decode(MemorySegment raw) {
    if (raw.byteSize() > LONG_TEXT) {
      Limits.check("the length of a string", raw.byteSize(), Integer.MAX_VALUE);
      return PythonText.isUtf8(raw) ? Optional.of(StrValue.ofUtf8(raw)) : Optional.empty();
    }
    stack.charge(2 * raw.byteSize());
    return PythonText.utf8(raw.toArray(ValueLayout.JAVA_BYTE)).map(StrValue::of);
  }

  private void bytes(long length, boolean mutable) {
    push(CONTAINER, new PickleValue.Bytes(in.slice(length, "bytes"), mutable));
  }

  private void append(List<PickleValue> items) {
    stack.charge(8L * items.size());
    switch (stack.peek()) {
      case ListValue list -> list.addAll(items);
      case InstanceValue instance -> instance.elements().addAll(items);
      case PickleValue other -> throw wrong("a list", other);
    }
  }

  private void addItems(List<PickleValue> items) {
    stack.charge((long) ENTRY * items.size());
    switch (stack.peek()) {
      case SetValue set -> set.addAll(items);
      case InstanceValue instance -> instance.elements().addAll(items);
      case PickleValue other -> throw wrong("a set", other);
    }
  }

  private void setItems(List<PickleValue> items) {
    stack.charge((long) ENTRY * items.size());
    DictValue dict =
        switch (stack.peek()) {
          case DictValue d -> d;
          case InstanceValue instance -> instance.items();
          case PickleValue other -> throw wrong("a dict", other);
        };
    if (items.size() % 2 != 0) {
      throw invalid("a key has no value");
    }
    for (int i = 0; i < items.size(); i += 2) {
      dict.put(items.get(i), items.get(i + 1));
    }
  }

  private String name(PickleValue value) {
    if (value instanceof StrValue s) {
      return s.value();
    }
    throw wrong("a name", value);
  }

  private GlobalValue global(String module, String name) {
    GlobalValue global = PythonTypes.global(module, name, at);
    stack.charge(OBJECT);
    listener.onGlobal(global);
    return global;
  }

  private void pushGlobal(String module, String name) {
    GlobalValue global = global(module, name);
    push(OBJECT, dialect.constant(global).orElse(global));
  }

  private void extension(int code) {
    push(OBJECT, global("copyreg", "_extension_registry[" + code + "]"));
  }

  private TupleValue arguments(PickleValue callable, PickleValue value) {
    if (value instanceof TupleValue tuple) {
      return tuple;
    }
    // TorchScript's own writer gives an enum's value as it is.
    if (callable instanceof GlobalValue g && g.module().startsWith("__torch__")) {
      return TupleValue.of(value);
    }
    throw wrong("a tuple of arguments", value);
  }

  private void call(
      Opcode opcode, PickleValue callable, TupleValue arguments, Optional<DictValue> keywords) {
    listener.onCall(callable, arguments, opcode, at);
    if (callable instanceof GlobalValue global && global.module().equals("copyreg")) {
      PickleValue type =
          arguments.items().isEmpty() ? PickleValue.None.NONE : arguments.items().getFirst();
      boolean plain = global.name().equals("_reconstructor") && arguments.items().size() == 3;
      if (plain || (global.name().equals("__newobj__") && !arguments.items().isEmpty())) {
        List<PickleValue> rest =
            plain ? List.of() : arguments.items().subList(1, arguments.items().size());
        make(Opcode.NEWOBJ, type, new TupleValue(rest), keywords);
        return;
      }
    }
    make(opcode, callable, arguments, keywords);
  }

  private void make(
      Opcode opcode, PickleValue callable, TupleValue arguments, Optional<DictValue> keywords) {
    Optional<Constructor> known =
        callable instanceof GlobalValue global && keywords.filter(k -> k.size() > 0).isEmpty()
            ? dialect.constructor(global)
            : Optional.empty();
    if (known.isPresent()) {
      String name = ((GlobalValue) callable).qualifiedName();
      push(CONTAINER, known.get().construct(new Call(name, arguments.items(), at)));
    } else {
      push(2 * CONTAINER, new InstanceValue(callable, arguments, keywords, opcode, at));
    }
  }

  private void build(PickleValue state) {
    PickleValue target = stack.peek();
    listener.onBuild(target, state, at);
    switch (target) {
      case InstanceValue instance -> instance.addState(state);
      case DictValue dict -> {
        if (!(state instanceof DictValue attributes)) {
          throw wrong("a dict of attributes", state);
        }
        dict.setAttributes(attributes);
      }
      case ForeignValue foreign -> foreign.setState(state);
      case PickleValue other ->
          throw Diagnostic.error(
                  ErrorCode.UNSAFE_OBJECT, "the pickle wants to change %s", other.describe())
              .expected("an object with a state", other.describe())
              .toException();
    }
  }

  private String line() {
    long from = in.position();
    long end = from;
    long last = Math.min(bytes.byteSize(), from + LONGEST_LINE);
    while (end < last && bytes.get(ValueLayout.JAVA_BYTE, end) != '\n') {
      end++;
    }
    if (end == last) {
      throw Diagnostic.error(
              end < bytes.byteSize() ? ErrorCode.FORMAT_LIMIT : ErrorCode.FORMAT_TRUNCATED,
              "a line has no end")
          .toException();
    }
    byte[] raw = in.copy((int) (end - from), "a line");
    in.u8("a line");
    int length = raw.length > 0 && raw[raw.length - 1] == '\r' ? raw.length - 1 : raw.length;
    stack.charge(2L * length);
    Optional<String> text = PythonText.utf8(java.util.Arrays.copyOf(raw, length));
    return text.orElseGet(() -> new String(raw, 0, length, StandardCharsets.ISO_8859_1));
  }

  private static IsomorphException wrong(String expected, PickleValue actual) {
    return Diagnostic.error(ErrorCode.FORMAT_INVALID, "the opcode needs %s", expected)
        .expected(expected, actual == null ? "nothing" : actual.describe())
        .toException();
  }

  private static IsomorphException invalid(String format, Object... args) {
    return Diagnostic.error(ErrorCode.FORMAT_INVALID, format, args).toException();
  }
}
