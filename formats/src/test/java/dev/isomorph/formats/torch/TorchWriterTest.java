package dev.isomorph.formats.torch;

import static dev.isomorph.formats.Fixtures.assertFails;
import static dev.isomorph.formats.Fixtures.path;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.isomorph.formats.Fixtures;
import dev.isomorph.formats.NamedTensor;
import dev.isomorph.formats.TensorDigest;
import dev.isomorph.formats.archive.ZipArchive;
import dev.isomorph.formats.numpy.Npz;
import dev.isomorph.formats.safetensors.SafetensorsWriter;
import dev.isomorph.ir.diagnostic.Limits;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.LazyTensors;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.ir.tensor.TensorArena;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

class TorchWriterTest {
  private static final Limits LIMITS = Limits.defaults();
  private final TensorArena arena = TensorArena.open("test");

  @AfterEach
  void close() {
    arena.close();
  }

  private interface Writer {
    void write(
        Path path,
        List<NamedTensor> tensors,
        Optional<dev.isomorph.formats.pickle.DictValue> metadata);
  }

  @Test
  void whatIsWrittenIsWhatIsRead(@TempDir Path folder) {
    for (Writer writer : List.<Writer>of(TorchWriter::write, TorchWriter::writeLegacy)) {
      for (String source :
          List.of(
              "views.pt", "state_dict.pt", "dtypes_legacy.pt", "parameters.pt", "conjugated.pt")) {
        StateDict state = read(path("torch/" + source));
        Path file = folder.resolve(source);
        writer.write(file, state.tensors(), state.metadata());
        StateDict again = read(file);
        assertSameTensors(state.tensors(), again.tensors());
        assertEquals(state.metadata().map(m -> m.size()), again.metadata().map(m -> m.size()));
      }
    }
  }

  @Test
  void everyTypeIsWritten(@TempDir Path folder) {
    List<NamedTensor> tensors = everyType();
    assertEquals(22, tensors.size());
    Path file = folder.resolve("all.pt");
    TorchWriter.write(file, tensors, Optional.empty());
    assertSameTensors(tensors, read(file).tensors());
  }

  @Test
  void sharingIsKept(@TempDir Path folder) {
    StateDict views = read(path("torch/views.pt"));
    Path file = folder.resolve("views.pt");
    TorchWriter.write(file, views.tensors(), Optional.empty());
    TorchFile again = TorchFile.read(file, arena, LIMITS);
    assertEquals(2, again.storages().size());
    Tensor tensor = Tensor.of(new float[] {1, 2}, 2);
    NamedTensor a = NamedTensor.of("a", tensor);
    TorchWriter.write(
        file, List.of(a, a.alias("b"), NamedTensor.of("c", tensor)), Optional.empty());
    StateDict tied = read(file);
    assertTrue(tied.tensors().get(0).isTiedTo(tied.tensors().get(1)));
    assertEquals(false, tied.tensors().get(0).isTiedTo(tied.tensors().get(2)));
    assertEquals(2, TorchFile.read(file, arena, LIMITS).storages().size());
  }

  @Test
  void storagesAreAligned(@TempDir Path folder) {
    Path file = folder.resolve("x.pt");
    TorchWriter.write(file, read(path("torch/dtypes.pt")).tensors(), Optional.empty());
    ZipArchive zip = ZipArchive.open(arena.map(file), arena, LIMITS);
    zip.entries().forEach(e -> assertEquals(0, e.dataOffset() % 64, e.name()));
    zip.entries().forEach(zip::verify);
  }

  @Test
  void theSameInputGivesTheSameBytes(@TempDir Path folder) throws IOException {
    StateDict state = read(path("torch/state_dict.pt"));
    TorchWriter.write(folder.resolve("a.pt"), state.tensors(), state.metadata());
    TorchWriter.write(folder.resolve("b.pt"), state.tensors(), state.metadata());
    assertEquals(-1, Files.mismatch(folder.resolve("a.pt"), folder.resolve("b.pt")));
  }

