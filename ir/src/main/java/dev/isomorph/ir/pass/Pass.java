package dev.isomorph.ir.pass;

import dev.isomorph.ir.Model;
import java.util.List;
import java.util.function.Function;

/**
 * Rewrites a model into one that computes the same function. Stateless and safe for many threads.
 */
public interface Pass {
  /**
   * Something that a pass relies on or promises.
   *
   * @param sentence what holds, for messages: {@code no composite is called}
   * @param violation says where it does not hold; null where it does
   */
  record Condition(String sentence, Function<Model, String> violation) {}

  /** {@return the name, in lower case with dashes} */
  String name();

  /** {@return what must hold before} */
  default List<Condition> requires() {
    return List.of();
  }

  /** {@return what holds afterwards} */
  default List<Condition> ensures() {
    return List.of();
  }

  /**
   * {@return the rewritten model}: {@code model} itself if nothing changed, else a new one that the
   * caller closes.
   */
  Model run(Model model, PassContext context);
}
