package dev.isomorph.formats.safetensors;

import dev.isomorph.formats.NamedTensor;
import dev.isomorph.formats.SegmentReader;
import dev.isomorph.formats.Text;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.diagnostic.Limits;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.ir.tensor.TensorArena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One safetensors file in mapped memory (format specification of the safetensors project): a
 * length, a JSON header, tensor bytes. Every tensor is a slice of the map. The ranges of the
 * tensors must cover the data exactly, without overlap or hole; duplicate names are refused.
 * Immutable and safe for many threads.
 */
public final class SafetensorsFile {
  private static final long LONGEST_HEADER = 100_000_000;

  /**
   * One tensor of the header.
   *
   * @param name its key
   * @param type the format's name of the element type, known or not
   * @param dims its shape
   * @param begin first byte, from the end of the header
   * @param end byte after the last
   */
  public record Entry(String name, String type, long[] dims, long begin, long end) {
    public Entry {
      dims = dims.clone();
    }

    @Override
    public long[] dims() {
      return dims.clone();
    }
  }

  private final MemorySegment data;
  private final TensorArena owner;
  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private final Map<String, String> metadata;

  private SafetensorsFile(
      MemorySegment data, TensorArena owner, List<Entry> entries, Map<String, String> metadata) {
    this.data = data;
    this.owner = owner;
    this.metadata = metadata;
    entries.forEach(e -> this.entries.put(e.name(), e));
  }

  /**
   * Opens a file, which stays mapped as long as {@code arena} is open.
   *
   * @throws IsomorphException {@link ErrorCode#FORMAT_INVALID}, {@link ErrorCode#FORMAT_TRUNCATED},
   *     {@link ErrorCode#FORMAT_LIMIT} with the byte offset
   */
  public static SafetensorsFile open(Path path, TensorArena arena, Limits limits) {
    try {
      return parse(arena.map(path), arena, limits);
    } catch (IsomorphException e) {
      throw e.map(d -> d.inFile(path.toString()));
    }
  }

  /** {@return whether bytes begin as a safetensors file does} */
  public static boolean looksLikeSafetensors(MemorySegment file) {
    if (file.byteSize() < 10) {
      return false;
    }
    long length = file.get(Tensor.LE_LONG, 0);
    if (length < 2 || length > Math.min(file.byteSize() - 8, LONGEST_HEADER)) {
      return false;
    }
    long at = 8;
    while (at < 8 + length && file.get(ValueLayout.JAVA_BYTE, at) == ' ') {
      at++;
    }
    return at < 8 + length && file.get(ValueLayout.JAVA_BYTE, at) == '{';
  }

  static SafetensorsFile parse(MemorySegment file, TensorArena owner, Limits limits) {
    SegmentReader in = new SegmentReader(file);
    long length = in.i64("the header's length");
    Limits.check("the safetensors header", length, Math.min(LONGEST_HEADER, limits.headerBytes()));
    byte[] json = in.copy((int) length, "the header");
    SafetensorsHeader.Content content = SafetensorsHeader.read(json, 8, limits);
    MemorySegment data = in.slice(in.remaining(), "the data");
    checkRanges(content.entries(), data.byteSize(), 8 + length);
    return new SafetensorsFile(data, owner, content.entries(), content.metadata());
  }

  private static void checkRanges(List<Entry> entries, long size, long base) {
    List<Diagnostic> faults = new ArrayList<>();
    for (Entry e : entries) {
      checkSize(e, base).ifPresent(faults::add);
    }
    if (!faults.isEmpty()) {
      throw new IsomorphException(faults);
    }
    List<Entry> sorted = new ArrayList<>(entries);
    sorted.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
    long covered = 0;
    for (Entry e : sorted) {
      if (e.begin() != covered) {
        String what =
            e.begin() < covered ? "overlaps the one before it" : "leaves a hole before it";
        throw fault(e, "the data of the tensor " + what, base)
            .expected("data from byte " + (base + covered), "from byte " + (base + e.begin()))
            .toException();
      }
      covered = e.end();
    }
    if (covered > size) {
      throw Diagnostic.error(ErrorCode.FORMAT_TRUNCATED, "the file ends before its tensors do")
          .at(base + size)
          .expected((base + covered) + " bytes", base + size)
          .toException();
    }
    if (covered < size) {
      throw Diagnostic.error(ErrorCode.FORMAT_INVALID, "the file goes on after its last tensor")
          .at(base + covered)
          .expected((base + covered) + " bytes", base + size)
          .toException();
    }
  }

