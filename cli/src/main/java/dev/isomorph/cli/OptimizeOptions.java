package dev.isomorph.cli;

import dev.isomorph.ir.Model;
import dev.isomorph.ir.pass.OptimizeLevel;
import dev.isomorph.ir.pass.PassContext;
import dev.isomorph.ir.pass.PassRunner;
import dev.isomorph.runtime.RuntimeEvaluator;
import java.util.Set;
import picocli.CommandLine.Option;

/** Options that say what is done to a graph between reading and writing. */
final class OptimizeOptions {
  /** Formats whose readers go on training what they load. */
  private static final Set<String> TRAINABLE =
      Set.of("torch", "torchscript", "pt2", "keras", "saved-model");

  @Option(
      names = "--optimize",
      paramLabel = "none|safe|full",
      description =
          "What is done to the graph: nothing, what changes no bit (default), or all, which may"
              + " round.")
  private String level = "safe";

  @Option(
      names = "--stop-after",
      hidden = true,
      paramLabel = "N",
      description = "Make the first N rewrites only, to find the one that is wrong.")
  private long stopAfter = Long.MAX_VALUE;

  /** Checks the level's name before anything is read. */
  void check() {
    OptimizeLevel.parse(level);
  }

  /** {@return the model as it is written in a format; {@code model} itself if nothing changed} */
  Model apply(Model model, String format) {
    OptimizeLevel chosen = OptimizeLevel.parse(level);
    PassContext context =
        PassContext.builder()
            .evaluator(RuntimeEvaluator.INSTANCE)
            .foldTrainable(chosen == OptimizeLevel.FULL && !TRAINABLE.contains(format))
            .stopAfter(stopAfter)
            .build();
    return PassRunner.optimize(model, chosen, context);
  }
}
