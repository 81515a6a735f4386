package dev.isomorph.formats.pickle;

import static dev.isomorph.formats.Fixtures.assertFails;
import static dev.isomorph.formats.Fixtures.path;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.isomorph.formats.Fixtures;
import dev.isomorph.formats.Fuzz;
import dev.isomorph.ir.diagnostic.Limits;
import dev.isomorph.ir.tensor.TensorArena;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PickleReaderTest {
  private static final Limits LIMITS = Limits.defaults();
  private final TensorArena arena = TensorArena.open("test");

  @AfterEach
  void close() {
    arena.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5})
  void readsEveryProtocol(int protocol) throws IOException {
    DictValue root = (DictValue) read(Files.readAllBytes(path("torch/plain" + protocol + ".pkl")));
    assertEquals(new PickleValue.Int(BigInteger.TEN.pow(30)), root.get("n").orElseThrow());
    assertEquals(
        new PickleValue.Int(BigInteger.TWO.pow(70).negate()), root.get("big").orElseThrow());
    assertEquals(
        List.of("the int -1", "the int 255", "the int 256", "the int 65536", "the int 2147483648"),
        describe(root, "small"));
    PickleValue.Bytes bytes = (PickleValue.Bytes) root.get("bytes").orElseThrow();
    assertEquals(
        "[0, -1]", java.util.Arrays.toString(bytes.value().toArray(ValueLayout.JAVA_BYTE)));
    List<PickleValue> text = Call.items(root.get("text").orElseThrow()).orElseThrow();
    assertEquals("ä\ud800", ((StrValue) text.get(0)).value());
    assertEquals("a\nb'", ((StrValue) text.get(1)).value());
    assertEquals(
        List.of("the float 1.5", "the float -Infinity", "None", "True", "False"),
        describe(root, "values"));
    assertEquals(false, ((SetValue) root.get("set").orElseThrow()).frozen());
    assertEquals(true, ((SetValue) root.get("frozen").orElseThrow()).frozen());
    assertEquals(new PickleValue.Complex(1, -2), root.get("c").orElseThrow());
    assertEquals(
        new PickleValue.Slice(PickleValue.Int.of(1), PickleValue.None.NONE, PickleValue.Int.of(2)),
        root.get("s").orElseThrow());
    assertEquals("range(1, 9, 3)", root.get("r").orElseThrow().describe());
    PickleValue.Bytes array = (PickleValue.Bytes) root.get("ba").orElseThrow();
    assertTrue(array.mutable());
    assertEquals(
        "[120, 121]", java.util.Arrays.toString(array.value().toArray(ValueLayout.JAVA_BYTE)));
    InstanceValue arguments = (InstanceValue) root.get("args").orElseThrow();
    assertEquals("argparse.Namespace", arguments.typeName().orElseThrow());
    assertEquals(new PickleValue.Float(0.5), arguments.attribute("lr").orElseThrow());
  }

  @Test
  void keepsIdentityAndCycles() {
    ListValue list = assertInstanceOf(ListValue.class, read("]q\0(h\0]q\1h\1e."));
    assertSame(list, list.items().get(0));
    assertSame(list.items().get(1), list.items().get(2));
  }

  @Test
  void nothingIsExecuted() {
    InstanceValue call =
        assertInstanceOf(InstanceValue.class, read("cos\nsystem\n(S'echo hacked'\ntR."));
    assertEquals("a call of 'os.system'", call.describe());
    assertEquals("the str 'echo hacked'", call.arguments().items().getFirst().describe());
    assertEquals(Opcode.REDUCE, call.opcode());
    assertEquals(28, call.offset());
    InstanceValue object = assertInstanceOf(InstanceValue.class, read("(S'x'\niposix\nsystem\n."));
    assertEquals("an object of 'posix.system'", object.describe());
    InstanceValue old =
        assertInstanceOf(InstanceValue.class, read("(c__builtin__\neval\nS'1'\no."));
    assertEquals("an object of 'builtins.eval'", old.describe());
  }

  @Test
  void equalKeysAreOneKeyAsInPython() {
    DictValue dict =
        (DictValue)
            read("}(K\1S'a'\nF1.0\nS'b'\nI01\nS'c'\nS'1'\nS'd'\n(K\1K\2tS'e'\n(F1.0\nK\2tS'f'\nu.");
    assertEquals(3, dict.size());
    assertEquals(
        List.of("the str 'c'", "the str 'd'", "the str 'f'"),
        dict.entries().stream().map(e -> e.value().describe()).toList());
  }

  @Test
  void errorsNameByteAndOpcode() {
    fails(
        "]K\1R.",
        """
        error[FORMAT_INVALID] at byte 3 › REDUCE
          the opcode needs a tuple of arguments
          expected: a tuple of arguments
          actual:   the int 1
        """);
    fails(
        "(.",
        """
        error[FORMAT_INVALID] at byte 1 › STOP
          the stack holds too few values
        """);
    fails(
        "h\5.",
        """
        error[FORMAT_INVALID] at byte 0 › BINGET
          the memo has no entry 5
        """);
    fails(
        "X\u00ff\u00ff\u00ff\u00ffabc",
        """
        error[FORMAT_TRUNCATED] at byte 5 › BINUNICODE
          the bytes end inside a string
          expected: 4294967295 bytes
          actual:   3 left
        """);
    fails(
        "\u00ff",
        """
        error[FORMAT_INVALID] at byte 0
          0xff is no pickle opcode
        """);
    fails(
        "\u0080\11.",
        """
        error[UNSUPPORTED_FEATURE] at byte 0 › PROTO
          pickle protocol 9 is not known
          expected: at most 5
          actual:   9
        """);
    fails(
        "cos\npath\n}b.",
        """
        error[UNSAFE_OBJECT] at byte 10 › BUILD
          the pickle wants to change the global 'os.path'
          expected: an object with a state
          actual:   the global 'os.path'
        """);
    fails(
        "ccollections\nOrderedDict\n(K\1tR.",
        """
        error[FORMAT_INVALID] at byte 29 › REDUCE
          the call of collections.OrderedDict has an argument 0 that does not fit
          expected: a dict or a list of pairs
          actual:   the int 1
        """);
    fails(
        "}]K\1s.",
        """
        error[FORMAT_INVALID] at byte 4 › SETITEM
          a list of 0 cannot be a key or a member of a set
        """);
  }

  @Test
  void memoryIsBounded() {
    Limits few = new Limits(1 << 20, 10, 1 << 20, 16, 1000, 1 << 20, 1 << 20, 10, 10);
    assertFails(
        """
        error[FORMAT_LIMIT] at byte 500 › EMPTY_LIST
          the pickle makes more objects than is allowed
          expected: at most 1000 in half of the Java heap
          actual:   1001
        """,
        () -> new PickleReader(bytes("]".repeat(5000) + "."), PickleDialect.python(), few).read());
    // Tuples of tuples that double at each level: linear to read, exponential to compare.
    StringBuilder laughs = new StringBuilder(")");
    for (int i = 0; i < 64; i++) {
      laughs.append("2\u0086");
    }
    assertFails(
        """
        error[FORMAT_LIMIT] at byte 131 › SETITEM
          a key is a tuple of too many parts
          expected: at most 1000
          actual:   more
        """,
        () -> read("}" + laughs + "Ns."));
  }

  @Test
  void takesAnyBytes() throws IOException {
    List<byte[]> seeds = new ArrayList<>();
    for (int protocol = 0; protocol <= 5; protocol++) {
      seeds.add(Files.readAllBytes(path("torch/plain" + protocol + ".pkl")));
    }
    Fuzz.run(
        seeds,
        (file, _) -> new PickleReader(file, PickleDialect.python(), Fuzz.LIMITS).read().describe());
  }

  private void fails(String pickle, String expected) {
    assertFails(expected, () -> read(pickle));
  }

  private PickleValue read(String latin1) {
    return new PickleReader(bytes(latin1), PickleDialect.python(), LIMITS).read();
  }

  private PickleValue read(byte[] pickle) {
    return new PickleReader(Fixtures.map(pickle, arena), PickleDialect.python(), LIMITS).read();
  }

  private java.lang.foreign.MemorySegment bytes(String latin1) {
    return Fixtures.map(latin1.getBytes(StandardCharsets.ISO_8859_1), arena);
  }

  private static List<String> describe(DictValue dict, String key) {
    return Call.items(dict.get(key).orElseThrow()).orElseThrow().stream()
        .map(PickleValue::describe)
        .toList();
  }
}
