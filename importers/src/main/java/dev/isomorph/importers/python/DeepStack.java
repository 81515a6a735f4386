package dev.isomorph.importers.python;

import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

/**
 * Runs an evaluation on a thread whose stack holds as many nested Python calls as {@link
 * Interpreter} allows.
 */
public final class DeepStack {
  private static final long BYTES = 512L << 20;

  private DeepStack() {}

  /**
   * {@return what {@code work} gives}; what it throws is thrown here
   *
   * @throws dev.isomorph.ir.diagnostic.IsomorphException {@link ErrorCode#FORMAT_LIMIT} if even
   *     that stack is not enough
   */
  public static <T> T call(Supplier<T> work) {
    CompletableFuture<T> result = new CompletableFuture<>();
    Thread thread =
        new Thread(
            null,
            () -> {
              try {
                result.complete(work.get());
              } catch (StackOverflowError _) {
                result.completeExceptionally(
                    Diagnostic.error(ErrorCode.FORMAT_LIMIT, "the source nests too deeply")
                        .toException());
              } catch (RuntimeException | Error e) {
                result.completeExceptionally(e);
              }
            },
            "python-evaluator",
            BYTES);
    thread.start();
    try {
      return result.join();
    } catch (CompletionException e) {
      switch (e.getCause()) {
        case RuntimeException cause -> throw cause;
        case Error cause -> throw cause;
        default -> throw e;
      }
    }
  }
}
