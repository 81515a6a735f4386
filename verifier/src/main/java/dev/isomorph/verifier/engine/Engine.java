package dev.isomorph.verifier.engine;

import java.nio.file.Path;

/**
 * A program that runs models and is not ours: the judge of what we wrote, and the witness of what
 * we read. Found by {@link java.util.ServiceLoader}; one that cannot work here says so in {@link
 * #availability} and is never an error by itself. Implementations are safe for many threads.
 */
public interface Engine {
  /**
   * Whether an engine can work here.
   *
   * @param present whether it can
   * @param version its version, if it is present
   * @param reason why not, if it is not
   */
  record Availability(boolean present, String version, String reason) {
    /** {@return an engine that works} */
    public static Availability of(String version) {
      return new Availability(true, version, "");
    }

    /** {@return an engine that does not, and why} */
    public static Availability missing(String reason) {
      return new Availability(false, "", reason);
    }
  }

  /** {@return the name for {@code --engine} and for reports, such as {@code onnxruntime}} */
  String name();

  /** {@return whether it works here; loads native code on the first call} */
  Availability availability();

  /**
   * {@return whether it runs files of a format}
   *
   * @param format a target's name, such as {@code onnx} or {@code saved-model}
   */
  boolean runs(String format);

  /**
   * Loads a model.
   *
   * @param model the file or folder
   * @param signature the way to call it; empty for the only or default one
   * @throws dev.isomorph.ir.diagnostic.IsomorphException if the engine refuses it, with the
   *     engine's own words
   */
  EngineSession open(Path model, String signature);
}
