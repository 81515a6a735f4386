package dev.isomorph.importers.python;

import dev.isomorph.importers.python.syntax.SourceFile;
import java.util.Optional;

/** Where imported modules come from. */
public interface ModuleSources {
  /**
   * The text of a module.
   *
   * @param file the text, or {@code null} for a folder without {@code __init__.py}
   * @param isPackage whether it has submodules
   * @param library whether it is part of Isomorph, not the user's own
   */
  record Found(SourceFile file, boolean isPackage, boolean library) {}

  /** {@return the text of a module by its dotted name} */
  Optional<Found> find(String module);

  /**
   * {@return what stands for a name that a module of Isomorph's own does not define, or {@code
   * null} if the real module has no such name either}
   */
  default PyObject missing(String module, String name) {
    return null;
  }

  /** {@return a module that is written in Java, by its dotted name} */
  Optional<PyModule> builtIn(Interpreter in, String module);
}
