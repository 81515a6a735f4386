package dev.isomorph.formats.safetensors;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.isomorph.formats.NamedTensor;
import dev.isomorph.formats.OutputFile;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.tensor.DType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Writes safetensors files, tensor bytes streamed from where they are. The format has no shared
 * storages: of tied tensors the first is written, and the metadata keep {@code alias: name} for
 * each of the others, as the safetensors library's {@code save_model} does. Tensors that share only
 * part of a storage are written each for itself. {@code "format": "pt"} is added to the metadata
 * when no format is given: common loaders insist on it. The same input gives the same bytes.
 */
public final class SafetensorsWriter {
  private SafetensorsWriter() {}

  private record Plan(List<NamedTensor> kept, Map<String, String> aliases) {
    long bytes() {
      return kept.stream().mapToLong(t -> t.tensor().byteSize()).sum();
    }
  }

  /**
   * Writes one file, which appears when it is complete.
   *
   * @throws IsomorphException {@link ErrorCode#UNSUPPORTED_DTYPE} naming every tensor that the
   *     format cannot hold, {@link ErrorCode#OUTPUT_FAILED}
   * @throws IllegalArgumentException if two tensors have one name
   */
  public static void write(Path path, List<NamedTensor> tensors, Map<String, String> metadata) {
    try {
      check(tensors);
      Plan plan = plan(tensors);
      writeFile(path, plan.kept, withAliases(metadata, plan.aliases));
    } catch (IsomorphException e) {
      throw e.map(d -> d.inFile(path.toString()));
    }
  }

  /**
   * Writes {@code STEM-00001-of-0000N.safetensors} and {@code STEM.safetensors.index.json} into a
   * folder; a single file {@code STEM.safetensors} when all fits into one shard. Tensors are filled
   * in order; one that is larger than a shard has its own. Tied tensors are in one shard.
   *
   * @param shardBytes most tensor bytes of a shard; Hugging Face's default is 5 × 10^9
   * @return the file to open: the index, or the single file
   */
  public static Path writeSharded(
      Path folder,
      String stem,
      List<NamedTensor> tensors,
      Map<String, String> metadata,
      long shardBytes) {
    check(tensors);
    Plan plan = plan(tensors);
    if (plan.bytes() <= shardBytes) {
      Path single = folder.resolve(stem + ".safetensors");
      write(single, tensors, metadata);
      return single;
    }
    List<List<NamedTensor>> shards = new ArrayList<>();
    long filled = shardBytes;
    for (NamedTensor t : plan.kept) {
      if (shards.isEmpty()
          || filled + t.tensor().byteSize() > shardBytes && !shards.getLast().isEmpty()) {
        shards.add(new ArrayList<>());
        filled = 0;
      }
      shards.getLast().add(t);
      filled += t.tensor().byteSize();
    }
    Map<String, String> weightMap = new LinkedHashMap<>();
    for (int i = 0; i < shards.size(); i++) {
      String file =
          String.format(
              java.util.Locale.ROOT, "%s-%05d-of-%05d.safetensors", stem, i + 1, shards.size());
      Map<String, String> aliases = new LinkedHashMap<>(plan.aliases);
      Set<String> names = new HashSet<>();
      shards.get(i).forEach(t -> names.add(t.name()));
      aliases.values().retainAll(names);
      writeFile(folder.resolve(file), shards.get(i), withAliases(metadata, aliases));
      names.forEach(name -> weightMap.put(name, file));
      aliases.keySet().forEach(name -> weightMap.put(name, file));
    }
    Map<String, String> ordered = new LinkedHashMap<>();
    tensors.forEach(t -> ordered.put(t.name(), weightMap.get(t.name())));
    Path index = folder.resolve(stem + ".safetensors.index.json");
    byte[] json = indexJson(plan.bytes(), ordered);
    OutputFile.write(index, out -> out.write(json));
    return index;
  }

  /**
   * Checks that the format can hold tensors.
   *
   * @throws IsomorphException {@link ErrorCode#UNSUPPORTED_DTYPE} naming every tensor that it
   *     cannot hold
   * @throws IllegalArgumentException if two tensors have one name
   */
  public static void check(List<NamedTensor> tensors) {
    List<Diagnostic> faults = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (NamedTensor t : tensors) {
      if (!names.add(t.name()) || t.name().equals("__metadata__")) {
        throw new IllegalArgumentException("the name '" + t.name() + "' cannot be used (twice)");
      }
      DType dtype = t.tensor().dtype();
      if (SafetensorsType.of(dtype).isEmpty()) {
        faults.add(
            Diagnostic.error(
                    ErrorCode.UNSUPPORTED_DTYPE,
                    "safetensors files cannot hold tensors of type %s",
                    dtype)
                .inEntry(t.name()));
      } else if (t.tensor().size() * dtype.bits() % 8 != 0) {
        faults.add(
            Diagnostic.error(
                    ErrorCode.UNSUPPORTED_DTYPE,
                    "safetensors files cannot hold %s: its elements fill no whole number of bytes",
                    t.tensor().typeText())
                .inEntry(t.name()));
      }
    }
    if (!faults.isEmpty()) {
      throw new IsomorphException(faults);
    }
  }

