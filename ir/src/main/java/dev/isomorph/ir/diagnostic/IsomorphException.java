package dev.isomorph.ir.diagnostic;

import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * The one exception that Isomorph throws for what its user can do something about. It carries every
 * error that was found, never only the first.
 */
public final class IsomorphException extends RuntimeException {
  private final transient List<Diagnostic> diagnostics;

  /** Makes an exception of one error. */
  public IsomorphException(Diagnostic diagnostic) {
    this(List.of(diagnostic), null);
  }

  /** Makes an exception of several errors, in the order in which they are shown. */
  public IsomorphException(List<Diagnostic> diagnostics) {
    this(diagnostics, null);
  }

  /**
   * Makes an exception of several errors with the fault below them.
   *
   * @throws IllegalArgumentException if {@code diagnostics} is empty
   */
  public IsomorphException(List<Diagnostic> diagnostics, Throwable cause) {
    super(diagnostics.stream().map(Diagnostic::render).collect(Collectors.joining("\n")), cause);
    if (diagnostics.isEmpty()) {
      throw new IllegalArgumentException("diagnostics is empty");
    }
    this.diagnostics = List.copyOf(diagnostics);
  }

  /** {@return every error, at least one} */
  public List<Diagnostic> diagnostics() {
    return diagnostics;
  }

  /** {@return the first error's code} */
  public ErrorCode code() {
    return diagnostics.getFirst().code();
  }

  /** {@return the same exception with {@code change} applied to each error; the cause is this} */
  public IsomorphException map(UnaryOperator<Diagnostic> change) {
    IsomorphException mapped =
        new IsomorphException(diagnostics.stream().map(change).toList(), getCause());
    mapped.setStackTrace(getStackTrace());
    return mapped;
  }
}