  @Test
  void namesEveryTensorThatTorchCannotHold(@TempDir Path folder) {
    Path file = folder.resolve("x.pt");
    assertFails(
        """
        error[UNSUPPORTED_DTYPE] %1$s › a
          PyTorch cannot save tensors of type i4[2]
        error[UNSUPPORTED_DTYPE] %1$s › c
          PyTorch cannot save tensors of type f4e2m1[3]
        """
            .formatted(file),
        () ->
            TorchWriter.write(
                file,
                List.of(
                    NamedTensor.of("a", Tensor.of(DType.I4, new double[] {1, 2}, 2)),
                    NamedTensor.of("b", Tensor.of(DType.F4E2M1, new double[] {1, 2}, 2)),
                    NamedTensor.of("c", Tensor.of(DType.F4E2M1, new double[] {1, 2, 3}, 3))),
                Optional.empty()));
    assertFails(
        """
        error[UNSUPPORTED_DTYPE] %s › u
          PyTorch cannot read torch.uint16 from a legacy file
          help:     write the zip container
        """
            .formatted(file),
        () ->
            TorchWriter.writeLegacy(
                file,
                List.of(NamedTensor.of("u", Tensor.of(DType.U16, new double[] {1}, 1))),
                Optional.empty()));
    assertTrue(Files.notExists(file));
  }

  /** Leaves files for {@code check_written.py}, which reads them with the real frameworks. */
  @Test
  @EnabledIfSystemProperty(named = "isomorph.written", matches = ".+")
  void writesFilesForTheFrameworks() throws IOException {
    Path folder = Files.createDirectories(Path.of(System.getProperty("isomorph.written")));
    StringBuilder rows = new StringBuilder();
    for (String source : List.of("views.pt", "state_dict.pt", "dtypes.pt", "dtypes_legacy.pt")) {
      StateDict state = read(path("torch/" + source));
      String stem = source.substring(0, source.indexOf('.'));
      TorchWriter.write(folder.resolve(stem + "_zip.pt"), state.tensors(), state.metadata());
      record(rows, stem + "_zip.pt", state.tensors());
      if (!source.equals("dtypes.pt")) {
        TorchWriter.writeLegacy(
            folder.resolve(stem + "_old.pt"), state.tensors(), state.metadata());
        record(rows, stem + "_old.pt", state.tensors());
      }
    }
    TorchWriter.write(folder.resolve("every.pt"), everyType(), Optional.empty());
    record(rows, "every.pt", everyType());
    List<NamedTensor> flat = read(path("torch/state_dict.pt")).tensors();
    SafetensorsWriter.write(folder.resolve("state_dict.safetensors"), flat, Map.of("note", "grün"));
    record(rows, "state_dict.safetensors", flat);
    List<NamedTensor> views = read(path("torch/views.pt")).tensors();
    SafetensorsWriter.write(folder.resolve("views.safetensors"), views, Map.of());
    record(rows, "views.safetensors", views);
    SafetensorsWriter.writeSharded(folder, "shards", flat, Map.of(), 64);
    Npz.write(folder.resolve("views.npz"), views);
    record(rows, "views.npz", views);
    Files.writeString(folder.resolve("digests.tsv"), rows.toString());
  }

  private static void record(StringBuilder rows, String file, List<NamedTensor> tensors) {
    for (NamedTensor t : tensors) {
      rows.append(
              String.join(
                  "\t", file, t.name(), t.tensor().typeText(), TensorDigest.sha256(t.tensor())))
          .append('\n');
    }
  }

  private List<NamedTensor> everyType() {
    List<NamedTensor> tensors = new ArrayList<>();
    for (DType dtype : DType.values()) {
      if (TorchDType.of(dtype).isPresent()) {
        byte[] bytes = new byte[(int) dtype.byteSize(12)];
        new java.util.Random(dtype.ordinal()).nextBytes(bytes);
        if (dtype == DType.BOOL) {
          for (int i = 0; i < bytes.length; i++) {
            bytes[i] &= 1;
          }
        }
        Tensor tensor = Tensor.of(dtype, new long[] {3, 4}, Fixtures.map(bytes, arena), arena);
        tensors.add(NamedTensor.of(dtype.shortName(), tensor));
      }
    }
    tensors.add(
        NamedTensor.of(
            "lazy", LazyTensors.transpose(Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3), 1, 0)));
    return tensors;
  }

  private StateDict read(Path file) {
    return StateDicts.pick(TorchFile.read(file, arena, LIMITS), Optional.empty(), LIMITS);
  }

  private static void assertSameTensors(List<NamedTensor> expected, List<NamedTensor> actual) {
    assertEquals(expected.size(), actual.size());
    for (int i = 0; i < expected.size(); i++) {
      assertEquals(expected.get(i).name(), actual.get(i).name());
      assertTrue(
          expected.get(i).tensor().contentEquals(actual.get(i).tensor()), expected.get(i).name());
    }
  }
}
