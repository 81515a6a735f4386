import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * Builds the stand-ins for CUDA's libraries with the machine's g++. Where there is none, a file
 * {@code skipped} says why, and the device tests are skipped with that reason.
 *
 * <p>Arguments: the folder with the sources, the folder for the libraries.
 */
final class BuildEmulation {
  private BuildEmulation() {}

  /** Runs the build. */
  public static void main(String[] args) throws IOException, InterruptedException {
    Path sources = Path.of(args[0]).toAbsolutePath();
    Path out = Path.of(args[1]).toAbsolutePath();
    Files.createDirectories(out);
    Path skipped = out.resolve("skipped");
    String reason = whyNot();
    if (!reason.isEmpty()) {
      System.out.println("The tests of the CUDA device will be skipped: " + reason);
      Files.writeString(skipped, reason);
      return;
    }
    Files.deleteIfExists(skipped);
    if (isCurrent(sources, out)) {
      return;
    }
    // What was compiled against an older emulator does not fit the new one.
    clear(out.resolveSibling("cache"));
    build(
        sources, out, "libcudart.so.13", List.of("-Wl,--version-script=cudart.map"), "cudart.cpp");
    build(
        sources,
        out,
        "libnvrtc.so.13",
        List.of("-Wl,--version-script=nvrtc.map", "-DEMULATION_INCLUDE=\"" + sources + "\""),
        "nvrtc.cpp");
    build(sources, out, "libcuda.so.1", List.of(), "driver.cpp", "memory.cpp", "threads.cpp");
  }

  private static String whyNot() throws IOException, InterruptedException {
    String machine = System.getProperty("os.name") + " " + System.getProperty("os.arch");
    if (!machine.equals("Linux amd64")) {
      return "the emulation is for Linux on x86-64, this is " + machine;
    }
    try {
      return run(Path.of("."), List.of("g++", "--version"), false) == 0 ? "" : "g++ does not run";
    } catch (IOException e) {
      return "there is no g++";
    }
  }

  private static boolean isCurrent(Path sources, Path out) throws IOException {
    Path last = out.resolve("libcuda.so.1");
    if (!Files.exists(last)) {
      return false;
    }
    try (Stream<Path> files = Files.list(sources)) {
      for (Path file : files.toList()) {
        if (Files.getLastModifiedTime(file).compareTo(Files.getLastModifiedTime(last)) > 0) {
          return false;
        }
      }
    }
    return true;
  }

  private static void clear(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  private static void build(
      Path sources, Path out, String library, List<String> options, String... files)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of("g++", "-std=c++17", "-O2", "-g1", "-Wall", "-Wextra", "-Werror", "-fPIC"));
    command.addAll(List.of("-shared", "-fvisibility=hidden", "-Wl,-soname," + library));
    command.addAll(options);
    command.addAll(List.of("-o", out.resolve(library).toString()));
    command.addAll(Arrays.asList(files));
    command.add("-ldl");
    if (run(sources, command, true) != 0) {
      throw new IOException("g++ could not build " + library);
    }
  }

  private static int run(Path folder, List<String> command, boolean show)
      throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
    builder.redirectErrorStream(true);
    builder.redirectOutput(
        show ? ProcessBuilder.Redirect.INHERIT : ProcessBuilder.Redirect.DISCARD);
    return builder.start().waitFor();
  }
}
