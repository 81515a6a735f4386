package dev.isomorph.formats.onnx;

import dev.isomorph.formats.Text;
import dev.isomorph.formats.io.ContainedPath;
import dev.isomorph.formats.onnx.proto.StringStringEntryProto;
import dev.isomorph.formats.onnx.proto.TensorProto;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.tensor.TensorArena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The files beside a model that hold its large tensors. A file is mapped once, however many tensors
 * it holds. A location is relative to the model's folder and never leaves it: neither by its
 * segments, nor by links. Safe for many threads.
 *
 * @see <a href="https://onnx.ai/onnx/repo-docs/ExternalData.html">External data</a>
 */
final class ExternalData {
  private static final Set<String> KEYS =
      Set.of("location", "offset", "length", "checksum", "basepath");
  private static final long DIGEST_STEP = 1 << 22;

  private final TensorArena arena;
  private final Path folder;
  private final Map<Path, MemorySegment> mapped = new HashMap<>();
  private final Map<Path, String> digests = new HashMap<>();

  /**
   * @param folder the model's folder, or {@code null} when the model has none
   */
  ExternalData(TensorArena arena, Path folder) {
    this.arena = arena;
    this.folder = folder;
  }

  /**
   * {@return the bytes of a tensor whose data location is external}
   *
   * @param needed the tensor's size in bytes
   */
  synchronized MemorySegment bytes(TensorProto proto, long needed) {
    Map<String, String> entries = entries(proto);
    String location = entries.get("location");
    if (location == null) {
      throw invalid("external data without a 'location'").toException();
    }
    try {
      Path file = resolve(location);
      MemorySegment all = mapped.get(file);
      if (all == null) {
        all = arena.map(file);
        mapped.put(file, all);
      }
      if (entries.containsKey("checksum")) {
        verify(file, all, entries.get("checksum"));
      }
      long offset = number(entries, "offset", 0);
      long length = number(entries, "length", needed);
      if (length != needed) {
        throw invalid("the external data's length is not the tensor's size")
            .expected(needed + " bytes", length)
            .toException();
      }
      if (offset > all.byteSize() || length > all.byteSize() - offset) {
        throw Diagnostic.error(
                ErrorCode.FORMAT_TRUNCATED, "the external data reaches beyond its file")
            .expected("bytes " + offset + " to " + offset + " + " + length, all.byteSize())
            .toException();
      }
      return all.asSlice(offset, length);
    } catch (IsomorphException e) {
      throw e.map(d -> d.inEntry("external data " + Text.quote(location)));
    }
  }

  private static Map<String, String> entries(TensorProto proto) {
    Map<String, String> entries = new HashMap<>();
    for (StringStringEntryProto entry : proto.getExternalDataList()) {
      if (!KEYS.contains(entry.getKey())) {
        throw invalid("external data with the unknown key " + Text.quote(entry.getKey()))
            .help("known keys are location, offset, length and checksum")
            .toException();
      }
      if (entries.put(entry.getKey(), entry.getValue()) != null) {
        throw invalid("external data with two keys '" + entry.getKey() + "'").toException();
      }
    }
    return entries;
  }

  private static long number(Map<String, String> entries, String key, long otherwise) {
    String text = entries.get(key);
    if (text == null) {
      return otherwise;
    }
    try {
      long value = Long.parseLong(text);
      if (value >= 0) {
        return value;
      }
    } catch (NumberFormatException _) {
      // Falls through to the one message for all that is not a byte count.
    }
    throw invalid("the external data's " + key + " is no number of bytes")
        .expected("a decimal number from 0 up", Text.quote(text))
        .toException();
  }

  private Path resolve(String location) {
    if (folder == null) {
      throw Diagnostic.error(
              ErrorCode.USAGE, "the model has external data, but was not read from a folder")
          .toException();
    }
    return ContainedPath.resolve(folder, location);
  }

  private void verify(Path file, MemorySegment all, String expected) {
    String actual = digests.computeIfAbsent(file, _ -> sha1(all));
    if (!actual.equals(expected.toLowerCase(Locale.ROOT))) {
      throw Diagnostic.error(
              ErrorCode.FORMAT_CHECKSUM, "the external data file has another SHA-1 checksum")
          .expected(Text.quote(expected), actual)
          .toException();
    }
  }

  private static String sha1(MemorySegment all) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-1");
      for (long at = 0; at < all.byteSize(); at += DIGEST_STEP) {
        digest.update(all.asSlice(at, Math.min(DIGEST_STEP, all.byteSize() - at)).asByteBuffer());
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-1", e);
    }
  }

  private static Diagnostic invalid(String what) {
    return Diagnostic.error(ErrorCode.FORMAT_INVALID, "%s", what);
  }
}
