package dev.isomorph.importers;

import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** Tells formats apart by their first bytes and, in archives and folders, by names of entries. */
final class MinimalSniffer {
  private static final int HEAD = 64;

  private MinimalSniffer() {}

  static Sniffed sniff(Path path) {
    try {
      if (!Files.exists(path)) {
        throw Diagnostic.error(ErrorCode.FILE_NOT_FOUND, "there is no such file or folder")
            .inFile(path.toString())
            .toException();
      }
      FormatKind kind = Files.isDirectory(path) ? folder(path) : file(path);
      if (kind == null) {
        throw Diagnostic.error(
                ErrorCode.FORMAT_UNKNOWN,
                Files.isDirectory(path)
                    ? "the folder holds no model in a known format"
                    : "the file is in no known format")
            .inFile(path.toString())
            .toException();
      }
      return new Sniffed(path, kind);
    } catch (IOException e) {
      throw Diagnostic.error(
              ErrorCode.FILE_UNREADABLE, "the file cannot be read: %s", e.getMessage())
          .inFile(path.toString())
          .toException();
    }
  }

  private static FormatKind folder(Path path) {
    if (has(path, "saved_model.pb") || has(path, "saved_model.pbtxt")) {
      return FormatKind.SAVED_MODEL;
    }
    if (has(path, "model.json")) {
      return FormatKind.TFJS;
    }
    if (has(path, "model.onnx")) {
      return FormatKind.ONNX_TEST_CASE;
    }
    boolean weights =
        has(path, "model.safetensors")
            || has(path, "model.safetensors.index.json")
            || has(path, "pytorch_model.bin");
    return weights ? FormatKind.HUGGING_FACE : null;
  }

  private static boolean has(Path folder, String name) {
    return Files.exists(folder.resolve(name));
  }

  private static FormatKind file(Path path) throws IOException {
    byte[] head;
    try (InputStream in = Files.newInputStream(path)) {
      head = in.readNBytes(HEAD);
    }
    if (head.length == 0) {
      throw Diagnostic.error(ErrorCode.FILE_EMPTY, "the file is empty")
          .inFile(path.toString())
          .toException();
    }
    String text = new String(head, StandardCharsets.ISO_8859_1);
    if (text.startsWith("PK\3\4")) {
      return archive(path);
    }
    if (text.startsWith("TFL3", 4)) {
      return FormatKind.TFLITE;
    }
    if (text.startsWith("\u0089HDF\r\n\u001a\n")) {
      return FormatKind.HDF5;
    }
    if (text.startsWith("\u0080\2\u008a\nl\u00fc\u009cF\u00f9 j\u00a8P\u0019.")) {
      return FormatKind.TORCH_LEGACY;
    }
    if (text.startsWith("\u0093NUMPY")) {
      return FormatKind.NPY;
    }
    if (head.length > 8) {
      long header = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN).getLong();
      if (header > 1 && header <= Files.size(path) - 8 && head[8] == '{') {
        return FormatKind.SAFETENSORS;
      }
    }
    String name = String.valueOf(path.getFileName());
    if (head[0] == 0x08 || name.endsWith(".onnx")) {
      return FormatKind.ONNX;
    }
    return head[0] == 0x0A ? FormatKind.GRAPH_DEF : null;
  }

  private static FormatKind archive(Path path) throws IOException {
    try (ZipFile zip = new ZipFile(path.toFile())) {
      List<String> names = zip.stream().map(ZipEntry::getName).toList();
      if (names.contains("config.json") && names.contains("model.weights.h5")) {
        return FormatKind.KERAS;
      }
      if (names.stream().anyMatch(n -> n.endsWith("archive_format"))) {
        return FormatKind.PT2;
      }
      if (names.stream().anyMatch(n -> n.endsWith("/constants.pkl"))) {
        return FormatKind.TORCHSCRIPT;
      }
      if (names.stream().anyMatch(n -> n.endsWith("/data.pkl"))) {
        return FormatKind.TORCH_ZIP;
      }
      return !names.isEmpty() && names.stream().allMatch(n -> n.endsWith(".npy"))
          ? FormatKind.NPZ
          : null;
    }
  }
}
