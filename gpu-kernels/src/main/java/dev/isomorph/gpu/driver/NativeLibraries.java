package dev.isomorph.gpu.driver;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Finds and loads the shared libraries that the bindings are linked with, before a class of the
 * bindings is touched: the dynamic linker then finds them by their names, wherever they came from.
 * Loaded libraries stay loaded. Safe for many threads.
 */
public final class NativeLibraries {
  /**
   * The libraries of the CUDA toolkit that are needed.
   *
   * @param compiler where NVRTC was found
   * @param missing names of those that were not found
   */
  public record Toolkit(Optional<String> compiler, List<String> missing) {
    public Toolkit {
      missing = List.copyOf(missing);
    }
  }

  private static final String RUNTIME = "libcudart.so.13";
  private static final String COMPILER = "libnvrtc.so.13";

  private static final class Holder {
    static final Toolkit TOOLKIT = load();
  }

  private NativeLibraries() {}

  /** {@return the driver's library, if it can be loaded} */
  public static Optional<SymbolLookup> driver() {
    return open("libcuda.so.1");
  }

  /** {@return the toolkit's libraries, loaded when this is first called} */
  public static Toolkit toolkit() {
    return Holder.TOOLKIT;
  }

  /** {@return what is missing of the Java bindings, if anything is} */
  public static Optional<String> missingBindings() {
    ClassLoader loader = NativeLibraries.class.getClassLoader();
    for (String name :
        List.of(
            "org.bytedeco.javacpp.Loader",
            "org.bytedeco.cuda.global.cudart",
            "org.bytedeco.cuda.global.nvrtc")) {
      try {
        Class.forName(name, false, loader);
      } catch (ClassNotFoundException | LinkageError e) {
        return Optional.of(
            "the bindings org.bytedeco:javacpp and org.bytedeco:cuda are not on the class path");
      }
    }
    String resource = "org/bytedeco/cuda/linux-x86_64/libjnicudart.so";
    return loader.getResource(resource) == null
        ? Optional.of("the bindings' native part org.bytedeco:cuda:linux-x86_64 is not there")
        : Optional.empty();
  }

  private static Toolkit load() {
    List<String> missing = new ArrayList<>();
    if (find(RUNTIME).isEmpty()) {
      missing.add(RUNTIME);
    }
    Optional<String> compiler = find(COMPILER);
    if (compiler.isEmpty()) {
      missing.add(COMPILER);
    }
    return new Toolkit(compiler, missing);
  }

  private static Optional<String> find(String name) {
    if (open(name).isPresent()) {
      return Optional.of(name);
    }
    for (Path folder : folders()) {
      Path file = folder.resolve(name);
      if (!Files.exists(file)) {
        continue;
      }
      if (name.equals(COMPILER)) {
        builtins(folder);
      }
      if (open(file.toString()).isPresent()) {
        return Optional.of(file.toString());
      }
    }
    return Optional.empty();
  }

  /** NVRTC opens the library of its built-in functions by name, so it must be there already. */
  private static void builtins(Path folder) {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "libnvrtc-builtins.so.*")) {
      for (Path file : files) {
        if (!file.toString().contains(".alt")) {
          open(file.toString());
        }
      }
    } catch (IOException e) {
      // Without it the compiler says what it misses, in the words of its own log.
    }
  }

  private static List<Path> folders() {
    List<Path> folders = new ArrayList<>();
    String named = System.getenv("ISOMORPH_CUDA_LIBRARIES");
    if (named != null) {
      for (String folder : named.split(java.io.File.pathSeparator)) {
        folders.add(Path.of(folder));
      }
    }
    for (String home : new String[] {System.getenv("CUDA_HOME"), System.getenv("CUDA_PATH")}) {
      if (home != null) {
        folders.add(Path.of(home, "lib64"));
      }
    }
    folders.add(Path.of("/usr/local/cuda/lib64"));
    folders.add(Path.of("/usr/local/cuda-13.1/targets/x86_64-linux/lib"));
    folders.add(Path.of("/usr/local/nvidia/lib64"));
    return folders;
  }

  @SuppressWarnings("restricted") // the one purpose of this class
  private static Optional<SymbolLookup> open(String name) {
    try {
      return Optional.of(SymbolLookup.libraryLookup(name, Arena.global()));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
