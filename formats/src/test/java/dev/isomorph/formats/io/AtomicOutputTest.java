package dev.isomorph.formats.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class AtomicOutputTest {
  @TempDir Path folder;

  private List<String> files() throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(p -> !p.equals(folder))
          .map(p -> folder.relativize(p).toString().replace('\\', '/'))
          .sorted()
          .toList();
    }
  }

  @Test
  void aFileAppearsWhenItIsComplete() throws IOException {
    Path target = folder.resolve("sub/out.bin");
    try (AtomicOutput output = AtomicOutput.file(target, false)) {
      Files.writeString(output.path(), "new");
      assertEquals(false, Files.exists(target));
      output.commit();
    }
    assertEquals(List.of("sub", "sub/out.bin"), files());
    assertEquals("new", Files.readString(target));
  }

  @Test
  void nothingIsLeftWithoutACommit() throws IOException {
    try (AtomicOutput file = AtomicOutput.file(folder.resolve("out.bin"), false);
        AtomicOutput tree = AtomicOutput.folder(folder.resolve("tree"), false)) {
      Files.writeString(file.path(), "half");
      Files.createDirectories(tree.path().resolve("a/b"));
      Files.writeString(tree.path().resolve("a/b/c"), "half");
    }
    assertEquals(List.of(), files());
  }

  @Test
  void aFolderIsReplacedWhole() throws IOException {
    Path target = folder.resolve("tree");
    for (String name : List.of("old", "new")) {
      try (AtomicOutput output = AtomicOutput.folder(target, true)) {
        Files.writeString(output.path().resolve(name), name);
        output.commit();
      }
    }
    assertEquals(List.of("tree", "tree/new"), files());
  }

  @Test
  void anExistingOutputStaysUnlessItMayBeReplaced() throws IOException {
    Path target = Files.writeString(folder.resolve("out.bin"), "old");
    IsomorphException e =
        assertThrows(IsomorphException.class, () -> AtomicOutput.file(target, false));
    assertEquals(
        """
        error[OUTPUT_EXISTS] %s
          the output exists already
          help:     give another name, or --force to replace it\
        """
            .formatted(target),
        e.getMessage());
    assertEquals("old", Files.readString(target));
  }

  @Test
  void anOutputThatAppearedMeanwhileStays() throws IOException {
    Path target = folder.resolve("out.bin");
    try (AtomicOutput output = AtomicOutput.file(target, false)) {
      Files.writeString(target, "someone else's");
      IsomorphException e = assertThrows(IsomorphException.class, output::commit);
      assertEquals(ErrorCode.OUTPUT_EXISTS, e.code());
    }
    assertEquals(List.of("out.bin"), files());
  }

  @Test
  void aFileIsNeverReplacedByAFolder() throws IOException {
    Path target = Files.writeString(folder.resolve("out"), "old");
    assertEquals(
        ErrorCode.OUTPUT_EXISTS,
        assertThrows(IsomorphException.class, () -> AtomicOutput.folder(target, true)).code());
  }

  @Test
  void aParentThatIsAFileIsAnOutputError() throws IOException {
    Path parent = Files.writeString(folder.resolve("parent"), "");
    assertEquals(
        ErrorCode.OUTPUT_FAILED,
        assertThrows(IsomorphException.class, () -> AtomicOutput.file(parent.resolve("out"), false))
            .code());
  }

  /** Begins a file and a folder in the folder that is the first argument, and waits to be ended. */
  static final class Interrupted {
    private Interrupted() {}

    public static void main(String[] arguments) throws Exception {
      Path folder = Path.of(arguments[0]);
      try (AtomicOutput file = AtomicOutput.file(folder.resolve("out.bin"), false);
          AtomicOutput tree = AtomicOutput.folder(folder.resolve("tree"), false)) {
        Files.writeString(file.path(), "half");
        Files.writeString(tree.path().resolve("half"), "half");
        System.out.println("ready");
        Thread.sleep(60_000);
      }
    }
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "a process is ended there without a signal")
  void anInterruptedProcessLeavesNothing() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Interrupted.class.getName(),
                folder.toString())
            .redirectErrorStream(true)
            .start();
    assertEquals("ready", process.inputReader().readLine());
    assertEquals(3, files().size());
    process.destroy();
    process.waitFor();
    assertEquals(List.of(), files());
  }
}
