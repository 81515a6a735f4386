package dev.isomorph.ir.pass;

import dev.isomorph.ir.Model;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.validate.Validator;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs passes one after another and checks after each that the model is valid and that the pass
 * kept its word. An error names the pass and those that ran before it. The model that is given is
 * never closed; models in between are.
 */
public final class PassRunner {
  private static final int MAX_ROUNDS = 16;

  private PassRunner() {}

  /**
   * {@return the model at a level of optimization}: {@code model} itself where nothing changed,
   * else a new one that the caller closes
   *
   * @throws IsomorphException {@link ErrorCode#INTERNAL} if a pass breaks the model
   */
  public static Model optimize(Model model, OptimizeLevel level, PassContext context) {
    Model current = model;
    List<String> before = new ArrayList<>();
    for (int round = 0; round < MAX_ROUNDS && level != OptimizeLevel.NONE; round++) {
      long count = context.count();
      Model next = run(current, level.passes(), context, before);
      release(current, next, model);
      current = next;
      if (context.count() == count) {
        break;
      }
    }
    return current;
  }

  /**
   * {@return the model after these passes in order}: {@code model} itself where nothing changed,
   * else a new one that the caller closes
   *
   * @throws IsomorphException what a pass refuses, or {@link ErrorCode#INTERNAL} if it breaks the
   *     model
   */
  public static Model run(Model model, List<? extends Pass> passes, PassContext context) {
    return run(model, passes, context, new ArrayList<>());
  }

  private static Model run(
      Model model, List<? extends Pass> passes, PassContext context, List<String> before) {
    Model current = model;
    for (Pass pass : passes) {
      Model next;
      try {
        next = step(current, pass, context, before);
      } catch (RuntimeException e) {
        release(current, null, model);
        throw e;
      }
      release(current, next, model);
      current = next;
      before.add(pass.name());
    }
    return current;
  }

  private static void release(Model model, Model next, Model given) {
    if (model != given && model != next) {
      model.close();
    }
  }

  private static Model step(Model model, Pass pass, PassContext context, List<String> before) {
    check(pass.requires(), model, "pass '" + pass.name() + "' needs what does not hold", before);
    Model next;
    try {
      next = pass.run(model, context);
    } catch (IsomorphException e) {
      throw e.map(d -> d.inEntry(place(pass, before)));
    } catch (RuntimeException e) {
      Diagnostic fault =
          Diagnostic.error(ErrorCode.INTERNAL, "pass '%s' failed: %s", pass.name(), e)
              .help(earlier(before));
      throw new IsomorphException(List.of(fault), e);
    }
    if (next == model) {
      return model;
    }
    try {
      Validator.check(next);
    } catch (IsomorphException e) {
      next.close();
      throw broken(pass, before, context, e);
    }
    try {
      String promise = "pass '" + pass.name() + "' does not do what it says";
      if (context.mayRewrite()) {
        check(pass.ensures(), next, promise, before);
      }
    } catch (IsomorphException e) {
      next.close();
      throw e;
    }
    return next;
  }

  private static void check(
      List<Pass.Condition> conditions, Model model, String message, List<String> before) {
    for (Pass.Condition condition : conditions) {
      String violation = condition.violation().apply(model);
      if (violation != null) {
        throw Diagnostic.error(ErrorCode.INTERNAL, "%s", message)
            .expected(condition.sentence(), violation)
            .help(earlier(before))
            .toException();
      }
    }
  }

  private static IsomorphException broken(
      Pass pass, List<String> before, PassContext context, IsomorphException cause) {
    Diagnostic first = cause.diagnostics().getFirst();
    Diagnostic fault =
        Diagnostic.error(
                ErrorCode.INTERNAL, "pass '%s' broke the model: %s", pass.name(), first.message())
            .atNode(first.node())
            .expected(first.expected(), first.actual())
            .help(
                earlier(before)
                    + "; --stop-after 0 to "
                    + context.count()
                    + " finds the guilty rewrite");
    return new IsomorphException(List.of(fault), cause);
  }

  private static String place(Pass pass, List<String> before) {
    return "pass " + pass.name() + (before.isEmpty() ? "" : " after " + String.join(", ", before));
  }

  private static String earlier(List<String> before) {
    return "passes so far: " + (before.isEmpty() ? "none" : String.join(", ", before));
  }
}
