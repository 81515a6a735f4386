package dev.isomorph.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScanTest {
  /** Protocol 0: {@code os.system("touch isomorph_was_here")} by GLOBAL and REDUCE. */
  static final byte[] RUNS_A_COMMAND =
      "cposix\nsystem\n(S'touch isomorph_was_here'\ntR.".getBytes(StandardCharsets.US_ASCII);

  @TempDir private Path folder;

  @Test
  void whatWouldRunACommandIsNamedAndNotRun() throws IOException {
    Path evil = folder.resolve("evil.pkl");
    Files.write(evil, RUNS_A_COMMAND);
    Cli.Result result = Cli.run("scan", evil);
    assertEquals(
        evil
            + """
            : a Python pickle of an old protocol

            pickle: dangerous
              imports posix.system                                 dangerous at byte 0; runs commands and changes files
              calls   posix.system('touch isomorph_was_here') at byte 43, by REDUCE

            DANGEROUS: loading it can run commands or reach beyond the model
            """,
        result.out());
    assertEquals(1, result.exit());
    assertEquals(false, Files.exists(Path.of("isomorph_was_here")));
  }

  @Test
  void aStateDictIsHarmless() {
    Cli.Result result = Cli.run("scan", Cli.digits("simple_nn.pt"));
    assertEquals(0, result.exit());
    assertEquals(
        "HARMLESS: loading it only makes data",
        result.out().lines().reduce((_, last) -> last).orElseThrow());
  }
}
