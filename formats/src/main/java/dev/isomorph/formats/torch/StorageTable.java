package dev.isomorph.formats.torch;

import dev.isomorph.formats.Text;
import dev.isomorph.formats.numpy.NumpyPickles;
import dev.isomorph.formats.pickle.Call;
import dev.isomorph.formats.pickle.GlobalValue;
import dev.isomorph.formats.pickle.PersistentId;
import dev.isomorph.formats.pickle.PickleDialect;
import dev.isomorph.formats.pickle.PickleValue;
import dev.isomorph.formats.pickle.StrValue;
import dev.isomorph.formats.pickle.TupleValue;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.diagnostic.Limits;
import dev.isomorph.ir.tensor.TensorArena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The storages that the pickles of one file refer to, by key, and the meaning of their persistent
 * ids.
 */
final class StorageTable {
  private static final int DEEPEST = 4;
  private static final long MOST_ELEMENTS = Long.MAX_VALUE / 64;

  private final Map<String, StorageRef> storages = new LinkedHashMap<>();
  private final Map<String, StorageView> views = new LinkedHashMap<>();
  private final List<StorageRef> nested = new ArrayList<>();
  private final List<ModuleSource> sources = new ArrayList<>();
  private final Consumer<StorageRef> onNew;
  private final int depth;

  /**
   * Makes an empty table.
   *
   * @param onNew is told of each storage when a pickle first refers to it
   */
  StorageTable(Consumer<StorageRef> onNew) {
    this(onNew, 0);
  }

  /**
   * Makes an empty table for a stream in the bytes of a pickle.
   *
   * @param depth how many pickles are around it
   */
  StorageTable(Consumer<StorageRef> onNew, int depth) {
    this.onNew = onNew;
    this.depth = depth;
  }

  /** {@return the closed list for PyTorch's pickles, whose storages go to this table} */
  PickleDialect dialect(TensorArena owner, Limits limits) {
    return PickleDialect.python()
        .with(
            Map.of("torch.storage._load_from_bytes", call -> nested(call, owner, limits)), Map.of())
        .with(NumpyPickles.constructors(owner, limits), Map.of())
        .with(TorchConstructors.all(limits), TorchConstructors.constants())
        .withPersistentIds(this::resolve);
  }

  /**
   * A storage that was pickled without torch.save holds a whole stream of torch.save in its bytes.
   */
  private PickleValue nested(Call call, TensorArena owner, Limits limits) {
    call.requireSize(1, 1);
    Limits.check("the nesting of pickles in pickles", depth + 1, DEEPEST);
    MemorySegment bytes = call.value(0, PickleValue.Bytes.class, "bytes").value();
    TorchFile file = TorchFile.read(bytes, owner, limits, depth + 1);
    if (!(file.root() instanceof StorageView storage)) {
      throw call.wrong(0, "the bytes of a storage", file.root());
    }
    nested.addAll(file.storages());
    return storage;
  }

  List<StorageRef> all() {
    List<StorageRef> all = new ArrayList<>(storages.values());
    all.addAll(nested);
    return all;
  }

  Collection<StorageRef> storages() {
    return storages.values();
  }

  Optional<StorageRef> find(String key) {
    return Optional.ofNullable(storages.get(key));
  }

  PickleValue resolve(PickleValue id, long offset) {
    if (!(id instanceof TupleValue tuple)
        || tuple.items().isEmpty()
        || !(tuple.items().getFirst() instanceof StrValue kind)) {
      return new PersistentId(id, offset);
    }
    Call call = new Call("persistent id", tuple.items(), offset);
    return switch (kind.value()) {
      case "storage" -> storage(call);
      case "module" -> module(call);
      default -> new PersistentId(id, offset);
    };
  }

  /**
   * {@code ("module", class, source file, source text)}: older files carry the source of the
   * modules in them.
   */
  private PickleValue module(Call call) {
    call.requireSize(2, 4);
    if (call.size() == 4
        && call.value(1) instanceof GlobalValue type
        && call.value(2) instanceof StrValue file
        && call.value(3) instanceof StrValue source) {
      sources.add(new ModuleSource(type.qualifiedName(), file.value(), source.value()));
    }
    return call.value(1);
  }

  List<ModuleSource> sources() {
    return sources;
  }

  /** {@code ("storage", class, key, location, count [, view])}. */
  private PickleValue storage(Call call) {
    call.requireSize(5, 6);
    StorageRef storage =
        add(type(call), call.string(2), location(call), call.integer(4), call.offset());
    if (call.size() == 5 || call.value(5) == PickleValue.None.NONE) {
      return StorageView.whole(storage);
    }
    Call view =
        new Call(
            "storage view",
            Call.items(call.value(5))
                .orElseThrow(() -> call.wrong(5, "None or a view", call.value(5))),
            call.offset());
    view.requireSize(3, 3);
    long offset = view.integer(1);
    long count = view.integer(2);
    if (offset < 0 || count < 0 || offset > storage.count() || count > storage.count() - offset) {
      throw Diagnostic.error(ErrorCode.FORMAT_INVALID, "a view reaches outside of its storage")
          .at(call.offset())
          .expected("a part of " + storage.count() + " elements", count + " from " + offset)
          .toException();
    }
    return views.computeIfAbsent(view.string(0), _ -> new StorageView(storage, offset, count));
  }

  private static String location(Call call) {
    // Old files of some devices have no text here.
    return call.value(3) instanceof StrValue s ? s.value() : call.value(3).describe();
  }

  StorageRef add(Optional<TorchDType> type, String key, String location, long count, long offset) {
    if (count < 0 || count > MOST_ELEMENTS) {
      throw Diagnostic.error(
              ErrorCode.FORMAT_INVALID, "the storage %s has an impossible size", Text.quote(key))
          .at(offset)
          .expected("at most " + MOST_ELEMENTS, count)
          .toException();
    }
    StorageRef known = storages.get(key);
    if (known != null) {
      if (!known.dtype().equals(type) || known.count() != count) {
        throw Diagnostic.error(
                ErrorCode.FORMAT_INVALID,
                "the storage %s is referred to in two ways",
                Text.quote(key))
            .at(offset)
            .expected(describe(known.dtype(), known.count()), describe(type, count))
            .toException();
      }
      return known;
    }
    StorageRef made = new StorageRef(key, type, count, location);
    storages.put(key, made);
    try {
      onNew.accept(made);
    } catch (IsomorphException e) {
      throw e.map(d -> d.offset() < 0 && d.entry().isEmpty() ? d.at(offset) : d);
    }
    return made;
  }

  private static String describe(Optional<TorchDType> type, long count) {
    return count + " elements of " + type.map(TorchDType::describe).orElse("no type");
  }

  /**
   * {@return the dtype of a storage class such as {@code torch.cuda.FloatStorage}; empty for
   * untyped storages}
   */
  private static Optional<TorchDType> type(Call call) {
    PickleValue type = call.value(1);
    if (type instanceof TorchDType dtype) {
      return Optional.of(dtype);
    }
    if (type instanceof GlobalValue g) {
      if (g.module().equals("torch.storage") && g.name().equals("UntypedStorage")) {
        return Optional.empty();
      }
      boolean own = g.module().equals("torch") || g.module().startsWith("torch.");
      Optional<TorchDType> found = own ? TorchDType.ofStorageClass(g.name()) : Optional.empty();
      if (found.isPresent()) {
        return found;
      }
    }
    throw call.wrong(1, "a storage class of PyTorch", type);
  }
}
