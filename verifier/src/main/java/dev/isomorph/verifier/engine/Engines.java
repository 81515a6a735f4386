package dev.isomorph.verifier.engine;

import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.stream.Collectors;

/** The engines on the class path. */
public final class Engines {
  private Engines() {}

  /** {@return all engines, whether they work here or not, sorted by name} */
  public static List<Engine> all() {
    List<Engine> engines = new ArrayList<>();
    var providers = ServiceLoader.load(Engine.class).stream().iterator();
    while (providers.hasNext()) {
      try {
        engines.add(providers.next().get());
      } catch (ServiceConfigurationError | LinkageError e) {
        throw Diagnostic.error(ErrorCode.INTERNAL, "an engine cannot be made: %s", e.getMessage())
            .toException();
      }
    }
    engines.sort(java.util.Comparator.comparing(Engine::name));
    return engines;
  }

  /**
   * {@return the engine of a name, which works here}
   *
   * @throws dev.isomorph.ir.diagnostic.IsomorphException {@link ErrorCode#ENGINE_MISSING}
   */
  public static Engine require(String name) {
    List<Engine> all = all();
    Engine engine =
        all.stream()
            .filter(e -> e.name().equals(name))
            .findFirst()
            .orElseThrow(
                () ->
                    Diagnostic.error(ErrorCode.ENGINE_MISSING, "there is no engine '%s'", name)
                        .expected(
                            all.stream().map(Engine::name).collect(Collectors.joining(", ")), name)
                        .toException());
    Engine.Availability availability = engine.availability();
    if (!availability.present()) {
      throw Diagnostic.error(
              ErrorCode.ENGINE_MISSING,
              "the engine '%s' does not work here: %s",
              name,
              availability.reason())
          .toException();
    }
    return engine;
  }
}