  private static Optional<Diagnostic> checkSize(Entry e, long base) {
    Optional<SafetensorsType> type = SafetensorsType.byName(e.type());
    if (type.isEmpty()) {
      return Optional.of(
          Diagnostic.error(
                  ErrorCode.UNSUPPORTED_DTYPE,
                  "the element type %s is not known",
                  Text.quote(e.type()))
              .inEntry(e.name()));
    }
    try {
      long bits = Math.multiplyExact(Tensor.sizeOf(e.dims()), type.get().bits());
      long needed = bits / 8;
      if (bits % 8 == 0 && e.end() >= e.begin() && e.end() - e.begin() == needed) {
        return Optional.empty();
      }
      return Optional.of(
          fault(
                  e,
                  "the range of the tensor does not fit its shape " + Arrays.toString(e.dims()),
                  base)
              .expected(bits % 8 == 0 ? needed + " bytes" : "whole bytes", e.end() - e.begin()));
    } catch (ArithmeticException _) {
      return Optional.of(
          fault(e, "the shape " + Arrays.toString(e.dims()) + " is impossible", base));
    }
  }

  private static Diagnostic fault(Entry e, String what, long base) {
    return Diagnostic.error(ErrorCode.FORMAT_INVALID, "%s", what)
        .inEntry(e.name())
        .at(base + e.begin());
  }

  /** {@return the tensors of the header, in its order} */
  public List<Entry> entries() {
    return List.copyOf(entries.values());
  }

  /** {@return the header's {@code __metadata__}} */
  public Map<String, String> metadata() {
    return Map.copyOf(metadata);
  }

  /**
   * {@return alias → the tensor that it is tied to}. The safetensors library removes all but one of
   * several tied tensors and records the removed names in the metadata; only entries whose value
   * names a tensor and whose key does not are taken, never {@code format}.
   */
  public Map<String, String> aliases() {
    Map<String, String> aliases = new LinkedHashMap<>();
    metadata.forEach(
        (key, value) -> {
          if (!key.equals("format") && !entries.containsKey(key) && entries.containsKey(value)) {
            aliases.put(key, value);
          }
        });
    return aliases;
  }

  /**
   * {@return one tensor, a slice of the map}
   *
   * @throws IsomorphException {@link ErrorCode#UNSUPPORTED_DTYPE} for the six-bit types
   * @throws IllegalArgumentException if there is no such tensor
   */
  public Tensor tensor(String name) {
    Entry e = entries.get(name);
    if (e == null) {
      throw new IllegalArgumentException("no tensor '" + name + "'");
    }
    DType dtype =
        SafetensorsType.byName(e.type())
            .flatMap(SafetensorsType::dtype)
            .orElseThrow(
                () ->
                    Diagnostic.error(
                            ErrorCode.UNSUPPORTED_DTYPE,
                            "tensors of the six-bit type %s are not supported",
                            e.type())
                        .inEntry(e.name())
                        .toException());
    return Tensor.of(dtype, e.dims(), data.asSlice(e.begin(), e.end() - e.begin()), owner);
  }

  /**
   * {@return all tensors in the header's order, then the aliases, tied to theirs}
   *
   * @throws IsomorphException naming every tensor of an unsupported type
   */
  public List<NamedTensor> tensors() {
    Map<String, NamedTensor> all = new LinkedHashMap<>();
    List<Diagnostic> faults = new ArrayList<>();
    for (Entry e : entries.values()) {
      try {
        all.put(e.name(), NamedTensor.of(e.name(), tensor(e.name())));
      } catch (IsomorphException fault) {
        faults.addAll(fault.diagnostics());
      }
    }
    if (!faults.isEmpty()) {
      throw new IsomorphException(faults);
    }
    aliases().forEach((alias, kept) -> all.put(alias, all.get(kept).alias(alias)));
    return List.copyOf(all.values());
  }
}
