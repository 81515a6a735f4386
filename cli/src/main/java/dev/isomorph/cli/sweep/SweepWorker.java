package dev.isomorph.cli.sweep;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.isomorph.ir.diagnostic.IsomorphException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * The process in which cases run: a line in, a line out. It is a process of its own so that a crash
 * in native code, a hang or a lack of memory ends one case and not the sweep.
 */
public final class SweepWorker {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private SweepWorker() {}

  /** Runs cases from standard input until it ends; {@code args[0]} is the sweep's folder. */
  public static void main(String[] args) throws IOException {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    // Native engines print to standard output: only this class may.
    System.setOut(System.err);
    Path folder = Path.of(args[0]);
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      long start = System.nanoTime();
      String name = "";
      CaseResult result;
      try {
        SweepCase each = SweepCase.parse(line, folder);
        name = each.name();
        result = CaseRunner.run(each);
      } catch (IsomorphException e) {
        result = CaseResult.of(e);
      } catch (RuntimeException | StackOverflowError e) {
        result = CaseResult.of("error", "a fault of Isomorph: " + trace(e));
      }
      double seconds = (System.nanoTime() - start) / 1e9;
      out.println(MAPPER.writeValueAsString(result.toJson(name, seconds)));
    }
  }

  private static String trace(Throwable fault) {
    StackTraceElement[] frames = fault.getStackTrace();
    return fault + (frames.length == 0 ? "" : " at " + frames[0]);
  }
}
