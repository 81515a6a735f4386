package dev.isomorph.formats.sniff;

import static dev.isomorph.formats.Fixtures.path;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.isomorph.formats.OutputFile;
import dev.isomorph.formats.archive.ZipWriter;
import dev.isomorph.formats.pickle.PickleScan.Verdict;
import dev.isomorph.formats.pickle.PickleWriter;
import dev.isomorph.ir.diagnostic.Limits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelScanTest {
  private static final Limits LIMITS = Limits.defaults();

  @TempDir Path folder;

  @Test
  void weightsAreHarmless() {
    for (String file :
        List.of(
            "state_dict.pt",
            "state_dict_legacy.pth",
            "dtypes.pt",
            "old.tar",
            "attributes.pt",
            "unusual.pt",
            "dumped2.pkl",
            "dumped4.pkl")) {
      assertEquals(Verdict.HARMLESS, scan(path("torch/" + file)).verdict(), file);
    }
    assertEquals(Verdict.HARMLESS, scan(path("safetensors/tied.safetensors")).verdict());
    assertEquals(Verdict.HARMLESS, scan(path("numpy/stored.npz")).verdict());
  }

  @Test
  void modulesAreUnknownCode() {
    ModelScan.Report report = scan(path("torch/module.pt"));
    assertEquals(Verdict.UNKNOWN, report.verdict());
    assertEquals("module/data.pkl", report.pickles().getFirst().entry());
    assertEquals(
        "__main__.Tied", report.pickles().getFirst().report().calls().getFirst().callable());
  }

  @Test
  void torchScriptIsNoPythonCode() {
    ModelScan.Report report = scan(path("torch/script.pt"));
    assertEquals(
        List.of("TorchScript, which PyTorch interprets without Python"),
        report.code().stream().map(ModelScan.Code::what).distinct().toList());
  }

  @Test
  void everyContainerIsLookedInto() throws IOException {
    byte[] evil = evil();
    Path plain = folder.resolve("evil.pkl");
    Files.write(plain, evil);
    dangerous(plain, "");
    Path zip = folder.resolve("evil.pt");
    zip(zip, "archive/data.pkl", evil, "archive/version", "3".getBytes());
    dangerous(zip, "archive/data.pkl");
    Path mar = folder.resolve("evil.mar");
    zip(mar, "MAR-INF/MANIFEST.json", "{}".getBytes(), "m.pt", Files.readAllBytes(zip));
    dangerous(mar, "m.pt › archive/data.pkl");
    Path legacy = folder.resolve("evil.pth");
    byte[] stream = Files.readAllBytes(path("torch/state_dict_legacy.pth"));
    byte[] bad = new byte[stream.length + evil.length];
    // The magic number and the protocol stay; the third pickle is replaced.
    System.arraycopy(stream, 0, bad, 0, 21);
    System.arraycopy(evil, 0, bad, 21, evil.length);
    Files.write(legacy, bad);
    dangerous(legacy, "");
    Path objects = folder.resolve("evil.npy");
    byte[] array = Files.readAllBytes(path("numpy/objects.npy"));
    byte[] poisoned = java.util.Arrays.copyOf(array, 128 + evil.length);
    System.arraycopy(evil, 0, poisoned, 128, evil.length);
    Files.write(objects, poisoned);
    dangerous(objects, "");
  }

  @Test
  void lambdaLayersAreCode() {
    Path keras = folder.resolve("m.keras");
    String config =
        "{\"config\": {\"layers\": [{\"class_name\": \"Lambda\", \"config\": {\"function\":"
            + " \"4wE=\"}}]}}";
    zip(keras, "config.json", config.getBytes(), "model.weights.h5", new byte[] {1});
    ModelScan.Report report = scan(keras);
    assertEquals(Verdict.DANGEROUS, report.verdict());
    assertEquals(
        "a Lambda layer of Keras, which runs Python code", report.code().getFirst().what());
  }

  @Test
  void whatWasNotLookedIntoIsSaid() throws IOException {
    Path file = folder.resolve("x.h5");
    Files.write(file, java.util.HexFormat.of().parseHex("894844460d0a1a0a"));
    ModelScan.Report report = scan(file);
    assertEquals(Verdict.UNKNOWN, report.verdict());
    assertEquals(
        "the layers of an HDF5 file are not looked into: a Lambda layer would run code",
        report.notes().getFirst().message());
  }

  private void dangerous(Path file, String entry) {
    ModelScan.Report report = scan(file);
    assertEquals(Verdict.DANGEROUS, report.verdict(), file.toString());
    ModelScan.Part part =
        report.pickles().stream()
            .filter(p -> p.report().verdict() == Verdict.DANGEROUS)
            .findFirst()
            .orElseThrow();
    assertEquals(entry, part.entry());
    assertEquals("('touch /tmp/hacked')", part.report().calls().getFirst().arguments());
  }

  private static byte[] evil() {
    return new PickleWriter()
        .global("posix", "system")
        .mark()
        .string("touch /tmp/hacked")
        .tuple()
        .reduce()
        .finish();
  }

  private static void zip(
      Path file, String name, byte[] content, String other, byte[] otherContent) {
    OutputFile.write(
        file,
        out -> {
          ZipWriter zip = new ZipWriter(out);
          zip.add(name, content);
          zip.add(other, otherContent);
          zip.finish();
        });
  }

  private static ModelScan.Report scan(Path file) {
    return ModelScan.scan(file, LIMITS);
  }
}
