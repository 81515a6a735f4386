package dev.isomorph.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.isomorph.gpu.driver.CubinCache;
import dev.isomorph.gpu.driver.CudaAllocator;
import dev.isomorph.gpu.driver.CudaContext;
import dev.isomorph.gpu.driver.CudaModule;
import dev.isomorph.gpu.driver.CudaStream;
import dev.isomorph.gpu.driver.DeviceBuffer;
import dev.isomorph.gpu.driver.KernelCompiler;
import dev.isomorph.gpu.driver.KernelSource;
import dev.isomorph.gpu.driver.LaunchArguments;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.tensor.Tensor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests the emulation itself: it must find faults that are planted, and let sound kernels pass. */
@DeviceTest
class PlantedFaultsTest {
  private static final int THREADS = 64;

  private CudaModule module;
  private CudaStream stream;
  private CudaAllocator allocator;

  @BeforeEach
  void open() throws IOException {
    assumeTrue(Emulation.isOn(), "a real device reports faults otherwise, and may be left broken");
    CudaContext context = new CudaContext(0);
    context.use();
    String text;
    try (var in = PlantedFaultsTest.class.getResourceAsStream("planted.cu")) {
      text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
    KernelCompiler compiler =
        new KernelCompiler(context.architecture(), context.driverVersion(), CubinCache.ofUser());
    module =
        new CudaModule(
            "planted.cu", compiler.compile(new KernelSource("planted.cu", text, List.of())));
    stream = new CudaStream();
    allocator = new CudaAllocator(context, stream, true);
  }

  @AfterEach
  void close() {
    Emulation.order(0);
    if (allocator != null) {
      allocator.close();
      stream.close();
    }
  }

  private float[] launch(String kernel, int blocks, boolean withInput) {
    Tensor x = DeviceRuns.random(1, THREADS);
    DeviceBuffer in = allocator.allocate(x.byteSize());
    DeviceBuffer out = allocator.allocate(x.byteSize());
    stream.upload(x.segment(), in);
    stream.launch(
        module.function(kernel),
        CudaStream.Grid.of(blocks, THREADS),
        new LaunchArguments().pointer(withInput ? in : null).pointer(out));
    stream.synchronize();
    allocator.checkRedZones(kernel);
    var bytes = Tensor.allocate(x.byteSize());
    stream.download(out, bytes);
    stream.synchronize();
    return Tensor.of(x.dtype(), x.dims(), bytes).toFloats();
  }

  @ParameterizedTest
  @CsvSource({"tree", "warp_sum"})
  void soundKernelsPassInEveryOrder(String kernel) {
    float[] first = null;
    for (int order : Emulation.ORDERS) {
      Emulation.order(order);
      float[] y = launch(kernel, 1, true);
      assertTrue(first == null || first[0] == y[0]);
      first = y;
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "missing_barrier      | 1 | CUDA_ERROR_LAUNCH_FAILED | without a barrier between them",
        "divergent_barrier    | 1 | CUDA_ERROR_LAUNCH_FAILED | divergent __syncthreads inside a"
            + " warp",
        "barrier_for_one_warp | 1 | CUDA_ERROR_LAUNCH_FAILED | divergent __syncthreads between"
            + " warps",
        "divergent_shuffle    | 1 | CUDA_ERROR_LAUNCH_FAILED | divergent warp primitive",
        "blocks_collide       | 2 | CUDA_ERROR_LAUNCH_FAILED | without a barrier between them",
      })
  void faultsOfOrderAreFoundInEveryOrder(String kernel, int blocks, String name, String text) {
    for (int order : Emulation.ORDERS) {
      Emulation.order(order);
      IsomorphException e =
          assertThrows(IsomorphException.class, () -> launch(kernel, blocks, true));
      String message = e.diagnostics().getFirst().message();
      assertTrue(message.startsWith("CUDA cannot launch kernel " + kernel + ": " + name), message);
      assertTrue(message.contains(text), message);
    }
  }

  @Test
  void aNullPointerIsAnIllegalAddress() {
    String message =
        assertThrows(IsomorphException.class, () -> launch("null_pointer", 1, false))
            .diagnostics()
            .getFirst()
            .message();
    assertEquals(
        "CUDA cannot launch kernel null_pointer: CUDA_ERROR_ILLEGAL_ADDRESS"
            + " (read of 4 bytes of host memory at 0x0)",
        message);
  }

  @Test
  void aWriteBehindABufferIsFoundInItsRedZone() {
    IsomorphException e =
        assertThrows(IsomorphException.class, () -> launch("write_behind", 1, true));
    assertEquals(
        "write_behind wrote behind a buffer of 256 bytes", e.diagnostics().getFirst().message());
  }

  @Test
  void withoutRedZonesAccessesOutsideABufferAreIllegalAddresses() {
    allocator.close();
    CudaContext context = new CudaContext(0);
    allocator = new CudaAllocator(context, stream, false);
    for (String kernel : List.of("write_behind", "read_before")) {
      String message =
          assertThrows(IsomorphException.class, () -> launch(kernel, 1, true))
              .diagnostics()
              .getFirst()
              .message();
      assertTrue(message.contains("CUDA_ERROR_ILLEGAL_ADDRESS"), message);
      assertTrue(message.contains("outside every allocation"), message);
    }
  }
}
