package dev.isomorph.formats.pickle;

import dev.isomorph.ir.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The constructors of Python's own types. */
final class PythonTypes {
  /** Python 2's module names, which protocols 0 to 2 write, and what Python 3 calls them. */
  private static final Map<String, String> MODULES =
      Map.of(
          "__builtin__", "builtins",
          "copy_reg", "copyreg",
          "cPickle", "pickle",
          "Queue", "queue",
          "ConfigParser", "configparser",
          "commands", "subprocess",
          "UserDict", "collections",
          "UserList", "collections");

  private static final Map<String, String> NAMES =
      Map.of(
          "builtins.unicode", "str",
          "builtins.long", "int",
          "builtins.xrange", "range",
          "builtins.unichr", "chr",
          "builtins.basestring", "str");

  private PythonTypes() {}

  /** {@return a global in Python 3's spelling} */
  static GlobalValue global(String module, String name, long offset) {
    String newModule = MODULES.getOrDefault(module, module);
    return new GlobalValue(newModule, NAMES.getOrDefault(newModule + "." + name, name), offset);
  }

  static Map<String, Constructor> constructors() {
    Map<String, Constructor> all = new HashMap<>();
    all.put("collections.OrderedDict", call -> dict(DictValue.Kind.ORDERED_DICT, call, 0));
    all.put("collections.Counter", call -> dict(DictValue.Kind.COUNTER, call, 0));
    all.put("collections.defaultdict", call -> dict(DictValue.Kind.DEFAULT_DICT, call, 1));
    all.put("builtins.dict", call -> dict(DictValue.Kind.DICT, call, 0));
    all.put("builtins.set", call -> new SetValue(false, optionalItems(call)));
    all.put("builtins.frozenset", call -> new SetValue(true, optionalItems(call)));
    all.put("builtins.list", call -> new ListValue(optionalItems(call)));
    all.put("builtins.tuple", call -> new TupleValue(optionalItems(call)));
    all.put("builtins.complex", PythonTypes::complex);
    all.put("builtins.slice", PythonTypes::slice);
    all.put("builtins.range", PythonTypes::range);
    all.put("builtins.bytearray", call -> bytes(call, true));
    all.put("builtins.bytes", call -> bytes(call, false));
    all.put("_codecs.encode", PythonTypes::encode);
    return Map.copyOf(all);
  }

  private static PickleValue dict(DictValue.Kind kind, Call call, int at) {
    call.requireSize(0, at + 1);
    DictValue dict = new DictValue(kind);
    if (call.size() > at) {
      PickleValue source = call.value(at);
      if (source instanceof DictValue other) {
        other.entries().forEach(e -> dict.put(e.key(), e.value()));
        return dict;
      }
      List<PickleValue> pairs =
          Call.items(source).orElseThrow(() -> call.wrong(at, "a dict or a list of pairs", source));
      for (PickleValue pair : pairs) {
        List<PickleValue> parts =
            Call.items(pair)
                .filter(p -> p.size() == 2)
                .orElseThrow(() -> call.wrong(at, "a list of pairs", pair));
        dict.put(parts.get(0), parts.get(1));
      }
    }
    return dict;
  }

  private static List<PickleValue> optionalItems(Call call) {
    call.requireSize(0, 1);
    if (call.size() == 0) {
      return List.of();
    }
    PickleValue value = call.value(0);
    return switch (value) {
      case SetValue s -> new ArrayList<>(s.items());
      default -> Call.items(value).orElseThrow(() -> call.wrong(0, "a list, tuple or set", value));
    };
  }

  private static PickleValue complex(Call call) {
    call.requireSize(2, 2);
    return new PickleValue.Complex(call.number(0), call.number(1));
  }

  private static PickleValue slice(Call call) {
    call.requireSize(3, 3);
    return new PickleValue.Slice(call.value(0), call.value(1), call.value(2));
  }

  private static PickleValue range(Call call) {
    call.requireSize(1, 3);
    boolean one = call.size() == 1;
    return new PickleValue.Range(
        one ? BigInteger.ZERO : call.bigInteger(0),
        call.bigInteger(one ? 0 : 1),
        call.size() == 3 ? call.bigInteger(2) : BigInteger.ONE);
  }

  private static PickleValue bytes(Call call, boolean mutable) {
    call.requireSize(0, 2);
    if (call.size() == 0) {
      return new PickleValue.Bytes(Tensor.allocate(0), mutable);
    }
    PickleValue source = call.value(0);
    return switch (source) {
      case PickleValue.Bytes b -> new PickleValue.Bytes(b.value(), mutable);
      case StrValue _ -> {
        call.requireSize(2, 2);
        yield new PickleValue.Bytes(((PickleValue.Bytes) encode(call)).value(), mutable);
      }
      default -> {
        List<PickleValue> items =
            Call.items(source).orElseThrow(() -> call.wrong(0, "bytes", source));
        MemorySegment out = Tensor.allocate(items.size());
        for (int i = 0; i < items.size(); i++) {
          if (!(items.get(i) instanceof PickleValue.Int n)
              || n.value().signum() < 0
              || n.value().bitLength() > 8) {
            throw call.wrong(0, "a list of ints below 256", items.get(i));
          }
          out.set(ValueLayout.JAVA_BYTE, i, n.value().byteValue());
        }
        yield new PickleValue.Bytes(out, mutable);
      }
    };
  }

  /**
   * Protocol 2 has no bytes: {@code bytes} objects are Latin-1 text that is encoded when it is
   * loaded.
   */
  private static PickleValue encode(Call call) {
    call.requireSize(2, 2);
    String encoding =
        call.string(1).toLowerCase(java.util.Locale.ROOT).replace("-", "").replace("_", "");
    if (!encoding.equals("latin1") && !encoding.equals("iso88591")) {
      throw call.wrong(1, "'latin1'", call.value(1));
    }
    StrValue text = call.value(0, StrValue.class, "a str");
    Optional<MemorySegment> utf8 = text.utf8();
    return new PickleValue.Bytes(
        utf8.isPresent() ? latin1(call, utf8.get()) : latin1(call, text.value()), false);
  }

  private static MemorySegment latin1(Call call, String text) {
    MemorySegment out = Tensor.allocate(text.length());
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) > 0xFF) {
        throw call.wrong(0, "text of Latin-1 characters", call.value(0));
      }
      out.set(ValueLayout.JAVA_BYTE, i, (byte) text.charAt(i));
    }
    return out;
  }

  private static MemorySegment latin1(Call call, MemorySegment utf8) {
    long continuations = 0;
    for (long i = 0; i < utf8.byteSize(); i++) {
      continuations += (utf8.get(ValueLayout.JAVA_BYTE, i) & 0xC0) == 0x80 ? 1 : 0;
    }
    MemorySegment out = Tensor.allocate(utf8.byteSize() - continuations);
    long n = 0;
    for (long i = 0; i < utf8.byteSize(); i++) {
      int b = utf8.get(ValueLayout.JAVA_BYTE, i) & 0xFF;
      if (b >= 0xC4) {
        throw call.wrong(0, "text of Latin-1 characters", call.value(0));
      }
      // Two-byte forms C2 and C3 carry U+0080 to U+00FF; the text was checked to be well formed.
      int point = b < 0x80 ? b : (b & 3) << 6 | utf8.get(ValueLayout.JAVA_BYTE, ++i) & 0x3F;
      out.set(ValueLayout.JAVA_BYTE, n++, (byte) point);
    }
    return out;
  }
}
