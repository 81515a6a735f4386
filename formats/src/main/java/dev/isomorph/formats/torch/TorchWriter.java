package dev.isomorph.formats.torch;

import dev.isomorph.formats.NamedTensor;
import dev.isomorph.formats.OutputFile;
import dev.isomorph.formats.archive.ZipWriter;
import dev.isomorph.formats.pickle.DictValue;
import dev.isomorph.formats.pickle.PickleValue;
import dev.isomorph.formats.pickle.PickleWriter;
import dev.isomorph.formats.pickle.StrValue;
import dev.isomorph.formats.torch.StoragePlan.Stored;
import dev.isomorph.formats.torch.StoragePlan.Window;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Writes state dicts that {@code torch.load(weights_only=True)} reads, memory-mapped too: an {@code
 * OrderedDict} in the order given, with {@code _metadata} where there is one. Tensors of one
 * storage are windows of one storage in the file, so that tied weights stay tied and views stay
 * views. Data are streamed from where they are; storages of the zip container start at multiples of
 * 64. The same input gives the same bytes.
 */
public final class TorchWriter {
  private static final String FOLDER = "archive/";

  private TorchWriter() {}

  /**
   * Writes the zip container, as PyTorch does since 1.6. The file appears when it is complete.
   *
   * @param metadata the state dict's {@code _metadata}
   * @throws IsomorphException {@link ErrorCode#UNSUPPORTED_DTYPE} naming every tensor that PyTorch
   *     cannot hold, {@link ErrorCode#OUTPUT_FAILED}
   * @throws IllegalArgumentException if two tensors have one name
   */
  public static void write(Path path, List<NamedTensor> tensors, Optional<DictValue> metadata) {
    StoragePlan plan = plan(path, tensors);
    byte[] pickle = pickle(plan, metadata, false);
    OutputFile.write(
        path,
        out -> {
          ZipWriter zip = new ZipWriter(out);
          zip.add(FOLDER + "data.pkl", pickle);
          zip.add(FOLDER + "byteorder", "little");
          for (Stored storage : plan.storages()) {
            zip.add(FOLDER + "data/" + storage.key(), storage.content());
          }
          zip.add(FOLDER + "version", "3\n");
          zip.finish();
        });
  }

  /**
   * Writes the stream of pickles of PyTorch before 1.6, which newer ones read as well.
   *
   * @throws IsomorphException as {@link #write}; also for dtypes that came after 1.6 and have no
   *     storage class: PyTorch itself cannot read them from such a file
   */
  public static void writeLegacy(
      Path path, List<NamedTensor> tensors, Optional<DictValue> metadata) {
    StoragePlan plan = plan(path, tensors);
    List<Diagnostic> faults =
        plan.windows().stream()
            .filter(w -> w.storage().untyped())
            .map(
                w ->
                    Diagnostic.error(
                            ErrorCode.UNSUPPORTED_DTYPE,
                            "PyTorch cannot read %s from a legacy file",
                            w.storage().type().describe())
                        .inFile(path.toString())
                        .inEntry(w.name())
                        .help("write the zip container"))
            .toList();
    if (!faults.isEmpty()) {
      throw new IsomorphException(faults);
    }
    byte[] pickle = pickle(plan, metadata, true);
    PickleWriter keys = new PickleWriter().emptyList().mark();
    plan.storages().forEach(s -> keys.string(s.key()));
    byte[] keyList = keys.appends().finish();
    OutputFile.write(
        path,
        out -> {
          out.write(LegacyReader.FIRST_BYTES);
          out.write(new PickleWriter().integer(LegacyReader.PROTOCOL).finish());
          out.write(machine());
          out.write(pickle);
          out.write(keyList);
          for (Stored storage : plan.storages()) {
            out.write(
                ByteBuffer.allocate(8)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(storage.count())
                    .array());
            out.write(storage.content());
          }
        });
  }

  private static StoragePlan plan(Path path, List<NamedTensor> tensors) {
    Set<String> names = new HashSet<>();
    for (NamedTensor t : tensors) {
      if (!names.add(t.name())) {
        throw new IllegalArgumentException("two tensors '" + t.name() + "'");
      }
    }
    try {
      return StoragePlan.of(tensors);
    } catch (IsomorphException e) {
      throw e.map(d -> d.inFile(path.toString()));
    }
  }

  private static byte[] machine() {
    DictValue sizes = new DictValue(DictValue.Kind.DICT);
    put(sizes, "short", PickleValue.Int.of(2));
    put(sizes, "int", PickleValue.Int.of(4));
    put(sizes, "long", PickleValue.Int.of(4));
    DictValue machine = new DictValue(DictValue.Kind.DICT);
    put(machine, "protocol_version", PickleValue.Int.of(LegacyReader.PROTOCOL));
    put(machine, "little_endian", new PickleValue.Bool(true));
    put(machine, "type_sizes", sizes);
    return new PickleWriter().value(machine).finish();
  }

  private static void put(DictValue dict, String key, PickleValue value) {
    dict.put(StrValue.of(key), value);
  }

  private static byte[] pickle(StoragePlan plan, Optional<DictValue> metadata, boolean legacy) {
    PickleWriter out = new PickleWriter().emptyOrderedDict().mark();
    for (Window window : plan.windows()) {
      tensor(out.string(window.name()), window, legacy);
    }
    out.setItems();
    if (metadata.isPresent()) {
      out.emptyDict().mark().string("_metadata").value(metadata.get()).setItems().build();
    }
    return out.finish();
  }

  /** Pushes a call of a rebuild function, as {@code torch.Tensor.__reduce_ex__} makes it. */
  private static void tensor(PickleWriter out, Window window, boolean legacy) {
    Stored storage = window.storage();
    out.global("torch._utils", storage.untyped() ? "_rebuild_tensor_v3" : "_rebuild_tensor_v2")
        .mark();
    out.mark().string("storage");
    if (storage.untyped()) {
      out.global("torch.storage", "UntypedStorage");
    } else {
      out.global("torch", storage.type().storageClass().orElseThrow());
    }
    out.string(storage.key()).string("cpu").integer(storage.count());
    if (legacy) {
      out.none();
    }
    out.tuple().persistentId();
    out.integer(window.offset()).integers(window.dims()).integers(window.strides());
    out.bool(false).emptyOrderedDict();
    if (storage.untyped()) {
      out.global("torch", storage.type().torchName());
    }
    out.tuple().reduce();
  }
}
