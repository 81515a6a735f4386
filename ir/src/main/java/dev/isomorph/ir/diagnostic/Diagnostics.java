package dev.isomorph.ir.diagnostic;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Collects diagnostics of one piece of work: errors are gathered so that all of them are reported
 * at once, warnings and notes are kept for the caller. Not safe for many threads.
 */
public final class Diagnostics implements Consumer<Diagnostic> {
  private final List<Diagnostic> all = new ArrayList<>();

  @Override
  public void accept(Diagnostic diagnostic) {
    all.add(diagnostic);
  }

  /** {@return everything so far, in order} */
  public List<Diagnostic> all() {
    return List.copyOf(all);
  }

  /** {@return the errors so far, in order} */
  public List<Diagnostic> errors() {
    return all.stream().filter(d -> d.severity() == Diagnostic.Severity.ERROR).toList();
  }

  /**
   * Throws all errors as one exception, if there are any.
   *
   * @throws IsomorphException with every error that was accepted
   */
  public void throwIfErrors() {
    List<Diagnostic> errors = errors();
    if (!errors.isEmpty()) {
      throw new IsomorphException(errors);
    }
  }
}
