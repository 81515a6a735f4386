package dev.isomorph.gpu.kernel;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.isomorph.gpu.driver.KernelCompiler;
import dev.isomorph.gpu.driver.KernelSource;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/**
 * Compiles every source with NVIDIA's own compiler, which needs no GPU: {@code ISOMORPH_NVRTC_DIR}
 * names the folder of {@code libnvrtc.so.13}, as the Python package {@code nvidia-cuda-nvrtc} has
 * it.
 */
@EnabledIfEnvironmentVariable(named = "ISOMORPH_NVRTC_DIR", matches = ".+")
class NvrtcCompileTest {
  /** Oldest and newest architectures that are compiled for. */
  private static final List<Integer> ARCHITECTURES = List.of(75, 90);

  /** Registers of one thread with which a multiprocessor still holds 1024 threads. */
  private static final int MOST_REGISTERS = 64;

  /** Kernels that may use more: a tile of doubles, or many lengths of 64 bits. */
  private static final Map<String, Integer> MORE_REGISTERS =
      Map.of("gemm", 160, "convolution", 96, "max_pool", 96);

  private static final Pattern FUNCTION = Pattern.compile("Compiling entry function '(\\w+)'");
  private static final Pattern SPILLS =
      Pattern.compile("(\\d+) bytes spill stores, (\\d+) bytes spill loads");
  private static final Pattern REGISTERS = Pattern.compile("Used (\\d+) registers");

  private static SymbolLookup nvrtc;

  /** What the compiler says of one kernel. */
  private record Usage(String source, String kernel, int registers, int spills) {}

  @BeforeAll
  @SuppressWarnings("restricted")
  static void load() throws IOException {
    Path folder = Path.of(System.getenv("ISOMORPH_NVRTC_DIR"));
    try (var files = Files.newDirectoryStream(folder, "libnvrtc-builtins.so.*")) {
      for (Path file : files) {
        SymbolLookup.libraryLookup(file, Arena.global());
      }
    }
    nvrtc = SymbolLookup.libraryLookup(folder.resolve("libnvrtc.so.13"), Arena.global());
  }

  @Test
  void everyKernelCompilesWithoutSpills() {
    List<KernelSource> sources = new ArrayList<>(AllSources.handWritten());
    sources.addAll(AllSources.generated());
    List<String> tooMuch = new ArrayList<>();
    for (int architecture : ARCHITECTURES) {
      Map<String, Integer> most = new TreeMap<>();
      for (KernelSource source : sources) {
        for (Usage usage : usage(log(source, architecture), source)) {
          most.merge(usage.kernel, usage.registers, Math::max);
          int allowed = MORE_REGISTERS.getOrDefault(usage.kernel, MOST_REGISTERS);
          if (usage.spills > 0 || usage.registers > allowed) {
            tooMuch.add("sm_" + architecture + " " + usage);
          }
        }
      }
      System.out.println(
          "sm_" + architecture + ": " + sources.size() + " sources, registers at most " + most);
    }
    assertEquals(List.of(), tooMuch);
  }

  private static List<Usage> usage(String log, KernelSource source) {
    List<Usage> found = new ArrayList<>();
    String kernel = "";
    int spills = -1;
    for (String line : log.lines().toList()) {
      Matcher function = FUNCTION.matcher(line);
      Matcher spilled = SPILLS.matcher(line);
      Matcher registers = REGISTERS.matcher(line);
      if (function.find()) {
        kernel = function.group(1);
      } else if (spilled.find()) {
        spills = Integer.parseInt(spilled.group(1)) + Integer.parseInt(spilled.group(2));
      } else if (registers.find()) {
        String name = source.name() + " " + source.macros();
        found.add(new Usage(name, kernel, Integer.parseInt(registers.group(1)), spills));
      }
    }
    assertTrue(!found.isEmpty(), () -> "no kernel was compiled: " + log);
    return found;
  }

  private static String log(KernelSource source, int architecture) {
    List<String> options = new ArrayList<>(KernelCompiler.options(source, architecture));
    options.add("--ptxas-options=-v");
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ADDRESS);
      MemorySegment none = MemorySegment.NULL;
      MemorySegment text = arena.allocateFrom(source.text());
      MemorySegment name = arena.allocateFrom(source.name());
      assertEquals(0, call("nvrtcCreateProgram", out, text, name, 0, none, none));
      MemorySegment program = out.get(ADDRESS, 0);
      MemorySegment list = arena.allocate(ADDRESS, options.size());
      for (int i = 0; i < options.size(); i++) {
        list.setAtIndex(ADDRESS, i, arena.allocateFrom(options.get(i)));
      }
      int result = call("nvrtcCompileProgram", program, options.size(), list);
      MemorySegment size = arena.allocate(JAVA_LONG);
      call("nvrtcGetProgramLogSize", program, size);
      MemorySegment log = arena.allocate(size.get(JAVA_LONG, 0));
      call("nvrtcGetProgramLog", program, log);
      call("nvrtcDestroyProgram", out);
      assertEquals(0, result, () -> source.name() + source.macros() + "\n" + log.getString(0));
      return log.getString(0);
    }
  }

  @SuppressWarnings("restricted")
  private static int call(String name, Object... arguments) {
    MemoryLayout[] layouts = new MemoryLayout[arguments.length];
    for (int i = 0; i < layouts.length; i++) {
      layouts[i] = arguments[i] instanceof MemorySegment ? ADDRESS : JAVA_INT;
    }
    try {
      return (int)
          Linker.nativeLinker()
              .downcallHandle(nvrtc.findOrThrow(name), FunctionDescriptor.of(JAVA_INT, layouts))
              .invokeWithArguments(arguments);
    } catch (Throwable t) {
      throw new IllegalStateException(name + " could not be called", t);
    }
  }
}
