package dev.isomorph.formats.torch;

import dev.isomorph.formats.SegmentReader;
import dev.isomorph.formats.Text;
import dev.isomorph.formats.pickle.Call;
import dev.isomorph.formats.pickle.PickleDialect;
import dev.isomorph.formats.pickle.PickleReader;
import dev.isomorph.formats.pickle.PickleValue;
import dev.isomorph.formats.pickle.StrValue;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.diagnostic.Limits;
import dev.isomorph.ir.tensor.TensorArena;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.util.List;

/**
 * The stream of pickles that {@code torch.save} wrote before 1.6 and still writes on request: magic
 * number, protocol version, machine, object, storage keys, then each storage as a count and raw
 * little-endian elements.
 */
final class LegacyReader {
  static final BigInteger MAGIC = new BigInteger("1950a86a20f9469cfc6c", 16);
  static final int PROTOCOL = 1001;
  static final byte[] FIRST_BYTES = {
    (byte) 0x80,
    2,
    (byte) 0x8A,
    10,
    0x6C,
    (byte) 0xFC,
    (byte) 0x9C,
    0x46,
    (byte) 0xF9,
    0x20,
    0x6A,
    (byte) 0xA8,
    0x50,
    0x19,
    0x2E
  };

  private LegacyReader() {}

  static boolean looksLegacy(MemorySegment file) {
    return file.byteSize() >= FIRST_BYTES.length
        && file.asSlice(0, FIRST_BYTES.length).mismatch(MemorySegment.ofArray(FIRST_BYTES)) == -1;
  }

  static TorchFile read(MemorySegment file, TensorArena owner, Limits limits, int depth) {
    StorageTable table = new StorageTable(_ -> {}, depth);
    PickleReader pickles = new PickleReader(file, table.dialect(owner, limits), limits);
    expect(pickles, new PickleValue.Int(MAGIC), "the magic number");
    expect(pickles, PickleValue.Int.of(PROTOCOL), "the protocol version");
    pickles.read();
    PickleValue root = pickles.read();
    long keysAt = pickles.position();
    PickleReader keyReader = new PickleReader(file, PickleDialect.python(), limits);
    keyReader.seek(keysAt);
    PickleValue keys = keyReader.read();
    List<PickleValue> items =
        Call.items(keys)
            .orElseThrow(() -> invalid("the storage keys are no list", keysAt, keys.describe()));
    SegmentReader in = new SegmentReader(file);
    in.seek(keyReader.position(), "the storages");
    for (PickleValue item : items) {
      if (!(item instanceof StrValue key)) {
        throw invalid("a storage key is no str", keysAt, item.describe());
      }
      StorageRef storage =
          table
              .find(key.value())
              .orElseThrow(
                  () ->
                      invalid(
                          "no tensor refers to a storage key", keysAt, Text.quote(key.value())));
      long at = in.position();
      long count = in.i64("the size of a storage");
      if (count != storage.count() || storage.isBound()) {
        throw Diagnostic.error(
                ErrorCode.FORMAT_INVALID,
                "the storage %s %s",
                Text.quote(key.value()),
                storage.isBound() ? "is stored twice" : "has another size than the pickle says")
            .at(at)
            .expected(storage.count() + " elements", count)
            .toException();
      }
      storage.bind(in.slice(storage.byteSize(), "a storage"), owner, false);
    }
    for (StorageRef storage : table.storages()) {
      if (!storage.isBound()) {
        throw invalid("a tensor's storage is not in the file", keysAt, Text.quote(storage.key()));
      }
    }
    return new TorchFile(TorchFile.Container.LEGACY, root, table.all(), table.sources());
  }

  private static void expect(PickleReader pickles, PickleValue wanted, String what) {
    long at = pickles.position();
    PickleValue actual = pickles.read();
    if (!actual.equals(wanted)) {
      throw Diagnostic.error(ErrorCode.FORMAT_INVALID, "%s is wrong", what)
          .at(at)
          .expected(wanted.describe(), actual.describe())
          .toException();
    }
  }

  private static IsomorphException invalid(String what, long at, String actual) {
    return Diagnostic.error(ErrorCode.FORMAT_INVALID, "%s", what)
        .at(at)
        .expected("", actual)
        .toException();
  }
}
