package dev.isomorph.formats.sniff;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** Formats that say what they are by a few bytes at a fixed place. */
final class Magic {
  /** A signature at an offset. */
  private record Row(int offset, byte[] bytes, FormatKind kind, String detail) {}

  private static final List<Row> ROWS =
      List.of(
          text(4, "TFL3", FormatKind.TFLITE, ""),
          text(4, "PTMF", FormatKind.TORCHSCRIPT_FLATBUFFER, ""),
          text(4, "ORTM", FormatKind.ORT, ""),
          text(4, "ET12", FormatKind.EXECUTORCH, ""),
          hex(0, "89 48 44 46 0d 0a 1a 0a", FormatKind.HDF5, ""),
          hex(512, "89 48 44 46 0d 0a 1a 0a", FormatKind.HDF5, ""),
          hex(1024, "89 48 44 46 0d 0a 1a 0a", FormatKind.HDF5, ""),
          hex(2048, "89 48 44 46 0d 0a 1a 0a", FormatKind.HDF5, ""),
          hex(0, "1f 8b", FormatKind.COMPRESSED, " (gzip)"),
          hex(0, "42 5a 68", FormatKind.COMPRESSED, " (bzip2)"),
          hex(0, "fd 37 7a 58 5a 00", FormatKind.COMPRESSED, " (xz)"),
          hex(0, "28 b5 2f fd", FormatKind.COMPRESSED, " (zstd)"),
          hex(0, "37 7a bc af 27 1c", FormatKind.COMPRESSED, " (7-Zip)"),
          text(0, "Rar!", FormatKind.COMPRESSED, " (RAR)"),
          text(0, "GGUF", FormatKind.OTHER, ": a GGUF model of llama.cpp"),
          hex(0, "89 50 4e 47", FormatKind.OTHER, ": a PNG image"),
          hex(0, "ff d8 ff", FormatKind.OTHER, ": a JPEG image"),
          text(0, "GIF8", FormatKind.OTHER, ": a GIF image"),
          text(0, "%PDF", FormatKind.OTHER, ": a PDF document"),
          hex(0, "7f 45 4c 46", FormatKind.OTHER, ": a Linux program or library"),
          text(0, "MZ", FormatKind.OTHER, ": a Windows program or library"),
          hex(0, "cf fa ed fe", FormatKind.OTHER, ": a macOS program or library"),
          hex(0, "ca fe ba be", FormatKind.OTHER, ": a Java class or a macOS program"),
          text(0, "SQLite format 3", FormatKind.OTHER, ": an SQLite database"),
          text(0, "PAR1", FormatKind.OTHER, ": a Parquet table"),
          text(0, "7767517\n", FormatKind.OTHER, ": an ncnn network"));

  private Magic() {}

  private static Row text(int offset, String text, FormatKind kind, String detail) {
    return new Row(offset, text.getBytes(StandardCharsets.US_ASCII), kind, detail);
  }

  private static Row hex(int offset, String hex, FormatKind kind, String detail) {
    return new Row(offset, HexFormat.ofDelimiter(" ").parseHex(hex), kind, detail);
  }

  /** {@return the kind and what to add to its text} */
  static Optional<FormatMatch> match(MemorySegment file) {
    return ROWS.stream()
        .filter(
            r ->
                file.byteSize() >= r.offset + r.bytes.length
                    && file.asSlice(r.offset, r.bytes.length)
                            .mismatch(MemorySegment.ofArray(r.bytes))
                        == -1)
        .findFirst()
        .map(r -> new FormatMatch(r.kind, r.detail));
  }
}
