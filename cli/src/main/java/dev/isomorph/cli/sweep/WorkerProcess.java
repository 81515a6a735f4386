package dev.isomorph.cli.sweep;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A {@link SweepWorker} that is started when it is needed and again after it died. */
final class WorkerProcess implements AutoCloseable {
  /** How a case ended: the worker's line, or why there is none. */
  sealed interface Answer {
    record Line(String json) implements Answer {}

    record Died(int exit) implements Answer {}

    record TimedOut() implements Answer {}
  }

  private final Path folder;
  private final long timeoutSeconds;
  private Process process;
  private BufferedReader in;
  private PrintStream out;

  WorkerProcess(Path folder, long timeoutSeconds) {
    this.folder = folder;
    this.timeoutSeconds = timeoutSeconds;
  }

  Answer run(String line) throws IOException, InterruptedException {
    if (process == null || !process.isAlive()) {
      start();
    }
    out.println(line);
    CompletableFuture<String> answer =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return in.readLine();
              } catch (IOException e) {
                return null;
              }
            });
    try {
      String json = answer.get(timeoutSeconds, TimeUnit.SECONDS);
      if (json != null) {
        return new Answer.Line(json);
      }
      process.waitFor();
      return new Answer.Died(process.exitValue());
    } catch (TimeoutException e) {
      close();
      return new Answer.TimedOut();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }

  private void start() throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(a -> !a.startsWith("-XX:AOT") && !a.startsWith("-agentlib"))
        .forEach(command::add);
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(SweepWorker.class.getName(), folder.toString()));
    process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    in =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    out = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    if (process != null) {
      process.destroyForcibly();
      process = null;
    }
  }
}
