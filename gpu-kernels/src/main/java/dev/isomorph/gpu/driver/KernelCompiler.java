package dev.isomorph.gpu.driver;

import static org.bytedeco.cuda.global.nvrtc.NVRTC_SUCCESS;
import static org.bytedeco.cuda.global.nvrtc.nvrtcCompileProgram;
import static org.bytedeco.cuda.global.nvrtc.nvrtcCreateProgram;
import static org.bytedeco.cuda.global.nvrtc.nvrtcDestroyProgram;
import static org.bytedeco.cuda.global.nvrtc.nvrtcGetCUBIN;
import static org.bytedeco.cuda.global.nvrtc.nvrtcGetCUBINSize;
import static org.bytedeco.cuda.global.nvrtc.nvrtcGetErrorString;
import static org.bytedeco.cuda.global.nvrtc.nvrtcGetProgramLog;
import static org.bytedeco.cuda.global.nvrtc.nvrtcGetProgramLogSize;
import static org.bytedeco.cuda.global.nvrtc.nvrtcVersion;

import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.cuda.nvrtc._nvrtcProgram;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.javacpp.SizeTPointer;

/**
 * Compiles kernels with NVRTC to machine code of one architecture: never to PTX, which a driver
 * older than the compiler would refuse. Arithmetic is strict: no contraction of a product and a sum
 * that the source does not ask for, no flushing of subnormals, correctly rounded division and root.
 * Safe for many threads.
 */
public final class KernelCompiler {
  private static final List<String> STRICT =
      List.of("--std=c++17", "--fmad=false", "--ftz=false", "--prec-div=true", "--prec-sqrt=true");

  private final int architecture;
  private final int driverVersion;
  private final String compilerVersion;
  private final CubinCache cache;

  /**
   * Makes a compiler.
   *
   * @param architecture as in {@link CudaContext#architecture}
   */
  public KernelCompiler(int architecture, int driverVersion, CubinCache cache) {
    this.architecture = architecture;
    this.driverVersion = driverVersion;
    this.cache = cache;
    int[] major = new int[1];
    int[] minor = new int[1];
    check(nvrtcVersion(major, minor), "tell its version");
    this.compilerVersion = major[0] + "." + minor[0];
  }

  /** {@return the options for a source, in order} */
  public static List<String> options(KernelSource source, int architecture) {
    List<String> options = new ArrayList<>();
    options.add("--gpu-architecture=sm_" + architecture);
    options.addAll(STRICT);
    source.macros().forEach(macro -> options.add("--define-macro=" + macro));
    return options;
  }

  /**
   * {@return the machine code of a source, from the cache if it is there}
   *
   * @throws IsomorphException {@link ErrorCode#INTERNAL} with the compiler's log if the source is
   *     wrong
   */
  public byte[] compile(KernelSource source) {
    List<String> options = options(source, architecture);
    List<String> parts = new ArrayList<>(options);
    parts.add("nvrtc " + compilerVersion);
    parts.add("driver " + driverVersion);
    parts.add(source.name());
    parts.add(source.text());
    String key = CubinCache.key(parts);
    Optional<byte[]> known = cache.get(key);
    if (known.isPresent()) {
      return known.get();
    }
    byte[] image = compile(source, options);
    cache.put(key, image);
    return image;
  }

  private static byte[] compile(KernelSource source, List<String> options) {
    _nvrtcProgram program = new _nvrtcProgram();
    try (BytePointer text = new BytePointer(source.text());
        BytePointer name = new BytePointer(source.name());
        PointerPointer<BytePointer> arguments =
            new PointerPointer<>(options.toArray(String[]::new));
        SizeTPointer size = new SizeTPointer(1)) {
      PointerPointer<Pointer> none = null;
      check(nvrtcCreateProgram(program, text, name, 0, none, none), "take " + source.name());
      try {
        int result = nvrtcCompileProgram(program, options.size(), arguments);
        if (result != NVRTC_SUCCESS) {
          throw refusal(source, result, log(program));
        }
        check(nvrtcGetCUBINSize(program, size), "give the size of " + source.name());
        byte[] image = new byte[Math.toIntExact(size.get())];
        try (BytePointer out = new BytePointer(image.length)) {
          check(nvrtcGetCUBIN(program, out), "give " + source.name());
          out.get(image);
        }
        return image;
      } finally {
        nvrtcDestroyProgram(program);
      }
    }
  }

  private static String log(_nvrtcProgram program) {
    try (SizeTPointer size = new SizeTPointer(1)) {
      check(nvrtcGetProgramLogSize(program, size), "give its log");
      try (BytePointer text = new BytePointer(Math.max(1, size.get()))) {
        check(nvrtcGetProgramLog(program, text), "give its log");
        return text.getString().strip();
      }
    }
  }

  private static IsomorphException refusal(KernelSource source, int result, String log) {
    return Diagnostic.error(
            ErrorCode.INTERNAL,
            "the kernels of %s do not compile: %s\n%s",
            source.name(),
            name(result),
            log)
        .toException();
  }

  private static void check(int result, String what) {
    if (result != NVRTC_SUCCESS) {
      throw Diagnostic.error(
              ErrorCode.RUN_FAILED, "the kernel compiler cannot %s: %s", what, name(result))
          .toException();
    }
  }

  private static String name(int result) {
    return nvrtcGetErrorString(result).getString();
  }
}