  private static Plan plan(List<NamedTensor> tensors) {
    Map<Object, List<NamedTensor>> byIdentity = new java.util.IdentityHashMap<>();
    List<NamedTensor> kept = new ArrayList<>();
    Map<String, String> aliases = new LinkedHashMap<>();
    for (NamedTensor t : tensors) {
      List<NamedTensor> siblings = byIdentity.computeIfAbsent(t.identity(), _ -> new ArrayList<>());
      NamedTensor tied = siblings.stream().filter(t::isTiedTo).findFirst().orElse(null);
      if (tied != null && t.tensor().size() > 0) {
        aliases.put(t.name(), tied.name());
      } else {
        siblings.add(t);
        kept.add(t);
      }
    }
    return new Plan(kept, aliases);
  }

  private static Map<String, String> withAliases(
      Map<String, String> metadata, Map<String, String> aliases) {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("format", "pt");
    all.putAll(metadata);
    aliases.forEach(
        (alias, kept) -> {
          String old = all.put(alias, kept);
          if (old != null) {
            throw Diagnostic.error(
                    ErrorCode.UNSUPPORTED_TARGET,
                    "the tied tensor '%s' cannot be recorded: the metadata have that key",
                    alias)
                .toException();
          }
        });
    return all;
  }

  private static void writeFile(
      Path path, List<NamedTensor> tensors, Map<String, String> metadata) {
    List<NamedTensor> sorted = new ArrayList<>(tensors);
    // Wider types first keeps every tensor aligned to its own width.
    sorted.sort(
        Comparator.<NamedTensor>comparingInt(
                t -> SafetensorsType.of(t.tensor().dtype()).orElseThrow().ordinal())
            .thenComparing(NamedTensor::name));
    byte[] json = headerJson(sorted, metadata);
    byte[] header = Arrays.copyOf(json, Math.ceilDiv(json.length, 8) * 8);
    Arrays.fill(header, json.length, header.length, (byte) ' ');
    OutputFile.write(
        path,
        out -> {
          out.write(
              ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(header.length).array());
          out.write(header);
          sorted.forEach(t -> out.write(t.tensor()));
        });
  }

  private static byte[] headerJson(List<NamedTensor> sorted, Map<String, String> metadata) {
    return json(
        g -> {
          g.writeStartObject();
          g.writeObjectFieldStart("__metadata__");
          for (Map.Entry<String, String> e : metadata.entrySet()) {
            g.writeStringField(e.getKey(), e.getValue());
          }
          g.writeEndObject();
          long at = 0;
          for (NamedTensor t : sorted) {
            g.writeObjectFieldStart(t.name());
            g.writeStringField(
                "dtype", SafetensorsType.of(t.tensor().dtype()).orElseThrow().name());
            g.writeFieldName("shape");
            g.writeArray(t.tensor().dims(), 0, t.tensor().rank());
            g.writeFieldName("data_offsets");
            g.writeArray(new long[] {at, at + t.tensor().byteSize()}, 0, 2);
            g.writeEndObject();
            at += t.tensor().byteSize();
          }
          g.writeEndObject();
        });
  }

  private static byte[] indexJson(long total, Map<String, String> weightMap) {
    return json(
        g -> {
          g.useDefaultPrettyPrinter();
          g.writeStartObject();
          g.writeObjectFieldStart("metadata");
          g.writeNumberField("total_size", total);
          g.writeEndObject();
          g.writeObjectFieldStart("weight_map");
          for (Map.Entry<String, String> e : weightMap.entrySet()) {
            g.writeStringField(e.getKey(), e.getValue());
          }
          g.writeEndObject();
          g.writeEndObject();
        });
  }

  private interface Body {
    void write(JsonGenerator generator) throws IOException;
  }

  private static byte[] json(Body body) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (JsonGenerator generator = new JsonFactory().createGenerator(out)) {
      body.write(generator);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }
}
