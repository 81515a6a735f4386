package dev.isomorph.formats.torch;

import static dev.isomorph.formats.Fixtures.assertFails;
import static dev.isomorph.formats.Fixtures.assertMatches;
import static dev.isomorph.formats.Fixtures.path;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.isomorph.formats.Fixtures;
import dev.isomorph.formats.Fuzz;
import dev.isomorph.formats.TensorDigest;
import dev.isomorph.formats.numpy.NumpyArray;
import dev.isomorph.formats.pickle.DictValue;
import dev.isomorph.formats.pickle.InstanceValue;
import dev.isomorph.formats.pickle.PickleValue;
import dev.isomorph.formats.pickle.PickleWriter;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.diagnostic.Limits;
import dev.isomorph.ir.tensor.Storage;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.ir.tensor.TensorArena;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TorchFileTest {
  private static final Limits LIMITS = Limits.defaults();
  private final TensorArena arena = TensorArena.open("test");

  @AfterEach
  void close() {
    arena.close();
  }

  @Test
  void readsWhatTorchWrites() {
    int[] tensors = {0};
    Fixtures.digests("torch")
        .forEach(
            (file, rows) -> {
              Map<String, TensorRef> found = TorchTensors.byPath(read(file).root(), LIMITS);
              assertEquals(rows.keySet(), found.keySet(), file);
              rows.forEach((name, row) -> assertMatches(row, found.get(name).tensor()));
              tensors[0] += rows.size();
            });
    assertEquals(118, tensors[0]);
  }

  @Test
  void knowsTheContainers() {
    assertEquals(TorchFile.Container.ZIP, read("views.pt").container());
    assertEquals(TorchFile.Container.LEGACY, read("views_legacy.pt").container());
    assertEquals(TorchFile.Container.TAR, read("old.tar").container());
    assertEquals(TorchFile.Container.PICKLE, read("sklearn_like.pkl").container());
  }

  @Test
  void viewsShareTheirStorage() {
    for (String file : List.of("views.pt", "views_legacy.pt")) {
      Map<String, TensorRef> found = TorchTensors.byPath(read(file).root(), LIMITS);
      Object storage = found.get("base").named("base").identity();
      for (String view : List.of("slice", "matrix", "transposed", "step", "expanded", "scalar")) {
        assertSame(storage, found.get(view).named(view).identity(), file + " " + view);
      }
      assertNotSame(storage, found.get("channels_last").named("x").identity());
      assertEquals(2, read(file).storages().size());
      Storage.Dense slice =
          assertInstanceOf(Storage.Dense.class, found.get("slice").tensor().storage());
      assertTrue(slice.segment().isMapped());
      assertInstanceOf(Storage.Lazy.class, found.get("transposed").tensor().storage());
    }
  }

  @Test
  void tiedWeightsAreOneTensor() {
    for (String file : List.of("state_dict.pt", "state_dict_legacy.pth")) {
      StateDict state = StateDicts.pick(read(file), Optional.empty(), LIMITS);
      assertTrue(state.tensors().getFirst().isTiedTo(state.tensors().getLast()));
      assertEquals("embed.weight", state.tensors().getFirst().name());
      assertEquals("head.weight", state.tensors().getLast().name());
      assertEquals(4, state.metadata().orElseThrow().size());
    }
  }

  @Test
  void keepsWhatParametersAre() {
    Map<String, TensorRef> found = TorchTensors.byPath(read("parameters.pt").root(), LIMITS);
    assertEquals(TensorRef.Role.PARAMETER, found.get("p").role());
    assertTrue(found.get("p").requiresGrad());
    assertEquals(TensorRef.Role.PARAMETER, found.get("frozen").role());
    assertEquals(false, found.get("frozen").requiresGrad());
    assertEquals(TensorRef.Role.BUFFER, found.get("buffer").role());
    assertEquals(TensorRef.Role.TENSOR, found.get("grad").role());
    assertTrue(found.get("grad").requiresGrad());
    Map<String, TensorRef> attributed = TorchTensors.byPath(read("attributes.pt").root(), LIMITS);
    assertSame(attributed.get("a"), attributed.get("b"));
    assertTrue(attributed.get("a").state().isPresent());
  }

  @Test
  void refusesWhatHasNoDenseElementsByName() {
    Map<String, TensorRef> found = TorchTensors.byPath(read("unusual.pt").root(), LIMITS);
    assertEquals(
        "it is quantized (quint8, per_tensor_affine): its integers are not its values",
        found.get("quantized").refusal().orElseThrow());
    assertEquals("[3, 5, 7, 9, 11, 13]", longs(found.get("quantized").stored()));
    assertEquals(
        List.of("the float 0.5", "the int 3"),
        found.get("quantized").quantization().orElseThrow().parameters().stream()
            .map(PickleValue::describe)
            .toList());
    assertEquals("per_channel_affine", found.get("channel").quantization().orElseThrow().scheme());
    assertEquals(3, found.get("channel").quantization().orElseThrow().parameters().size());
    assertEquals(
        "it is a tensor of layout torch.sparse_coo", found.get("sparse").refusal().orElseThrow());
    assertEquals("[2, 3]", java.util.Arrays.toString(found.get("sparse").dims()));
    assertEquals(
        "it is a tensor of layout torch.sparse_csr", found.get("csr").refusal().orElseThrow());
    assertEquals(
        "its elements are not in the file (meta device)",
        found.get("meta").refusal().orElseThrow());
    assertEquals(
        "its dtype torch.complex32 has no counterpart",
        found.get("half_complex").refusal().orElseThrow());
    assertEquals("it is a tensor of layout nested", found.get("nested").refusal().orElseThrow());
    assertEquals("f4e2m1[2,8]", found.get("float4").tensor().typeText());
    assertFails(
        """
        error[UNSUPPORTED_FEATURE]
          the tensor cannot be used: it is a tensor of layout torch.sparse_coo
        """,
        () -> found.get("sparse").tensor());
    IsomorphException all =
        org.junit.jupiter.api.Assertions.assertThrows(
            IsomorphException.class,
            () -> StateDicts.pick(read("unusual.pt"), Optional.empty(), LIMITS));
    assertEquals(7, all.diagnostics().size());
  }

  @Test
  void readsTheOtherValuesOfACheckpoint() {
    DictValue root = (DictValue) read("checkpoint.pt").root();
    assertEquals("the int 3", describe(root, "epoch"));
    assertEquals("an object of 'argparse.Namespace'", describe(root, "args"));
    InstanceValue arguments = (InstanceValue) root.get("args").orElseThrow();
    assertEquals("the float 0.01", arguments.attribute("lr").orElseThrow().describe());
    assertEquals("a defaultdict of 1", describe(root, "history"));
    assertEquals("a NumPy array of f32[2,3]", describe(root, "numpy"));
    assertEquals("[0.0, 1.0, 2.0, 3.0, 4.0, 5.0]", doubles(root, "numpy"));
    assertEquals(
        "[0, 1, 2, 3, 4, 5]", longs(((NumpyArray) root.get("fortran").orElseThrow()).tensor()));
    assertEquals("[0.125]", doubles(root, "np_scalar"));
    assertEquals(false, ((NumpyArray) root.get("objects").orElseThrow()).hasTensor());
    assertSame(TorchDType.BFLOAT16, root.get("dtype").orElseThrow());
    assertEquals("a torch.Size of 2", describe(root, "size"));
    assertEquals("the device cuda:1", describe(root, "device"));
    assertEquals("the complex number 1.0-2.0j", describe(root, "complex"));
  }

  @Test
  void readsPickledModulesAsInertObjects() {
    PickleValue root = read("module.pt").root();
    assertEquals("an object of '__main__.Tied'", root.describe());
    StateDict state = StateDicts.pick(read("module.pt"), Optional.empty(), LIMITS);
    StateDict expected = StateDicts.pick(read("state_dict.pt"), Optional.empty(), LIMITS);
    assertEquals(names(expected), names(state));
  }

  @Test
  void oldFilesCarryTheSourceOfTheirModules() {
    PickleWriter object =
        new PickleWriter().mark().string("module").global("net", "Net").string("net.py");
    object.string("class Net(nn.Module): ...").tuple().persistentId().emptyTuple().newObject();
    java.io.ByteArrayOutputStream stream = new java.io.ByteArrayOutputStream();
    stream.writeBytes(LegacyReader.FIRST_BYTES);
    stream.writeBytes(new PickleWriter().integer(LegacyReader.PROTOCOL).finish());
    stream.writeBytes(new PickleWriter().emptyDict().finish());
    stream.writeBytes(object.finish());
    stream.writeBytes(new PickleWriter().emptyList().finish());
    TorchFile file = read(stream.toByteArray());
    assertEquals("an object of 'net.Net'", file.root().describe());
    assertEquals(
        List.of(new ModuleSource("net.Net", "net.py", "class Net(nn.Module): ...")),
        file.sources());
    assertEquals(List.of(), read("module.pt").sources());
  }

  @Test
  void readsTorchScriptArchives() {
    TorchArchive archive = TorchArchive.open(path("torch/script.pt"), arena, LIMITS);
    assertTrue(archive.isTorchScript());
    assertEquals(3, archive.version());
    assertEquals(
        List.of("0/weight", "0/bias"),
        List.copyOf(TorchTensors.byPath(archive.readPickle("data"), LIMITS).keySet()));
    assertEquals("a tuple of 0", archive.readPickle("constants").describe());
    archive.verifyChecksums();
  }

  @Test
  void readsShardedStateDicts() {
    assertEquals(
        List.of("a", "b"),
        TorchIndex.read(path("torch/pytorch_model.bin.index.json"), arena, LIMITS).stream()
            .map(dev.isomorph.formats.NamedTensor::name)
            .toList());
  }

  @Test
  void streamsInBytesAreReadToASmallDepth() {
    byte[] stream = "N.".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    for (int i = 0; i < 6; i++) {
      java.io.ByteArrayOutputStream out = new java.io.ByteArrayOutputStream();
      out.writeBytes(
          "ctorch.storage\n_load_from_bytes\nB"
              .getBytes(java.nio.charset.StandardCharsets.US_ASCII));
      out.write(stream.length);
      out.writeBytes(new byte[] {(byte) (stream.length >> 8), 0, 0});
      out.writeBytes(stream);
      out.writeBytes(new byte[] {(byte) 0x85, 'R', '.'});
      stream = out.toByteArray();
    }
    byte[] deep = stream;
    IsomorphException e =
        org.junit.jupiter.api.Assertions.assertThrows(IsomorphException.class, () -> read(deep));
    assertTrue(
        e.getMessage().contains("the nesting of pickles in pickles is beyond what is allowed"),
        e.getMessage());
  }

  @Test
  void bytesOfOldStringsAreNativeMemory() {
    PickleValue root =
        read("cnumpy.core.multiarray\nscalar\n(cnumpy\ndtype\n(S'u2'\ntRS'\\xff\\x01'\ntR."
                .getBytes(java.nio.charset.StandardCharsets.US_ASCII))
            .root();
    assertEquals("[511]", longs(((NumpyArray) root).tensor()));
    assertTrue(((Storage.Dense) ((NumpyArray) root).tensor().storage()).segment().isNative());
  }

  @Test
  void noticesAChangedPickle() throws IOException {
    byte[] file = Files.readAllBytes(path("torch/state_dict.pt"));
    int at = new String(file, java.nio.charset.StandardCharsets.ISO_8859_1).indexOf("embed.weight");
    file[at] ^= 1;
    IsomorphException e =
        org.junit.jupiter.api.Assertions.assertThrows(IsomorphException.class, () -> read(file));
    assertTrue(
        e.getMessage().startsWith("error[FORMAT_CHECKSUM] state_dict/data.pkl at byte "),
        e.getMessage());
  }

  @Test
  void takesAnyBytes() throws IOException {
    List<byte[]> zips = new ArrayList<>();
    for (String name : List.of("state_dict.pt", "unusual.pt", "big_endian.pt", "attributes.pt")) {
      zips.add(withoutChecksums(Files.readAllBytes(path("torch/" + name))));
    }
    Fuzz.run(zips, TorchFileTest::readAll);
    List<byte[]> streams = new ArrayList<>();
    for (String name :
        List.of(
            "views_legacy.pt",
            "dtypes_legacy.pt",
            "old.tar",
            "sklearn_like.pkl",
            "dumped2.pkl",
            "dumped4.pkl")) {
      streams.add(Files.readAllBytes(path("torch/" + name)));
    }
    Fuzz.run(streams, TorchFileTest::readAll);
  }

  /**
   * Sets every CRC of the central directory to "unknown", so that mutations reach the pickle
   * reader.
   */
  private static byte[] withoutChecksums(byte[] zip) {
    for (int i = 0; i + 20 < zip.length; i++) {
      if (zip[i] == 'P' && zip[i + 1] == 'K' && zip[i + 2] == 1 && zip[i + 3] == 2) {
        java.util.Arrays.fill(zip, i + 16, i + 20, (byte) 0);
      }
    }
    return zip;
  }

  private static void readAll(java.lang.foreign.MemorySegment file, TensorArena owner) {
    TorchFile read = TorchFile.read(file, owner, Fuzz.LIMITS);
    for (TensorRef tensor : TorchTensors.byPath(read.root(), Fuzz.LIMITS).values()) {
      if (tensor.refusal().isEmpty()) {
        assertEquals(64, TensorDigest.sha256(tensor.tensor()).length());
      }
    }
    StateDicts.pick(read, Optional.empty(), Fuzz.LIMITS);
  }

  private TorchFile read(String name) {
    return TorchFile.read(path("torch/" + name), arena, LIMITS);
  }

  private TorchFile read(byte[] file) {
    return TorchFile.read(Fixtures.map(file, arena), arena, LIMITS);
  }

  private static List<String> names(StateDict state) {
    return state.tensors().stream().map(dev.isomorph.formats.NamedTensor::name).toList();
  }

  private static String describe(DictValue dict, String key) {
    return dict.get(key).orElseThrow().describe();
  }

  private static String doubles(DictValue dict, String key) {
    return java.util.Arrays.toString(
        ((NumpyArray) dict.get(key).orElseThrow()).tensor().toDoubles());
  }

  private static String longs(Tensor tensor) {
    return java.util.Arrays.toString(tensor.toLongs());
  }
}
