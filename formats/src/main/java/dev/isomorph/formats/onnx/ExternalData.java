package dev.isomorph.formats.onnx;

import dev.isomorph.formats.onnx.proto.StringStringEntryProto;
import dev.isomorph.formats.onnx.proto.TensorProto;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.tensor.TensorArena;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
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
      throw e.map(d -> d.inEntry("external data '" + printable(location) + "'"));
    }
  }

  private static Map<String, String> entries(TensorProto proto) {
    Map<String, String> entries = new HashMap<>();
    for (StringStringEntryProto entry : proto.getExternalDataList()) {
      if (!KEYS.contains(entry.getKey())) {
        throw invalid("external data with the unknown key '" + printable(entry.getKey()) + "'")
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
        .expected("a decimal number from 0 up", printable(text))
        .toException();
  }

  private Path resolve(String location) {
    if (folder == null) {
      throw Diagnostic.error(
              ErrorCode.USAGE, "the model has external data, but was not read from a folder")
          .toException();
    }
    Path relative;
    try {
      relative = Path.of(location);
    } catch (InvalidPathException e) {
      throw unsafe("is no path");
    }
    boolean rooted =
        relative.isAbsolute()
            || relative.getRoot() != null
            || location.startsWith("/")
            || location.matches("[A-Za-z]:.*");
    if (rooted || location.isEmpty()) {
      throw unsafe("is not relative");
    }
    if (location.indexOf('\\') >= 0 || location.indexOf('\0') >= 0) {
      throw unsafe("holds a backslash or a NUL");
    }
    Path file = folder.resolve(relative).normalize();
    if (!file.startsWith(folder.normalize()) || file.equals(folder.normalize())) {
      throw unsafe("leaves the model's folder");
    }
    if (!Files.exists(file)) {
      throw Diagnostic.error(ErrorCode.FILE_NOT_FOUND, "there is no such file beside the model")
          .help("copy it to " + folder)
          .toException();
    }
    try {
      Path real = file.toRealPath();
      if (!real.startsWith(folder.toRealPath())) {
        throw unsafe("is a link that leaves the model's folder");
      }
      if (!Files.isRegularFile(real)) {
        throw unsafe("is no file");
      }
      if (Files.getFileStore(real).supportsFileAttributeView("unix")
          && Files.getAttribute(real, "unix:nlink") instanceof Integer links
          && links > 1) {
        throw unsafe("has several hard links, so it may be a file from elsewhere");
      }
      return real;
    } catch (IOException e) {
      throw Diagnostic.error(
              ErrorCode.FILE_UNREADABLE, "the file cannot be read: %s", e.getMessage())
          .toException();
    }
  }

  private void verify(Path file, MemorySegment all, String expected) {
    String actual = digests.computeIfAbsent(file, _ -> sha1(all));
    if (!actual.equals(expected.toLowerCase(Locale.ROOT))) {
      throw Diagnostic.error(
              ErrorCode.FORMAT_CHECKSUM, "the external data file has another SHA-1 checksum")
          .expected(printable(expected), actual)
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

  private static String printable(String text) {
    String cut = text.length() > 200 ? text.substring(0, 200) + "…" : text;
    return cut.replaceAll("\\p{Cntrl}", "?");
  }

  private static Diagnostic invalid(String what) {
    return Diagnostic.error(ErrorCode.FORMAT_INVALID, "%s", what);
  }

  private static IsomorphException unsafe(String why) {
    return Diagnostic.error(ErrorCode.FORMAT_UNSAFE_PATH, "the external data's location %s", why)
        .help("put the file into the model's folder and name it without '..' or links")
        .toException();
  }
}
