package dev.isomorph.formats.torch;

import dev.isomorph.formats.SegmentReader;
import dev.isomorph.formats.Text;
import dev.isomorph.formats.archive.TarArchive;
import dev.isomorph.formats.pickle.Call;
import dev.isomorph.formats.pickle.Constructor;
import dev.isomorph.formats.pickle.PickleListener;
import dev.isomorph.formats.pickle.PickleReader;
import dev.isomorph.formats.pickle.PickleValue;
import dev.isomorph.formats.pickle.StrValue;
import dev.isomorph.formats.pickle.TupleValue;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.diagnostic.Limits;
import dev.isomorph.ir.tensor.TensorArena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The tar of the first PyTorch releases: members {@code storages}, {@code tensors} and {@code
 * pickle} ({@code torch.serialization._load} with {@code legacy_load}).
 */
final class TarReader {
  private static final int HIGHEST_RANK = 64;

  private final TarArchive tar;
  private final TensorArena owner;
  private final Limits limits;
  private final PickleListener listener;
  private final StorageTable table = new StorageTable(_ -> {});
  private final Map<String, Constructor> constructors;
  private final Map<String, StorageView> storages = new HashMap<>();
  private final Map<String, TensorRef> tensors = new HashMap<>();

  private TarReader(TarArchive tar, TensorArena owner, Limits limits, PickleListener listener) {
    this.tar = tar;
    this.listener = listener;
    this.owner = owner;
    this.limits = limits;
    this.constructors = TorchConstructors.all(limits);
  }

  static TorchFile read(
      MemorySegment file, TensorArena owner, Limits limits, PickleListener listener) {
    TarReader reader = new TarReader(TarArchive.open(file, limits), owner, limits, listener);
    reader.member("storages", reader::readStorages);
    reader.member("tensors", reader::readTensors);
    MemorySegment pickle = reader.tar.require("pickle");
    try {
      PickleValue root =
          new PickleReader(
                  pickle,
                  reader.table.dialect(owner, limits).withPersistentIds(reader::tensorOf),
                  limits,
                  listener)
              .read();
      return new TorchFile(TorchFile.Container.TAR, root, reader.table.storages());
    } catch (IsomorphException e) {
      throw e.map(d -> d.inEntry("pickle"));
    }
  }

  private interface Member {
    void read(MemorySegment bytes, PickleReader pickles, SegmentReader in);
  }

  private void member(String name, Member member) {
    MemorySegment bytes = tar.require(name);
    try {
      member.read(
          bytes,
          new PickleReader(bytes, table.dialect(owner, limits), limits, listener),
          new SegmentReader(bytes));
    } catch (IsomorphException e) {
      throw e.map(d -> d.inEntry(name));
    }
  }

  private void readStorages(MemorySegment bytes, PickleReader pickles, SegmentReader in) {
    long count = integer(pickles, "the number of storages");
    for (long i = 0; i < count; i++) {
      Call header = tuple(pickles, "a storage");
      header.requireSize(3, 3);
      in.seek(pickles.position(), "a storage");
      long size = in.i64("the size of a storage");
      String key = key(header.value(0));
      // The same shape as a persistent id, without the word in front.
      TupleValue id =
          TupleValue.of(
              StrValue.of("storage"),
              header.value(2),
              StrValue.of(key),
              header.value(1),
              PickleValue.Int.of(size));
      StorageView view = (StorageView) table.resolve(id, header.offset());
      if (view.storage().isBound()) {
        throw invalid("a storage is stored twice", header.offset(), Text.quote(key));
      }
      view.storage().bind(in.slice(view.storage().byteSize(), "a storage"), owner, false);
      storages.put(key, view);
      pickles.seek(in.position());
    }
    long at = pickles.position();
    PickleValue views = pickles.read();
    for (PickleValue view :
        Call.items(views)
            .orElseThrow(() -> invalid("the views are no list", at, views.describe()))) {
      Call part =
          new Call(
              "storage view",
              Call.items(view)
                  .orElseThrow(() -> invalid("a view is no tuple", at, view.describe())),
              at);
      part.requireSize(4, 4);
      StorageView root = find(storages, key(part.value(1)), "storage", at);
      long offset = part.integer(2);
      long size = part.integer(3);
      if (offset < 0 || size < 0 || offset > root.count() || size > root.count() - offset) {
        throw invalid("a view reaches outside of its storage", at, size + " from " + offset);
      }
      storages.put(
          key(part.value(0)), new StorageView(root.storage(), root.offset() + offset, size));
    }
  }

  private void readTensors(MemorySegment bytes, PickleReader pickles, SegmentReader in) {
    long count = integer(pickles, "the number of tensors");
    for (long i = 0; i < count; i++) {
      Call header = tuple(pickles, "a tensor");
      header.requireSize(3, 3);
      in.seek(pickles.position(), "a tensor");
      int rank = in.i32("the rank of a tensor");
      Limits.check("the rank of a tensor", rank, HIGHEST_RANK);
      in.i32("the rank of a tensor");
      TupleValue dims = integers(in, rank);
      TupleValue strides = integers(in, rank);
      PickleValue offset = PickleValue.Int.of(in.i64("the offset of a tensor"));
      StorageView storage = find(storages, key(header.value(1)), "storage", header.offset());
      Call rebuild =
          new Call(
              "torch._utils._rebuild_tensor",
              List.of(storage, offset, dims, strides),
              header.offset());
      TensorRef tensor = (TensorRef) constructors.get(rebuild.name()).construct(rebuild);
      tensors.put(key(header.value(0)), tensor);
      pickles.seek(in.position());
    }
  }

  private static TupleValue integers(SegmentReader in, int count) {
    PickleValue[] values = new PickleValue[count];
    for (int i = 0; i < count; i++) {
      values[i] = PickleValue.Int.of(in.i64("the shape of a tensor"));
    }
    return TupleValue.of(values);
  }

  private PickleValue tensorOf(PickleValue id, long offset) {
    Optional<List<PickleValue>> parts = Call.items(id);
    if (parts.isPresent()) {
      return table.resolve(id, offset);
    }
    return find(tensors, key(id), "tensor", offset);
  }

  private static <T> T find(Map<String, T> in, String key, String what, long at) {
    T found = in.get(key);
    if (found == null) {
      throw invalid("no " + what + " has that key", at, Text.quote(key));
    }
    return found;
  }

  /** Keys are numbers in one member and their decimal text in another. */
  private static String key(PickleValue value) {
    return switch (value) {
      case StrValue s -> s.value();
      case PickleValue.Int i -> i.value().toString();
      default -> value.describe();
    };
  }

  private static long integer(PickleReader pickles, String what) {
    long at = pickles.position();
    PickleValue value = pickles.read();
    if (value instanceof PickleValue.Int i && i.value().bitLength() < 32) {
      return i.value().longValue();
    }
    throw invalid(what + " is no small int", at, value.describe());
  }

  private static Call tuple(PickleReader pickles, String what) {
    long at = pickles.position();
    PickleValue value = pickles.read();
    return new Call(
        what,
        Call.items(value).orElseThrow(() -> invalid(what + " is no tuple", at, value.describe())),
        at);
  }

  private static IsomorphException invalid(String what, long at, String actual) {
    return Diagnostic.error(ErrorCode.FORMAT_INVALID, "%s", what)
        .at(at)
        .expected("", actual)
        .toException();
  }
}
