package dev.isomorph.cli.sweep;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.isomorph.ir.diagnostic.IsomorphException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;

/** Runs many cases, each in a worker process; one bad case never ends the others. */
public final class Sweep {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private Sweep() {}

  /**
   * Runs the cases.
   *
   * @param lines one case per line, as {@link SweepCase} reads them
   * @param folder what paths are relative to
   * @param jobs how many run at once
   * @param timeoutSeconds how long one may take
   * @param finished receives each result as it comes, from one thread at a time
   * @return the results in the order of the cases
   */
  public static List<JsonNode> run(
      List<String> lines, Path folder, int jobs, long timeoutSeconds, Consumer<JsonNode> finished)
      throws InterruptedException {
    LinkedBlockingQueue<WorkerProcess> workers = new LinkedBlockingQueue<>();
    for (int i = 0; i < jobs; i++) {
      workers.add(new WorkerProcess(folder, timeoutSeconds));
    }
    try (ExecutorService executor = Executors.newFixedThreadPool(jobs)) {
      List<Future<JsonNode>> futures = new ArrayList<>();
      for (String line : lines) {
        futures.add(
            executor.submit(
                () -> {
                  WorkerProcess worker = workers.take();
                  try {
                    JsonNode result = result(line, folder, worker, timeoutSeconds);
                    synchronized (finished) {
                      finished.accept(result);
                    }
                    return result;
                  } finally {
                    workers.add(worker);
                  }
                }));
      }
      List<JsonNode> results = new ArrayList<>();
      for (Future<JsonNode> future : futures) {
        results.add(future.get());
      }
      return results;
    } catch (ExecutionException e) {
      throw new IllegalStateException("a worker cannot be started", e.getCause());
    } finally {
      workers.forEach(WorkerProcess::close);
    }
  }

  private static JsonNode result(
      String line, Path folder, WorkerProcess worker, long timeoutSeconds)
      throws IOException, InterruptedException {
    long start = System.nanoTime();
    WorkerProcess.Answer answer = worker.run(line);
    double seconds = (System.nanoTime() - start) / 1e9;
    return switch (answer) {
      case WorkerProcess.Answer.Line(String json) -> parse(json);
      case WorkerProcess.Answer.Died(int exit) ->
          CaseResult.of("error", "the process ended with status " + exit)
              .toJson(name(line, folder), seconds);
      case WorkerProcess.Answer.TimedOut() ->
          CaseResult.of("timeout", "it took more than " + timeoutSeconds + " s")
              .toJson(name(line, folder), seconds);
    };
  }

  private static JsonNode parse(String json) throws JsonProcessingException {
    return MAPPER.readTree(json);
  }

  private static String name(String line, Path folder) {
    try {
      return SweepCase.parse(line, folder).name();
    } catch (IsomorphException e) {
      return "";
    }
  }

  /** {@return whether a result and all its targets passed} */
  public static boolean passed(JsonNode result) {
    boolean all = result.path("status").asText().equals("passed");
    for (JsonNode target : result.path("to")) {
      all &= target.path("status").asText().equals("passed");
    }
    return all;
  }
}
