package dev.isomorph.formats.sniff;

import static dev.isomorph.formats.Fixtures.assertFails;
import static dev.isomorph.formats.Fixtures.path;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.isomorph.formats.Fuzz;
import dev.isomorph.formats.OutputFile;
import dev.isomorph.formats.archive.ZipWriter;
import dev.isomorph.ir.diagnostic.Limits;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SnifferTest {
  private static final Limits LIMITS = Limits.defaults();

  @TempDir Path folder;

  @Test
  void knowsWhatTheFrameworksWrite() {
    Map.of(
            "torch/state_dict.pt", FormatKind.TORCH_ZIP,
            "torch/state_dict_legacy.pth", FormatKind.TORCH_LEGACY,
            "torch/old.tar", FormatKind.TORCH_TAR,
            "torch/script.pt", FormatKind.TORCHSCRIPT,
            "torch/sklearn_like.pkl", FormatKind.PICKLE,
            "safetensors/dtypes.safetensors", FormatKind.SAFETENSORS,
            "safetensors/model.safetensors.index.json", FormatKind.SAFETENSORS_INDEX,
            "numpy/scalar.npy", FormatKind.NPY,
            "numpy/deflated.npz", FormatKind.NPZ)
        .forEach(
            (file, kind) -> assertEquals(kind, Sniffer.sniff(path(file), LIMITS).kind(), file));
    assertEquals(FormatKind.PICKLE, Sniffer.sniff(path("torch/plain0.pkl"), LIMITS).kind());
    assertEquals(FormatKind.PICKLE, Sniffer.sniff(path("torch/plain1.pkl"), LIMITS).kind());
  }

  @Test
  void knowsBinariesByTheirBytes() throws IOException {
    kind(FormatKind.TFLITE, hex("1c00000054464c33"));
    kind(FormatKind.ORT, hex("1c0000004f52544d"));
    kind(FormatKind.TORCHSCRIPT_FLATBUFFER, hex("1c00000050544d46"));
    kind(FormatKind.HDF5, hex("894844460d0a1a0a00"));
    // ModelProto: ir_version 8, opset_import {version 17}, graph {name "g"}.
    kind(FormatKind.ONNX, hex("0808420210113a031201673a0312016742021011"));
    // GraphDef: node {name "a", op "Const"}, versions {producer 1}.
    kind(FormatKind.GRAPHDEF, hex("0a0a0a016112054 36f6e7374".replace(" ", "") + "22020801"));
    // SavedModel: version 1, meta_graphs {meta_info {}, graph {}}.
    kind(FormatKind.SAVED_MODEL_FILE, hex("080112040a001200"));
    // TensorProto: dims 1, data_type FLOAT, raw_data.
    kind(FormatKind.ONNX_TENSOR, hex("080110014a0400000000"));
    kind(FormatKind.UNKNOWN, hex("fffefdfcfbfa"));
  }

  @Test
  void saysWhatAWrongFileIs() throws IOException {
    described("a compressed file (gzip)", hex("1f8b0800"));
    described("a file of another kind: a PNG image", hex("89504e470d0a1a0a"));
    described(
        "a file of another kind: a GGUF model of llama.cpp",
        "GGUF\3\0\0\0".getBytes(StandardCharsets.US_ASCII));
    described("a text file", "hello");
    described("Python source", "import torch\nclass Net(torch.nn.Module):\n  pass\n");
    described("a JSON file", "{\"a\": 1}");
    described("a TensorFlow.js model", "{\"modelTopology\": {}, \"weightsManifest\": []}");
    described("a TensorFlow GraphDef as text", "# comment\nnode {\n  name: \"x\"\n}\n");
    Path file = folder.resolve("model.onnx");
    Files.writeString(
        file, "version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 1234\n");
    assertEquals(
        """
        error[FORMAT_UNKNOWN] %s
          this is a Git LFS pointer, not the file itself (1234 bytes)
          expected: a model
          actual:   a Git LFS pointer, not the file itself
          help:     fetch the file with 'git lfs pull'\
        """
            .formatted(file),
        Sniffer.sniff(file, LIMITS).toError("a model").render());
    Files.writeString(file, "<!DOCTYPE html><html></html>");
    assertEquals(
        """
        error[FORMAT_UNKNOWN] %s
          this is an HTML page
          expected: a model
          actual:   an HTML page
          help:     a download gave a web page instead of the file: use the link to the raw file\
        """
            .formatted(file),
        Sniffer.sniff(file, LIMITS).toError("a model").render());
    Files.write(file, new byte[0]);
    assertEquals(
        """
        error[FILE_EMPTY] %s
          this is an empty file
          expected: a model
          actual:   an empty file\
        """
            .formatted(file),
        Sniffer.sniff(file, LIMITS).toError("a model").render());
    assertFails(
        """
        error[FILE_NOT_FOUND] %s
          there is no such file
        """
            .formatted(folder.resolve("gone")),
        () -> Sniffer.sniff(folder.resolve("gone"), LIMITS));
  }

  @Test
  void knowsZipsByTheirEntries() {
    zip(FormatKind.KERAS, "a Keras model", "metadata.json", "config.json", "model.weights.h5");
    zip(FormatKind.MAR, "a TorchServe model archive", "MAR-INF/MANIFEST.json", "m.pt");
    zip(FormatKind.PT2, "an archive of torch.export", "m/archive_format", "m/models/model.json");
    zip(
        FormatKind.TORCHSCRIPT_MOBILE,
        "a TorchScript archive for mobile phones",
        "m/data.pkl",
        "m/bytecode.pkl",
        "m/constants.pkl");
    zip(
        FormatKind.ZIP,
        "a zip archive of something else: it holds 'sub/net.onnx'",
        "readme",
        "sub/net.onnx");
    zip(FormatKind.ZIP, "a zip archive of something else: it is empty");
  }

  @Test
  void knowsFoldersByTheirNames() throws IOException {
    folder(FormatKind.SAVED_MODEL, "saved_model.pb", "variables/variables.index");
    folder(FormatKind.TFJS, "model.json", "group1-shard1of1.bin");
    folder(FormatKind.HUGGING_FACE, "config.json", "model.safetensors");
    folder(FormatKind.CHECKPOINT, "ckpt.index", "ckpt.data-00000-of-00001");
    folder(FormatKind.ONNX_TEST_CASE, "model.onnx", "test_data_set_0/input_0.pb");
    folder(FormatKind.SERVING_FOLDER, "1/saved_model.pb");
    folder(FormatKind.KERAS, "config.json", "model.weights.h5", "metadata.json");
    Path other = folder(FormatKind.FOLDER, "a.txt", "net.onnx");
    assertEquals(
        "name the file itself, such as " + other.resolve("net.onnx"),
        Sniffer.sniff(other, LIMITS).help());
    Path checkpoint =
        folder(FormatKind.CHECKPOINT, "model.ckpt.index", "model.ckpt.data-00000-of-00001");
    assertEquals(
        FormatKind.CHECKPOINT, Sniffer.sniff(checkpoint.resolve("model.ckpt"), LIMITS).kind());
  }

  @Test
  void takesAnyBytes() throws IOException {
    Path file = folder.resolve("fuzz");
    Fuzz.run(
        List.of(
            hex("0808420210113a031201673a0312016742021011"),
            hex("0a0a0a01611205436f6e737422020801"),
            Files.readAllBytes(path("torch/attributes.pt")),
            Files.readAllBytes(path("torch/old.tar")),
            "{\"weight_map\": {\"a\": \"b\"}}".getBytes(StandardCharsets.US_ASCII)),
        (bytes, _) -> {
          try {
            Files.write(file, bytes.toArray(java.lang.foreign.ValueLayout.JAVA_BYTE));
          } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
          }
          Sniffer.sniff(file, Fuzz.LIMITS).toError("a model");
        });
  }

  private static byte[] hex(String digits) {
    return HexFormat.of().parseHex(digits);
  }

  private void kind(FormatKind expected, byte[] bytes) throws IOException {
    Path file = folder.resolve("file");
    Files.write(file, bytes);
    assertEquals(expected, Sniffer.sniff(file, LIMITS).kind());
  }

  private void described(String expected, String text) throws IOException {
    described(expected, text.getBytes(StandardCharsets.UTF_8));
  }

  private void described(String expected, byte[] bytes) throws IOException {
    Path file = folder.resolve("file");
    Files.write(file, bytes);
    assertEquals(expected, Sniffer.sniff(file, LIMITS).description());
  }

  private void zip(FormatKind kind, String description, String... names) {
    Path file = folder.resolve("file.zip");
    OutputFile.write(
        file,
        out -> {
          ZipWriter zip = new ZipWriter(out);
          for (String name : names) {
            zip.add(name, "x");
          }
          zip.finish();
        });
    assertEquals(kind, Sniffer.sniff(file, LIMITS).kind());
    assertEquals(description, Sniffer.sniff(file, LIMITS).description());
  }

  private Path folder(FormatKind expected, String... names) throws IOException {
    Path made = Files.createTempDirectory(folder, "f");
    for (String name : names) {
      Files.createDirectories(made.resolve(name).getParent());
      Files.writeString(made.resolve(name), "x");
    }
    assertEquals(expected, Sniffer.sniff(made, LIMITS).kind());
    return made;
  }
}
