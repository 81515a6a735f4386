package dev.isomorph.gpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.isomorph.gpu.driver.CubinCache;
import dev.isomorph.gpu.driver.CudaAllocator;
import dev.isomorph.gpu.driver.CudaContext;
import dev.isomorph.gpu.driver.CudaModule;
import dev.isomorph.gpu.driver.CudaStream;
import dev.isomorph.gpu.driver.DeviceBuffer;
import dev.isomorph.gpu.driver.KernelCompiler;
import dev.isomorph.gpu.driver.KernelSource;
import dev.isomorph.ir.Model;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.runtime.RunOptions;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Memory, copies, compilation and what they say when they fail. */
@DeviceTest
class DriverDeviceTest {
  private static final String NET =
      """
      graph main(%x: f32[1000]) -> (%y) {
        %h = Exp(%x)
        %y = Neg(%h)
      }
      """;

  private CudaContext context;
  private CudaStream stream;
  private CudaAllocator allocator;

  @BeforeEach
  void open() {
    context = new CudaContext(0);
    context.use();
    stream = new CudaStream();
    allocator = new CudaAllocator(context, stream, false);
  }

  @AfterEach
  void close() {
    allocator.close();
    stream.close();
  }

  private KernelCompiler compiler(Path cache) {
    return new KernelCompiler(
        context.architecture(), context.driverVersion(), new CubinCache(cache));
  }

  @Test
  void mappedSlicesAreCopiedAtAnyAlignment(@TempDir Path folder) throws IOException {
    byte[] bytes = new byte[5000];
    new java.util.Random(1).nextBytes(bytes);
    Path file = Files.write(folder.resolve("weights"), bytes);
    try (FileChannel channel = FileChannel.open(file);
        Arena arena = Arena.ofConfined()) {
      MemorySegment slice =
          channel.map(FileChannel.MapMode.READ_ONLY, 0, 5000, arena).asSlice(13, 4001);
      DeviceBuffer buffer = allocator.allocate(4001);
      stream.upload(slice, buffer);
      MemorySegment back = arena.allocate(4001);
      stream.download(buffer, back);
      stream.synchronize();
      assertEquals(-1, back.mismatch(slice));
    }
  }

  @Test
  void copiesThatDoNotFitAreRefused() {
    DeviceBuffer buffer = allocator.allocate(10);
    MemorySegment host = Tensor.allocate(11);
    assertEquals(
        "11 bytes do not fit a buffer of 10",
        assertThrows(IllegalArgumentException.class, () -> stream.upload(host, buffer))
            .getMessage());
  }

  @Test
  void freedMemoryIsUsedAgainAndNoLongerByItsOwner() {
    DeviceBuffer first = allocator.allocate(1000);
    long address = first.address();
    first.retain();
    first.release();
    assertEquals(address, first.address());
    first.release();
    assertEquals(0, allocator.liveBytes());
    assertEquals(
        "the device buffer is freed",
        assertThrows(IllegalStateException.class, first::address).getMessage());
    assertThrows(IllegalStateException.class, first::release);
    assertEquals(address, allocator.allocate(999).address());
    assertTrue(allocator.peakBytes() >= 1000);
  }

  @Test
  void moreMemoryThanThereIsIsAnErrorWithNumbers() {
    DeviceBuffer some = allocator.allocate(1 << 20);
    some.release();
    IsomorphException e = assertThrows(IsomorphException.class, () -> allocator.allocate(1L << 50));
    assertEquals(ErrorCode.RUN_FAILED, e.code());
    assertEquals("the device has not enough memory", e.diagnostics().getFirst().message());
    assertEquals((1L << 50) + " bytes", e.diagnostics().getFirst().expected());
    assertTrue(e.diagnostics().getFirst().actual().endsWith(" bytes free"), e.getMessage());
  }

  @Test
  void aWrongSourceIsOurOwnFaultWithTheCompilersLog(@TempDir Path cache) {
    KernelSource wrong =
        new KernelSource(
            "wrong.cu",
            "extern \"C\" __global__ void k(float* x) { x[0] = undeclared_name; }",
            List.of());
    IsomorphException e =
        assertThrows(IsomorphException.class, () -> compiler(cache).compile(wrong));
    assertEquals(ErrorCode.INTERNAL, e.code());
    String message = e.diagnostics().getFirst().message();
    assertTrue(
        message.startsWith(
            "the kernels of wrong.cu do not compile: NVRTC_ERROR_COMPILATION\nwrong.cu"),
        message);
    assertTrue(message.contains("undeclared_name"), message);
  }

  @Test
  void whatWasCompiledIsKept(@TempDir Path cache) throws IOException {
    KernelSource source =
        new KernelSource(
            "k.cu", "extern \"C\" __global__ void k(NUMBER* x) { *x = 1; }", List.of("NUMBER=int"));
    byte[] made = compiler(cache).compile(source);
    assertArrayEquals(made, compiler(cache).compile(source));
    compiler(cache)
        .compile(new KernelSource(source.name(), source.text(), List.of("NUMBER=float")));
    try (var files = Files.list(cache)) {
      assertEquals(2, files.count());
    }
    IsomorphException e =
        assertThrows(
            IsomorphException.class, () -> new CudaModule("k.cu", made).function("another"));
    assertTrue(
        e.diagnostics()
            .getFirst()
            .message()
            .startsWith("CUDA cannot find kernel another in k.cu: CUDA_ERROR_NOT_FOUND"),
        e.getMessage());
  }

  @Test
  void theDevicesTimeIsMeasured() {
    DeviceBuffer buffer = allocator.allocate(1 << 20);
    assertTrue(stream.time(() -> stream.fill(buffer.address(), (byte) 0, 1 << 20)) >= 0);
  }

  @Test
  void runsThatOnlyTheCpuOffersAreRefused() {
    try (Model model = DeviceRuns.model(NET)) {
      IsomorphException e =
          assertThrows(
              IsomorphException.class,
              () ->
                  DeviceRuns.device()
                      .prepare(model.signature(), RunOptions.OWN.withPerturbation(1)));
      assertEquals(
          """
          error[UNSUPPORTED_FEATURE]
            the CUDA device runs in one order of sums alone, with nothing moved
            help:     run on the CPU to measure how a model rounds\
          """,
          e.getMessage());
    }
  }

  @Test
  void memoryBoundsAreKept() {
    try (Model model = DeviceRuns.model(NET);
        CudaGraph graph =
            DeviceRuns.device().prepare(model.signature(), RunOptions.OWN.withMaxMemory(4096))) {
      List<dev.isomorph.ir.tensor.Datum> inputs = List.of(DeviceRuns.random(1, 1000));
      IsomorphException e = assertThrows(IsomorphException.class, () -> graph.run(inputs));
      assertEquals(ErrorCode.RUN_FAILED, e.code());
      assertEquals("\"h\" (Exp)", e.diagnostics().getFirst().node());
      assertEquals("at most 4096 bytes", e.diagnostics().getFirst().expected());
    }
  }

  @Test
  void aClosedGraphSaysSo() {
    try (Model model = DeviceRuns.model(NET)) {
      CudaGraph graph = DeviceRuns.device().prepare(model.signature(), RunOptions.OWN);
      graph.close();
      graph.close();
      assertEquals(
          "the graph 'main' is closed",
          assertThrows(
                  IllegalStateException.class, () -> graph.run(List.of(DeviceRuns.random(1, 1000))))
              .getMessage());
    }
  }
}
