package dev.isomorph.formats.safetensors;

import dev.isomorph.formats.NamedTensor;
import dev.isomorph.formats.Text;
import dev.isomorph.formats.archive.EntryNames;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.diagnostic.Limits;
import dev.isomorph.ir.tensor.TensorArena;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A set of weight files with an index, such as {@code model.safetensors.index.json}: {@code
 * {"metadata": …, "weight_map": {tensor: file}}}. Shards must be files in the index's own folder,
 * links that leave it are refused, and each tensor must be in the shard that the index names.
 */
public final class ShardedWeights {
  private ShardedWeights() {}

  /** Reads one file of the set. */
  @FunctionalInterface
  public interface ShardReader {
    /** {@return all tensors of a file} */
    List<NamedTensor> read(Path file);
  }

  /**
   * {@return all tensors in the order of the index, then those that the shards hold beside it}
   *
   * @throws IsomorphException {@link ErrorCode#FORMAT_UNSAFE_PATH}, {@link
   *     ErrorCode#FILE_NOT_FOUND}, or {@link ErrorCode#FORMAT_INVALID} naming every tensor that is
   *     not where the index says
   */
  public static List<NamedTensor> read(
      Path index, TensorArena arena, Limits limits, ShardReader reader) {
    Map<String, String> map;
    try {
      MemorySegment json = arena.map(index);
      Limits.check("the index", json.byteSize(), limits.headerBytes());
      map = SafetensorsHeader.readIndex(json.toArray(ValueLayout.JAVA_BYTE), limits);
      map.values().stream().distinct().forEach(EntryNames::checkSibling);
    } catch (IsomorphException e) {
      throw e.map(d -> d.inFile(index.toString()));
    }
    Map<String, Map<String, NamedTensor>> shards = new LinkedHashMap<>();
    for (String file : map.values()) {
      if (!shards.containsKey(file)) {
        shards.put(file, shard(index, file, reader));
      }
    }
    List<NamedTensor> tensors = new ArrayList<>();
    List<Diagnostic> faults = new ArrayList<>();
    map.forEach(
        (name, file) -> {
          NamedTensor tensor = shards.get(file).remove(name);
          if (tensor == null) {
            faults.add(
                Diagnostic.error(
                        ErrorCode.FORMAT_INVALID,
                        "the shard %s lacks a tensor that the index puts there",
                        Text.quote(file))
                    .inFile(index.toString())
                    .inEntry(name));
          } else {
            tensors.add(tensor);
          }
        });
    shards.forEach(
        (file, rest) ->
            rest.values().stream()
                .filter(t -> !map.containsKey(t.name()))
                .forEach(
                    t ->
                        faults.add(
                            Diagnostic.error(
                                    ErrorCode.FORMAT_INVALID,
                                    "the shard %s holds a tensor that the index does not name",
                                    Text.quote(file))
                                .inFile(index.toString())
                                .inEntry(t.name()))));
    if (!faults.isEmpty()) {
      throw new IsomorphException(faults);
    }
    return tensors;
  }

  private static Map<String, NamedTensor> shard(Path index, String file, ShardReader reader) {
    Path folder = index.toAbsolutePath().getParent();
    Path path = folder.resolve(file);
    try {
      if (path.toFile().exists() && !path.toRealPath().getParent().equals(folder.toRealPath())) {
        throw Diagnostic.error(
                ErrorCode.FORMAT_UNSAFE_PATH,
                "the shard %s is a link out of its folder",
                Text.quote(file))
            .inFile(index.toString())
            .toException();
      }
    } catch (IOException e) {
      throw Diagnostic.error(
              ErrorCode.FILE_UNREADABLE,
              "the file cannot be read: %s",
              String.valueOf(e.getMessage()))
          .inFile(path.toString())
          .toException();
    }
    Map<String, NamedTensor> tensors = new LinkedHashMap<>();
    reader.read(path).forEach(t -> tensors.put(t.name(), t));
    return tensors;
  }
}
