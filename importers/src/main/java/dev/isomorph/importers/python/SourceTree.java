package dev.isomorph.importers.python;

import dev.isomorph.importers.python.syntax.SourceFile;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.Limits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The user's files under the given folders, before Isomorph's own modules. Nothing outside the
 * folders is read, links included.
 */
public final class SourceTree implements ModuleSources {
  private final List<Path> roots;
  private final List<ModuleSources> libraries;
  private final Set<String> reserved;
  private final Limits limits;

  /**
   * @param roots folders that are searched in order
   * @param libraries Isomorph's own modules
   * @param reserved top-level modules that no file of the user replaces
   */
  public SourceTree(
      List<Path> roots, List<ModuleSources> libraries, Set<String> reserved, Limits limits) {
    this.roots = List.copyOf(roots);
    this.libraries = List.copyOf(libraries);
    this.reserved = Set.copyOf(reserved);
    this.limits = limits;
  }

  @Override
  public Optional<Found> find(String module) {
    String top = module.split("\\.", 2)[0];
    if (!reserved.contains(top)) {
      for (Path root : roots) {
        Optional<Found> found = find(root, module.replace('.', '/'));
        if (found.isPresent()) {
          return found;
        }
      }
    }
    return libraries.stream().flatMap(l -> l.find(module).stream()).findFirst();
  }

  private Optional<Found> find(Path root, String path) {
    Path folder = root.resolve(path);
    Path init = folder.resolve("__init__.py");
    if (Files.isRegularFile(init)) {
      return Optional.of(new Found(read(root, init), true, false));
    }
    Path file = root.resolve(path + ".py");
    if (Files.isRegularFile(file)) {
      return Optional.of(new Found(read(root, file), false, false));
    }
    return Files.isDirectory(folder) && !Files.isSymbolicLink(folder)
        ? Optional.of(new Found(null, true, false))
        : Optional.empty();
  }

  private SourceFile read(Path root, Path file) {
    try {
      if (!file.toRealPath().startsWith(root.toRealPath())) {
        throw Diagnostic.error(
                ErrorCode.FORMAT_UNSAFE_PATH, "the import leads out of the source folder")
            .inFile(file.toString())
            .expected("a file under " + root, file.toRealPath())
            .toException();
      }
      return read(root.relativize(file).toString().replace('\\', '/'), file, limits);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  /**
   * {@return the text of a file}
   *
   * @param name how messages call it
   */
  public static SourceFile read(String name, Path file, Limits limits) {
    try {
      Limits.check("size of source file " + file, Files.size(file), limits.headerBytes());
      return SourceFile.decode(name, Files.readAllBytes(file));
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private static RuntimeException unreadable(Path file, IOException e) {
    boolean missing = !Files.exists(file);
    return Diagnostic.error(
            missing ? ErrorCode.FILE_NOT_FOUND : ErrorCode.FILE_UNREADABLE,
            missing
                ? "there is no such file"
                : "the file cannot be read: " + e.getMessage().replace("%", "%%"))
        .inFile(file.toString())
        .toException();
  }

  @Override
  public PyObject missing(String module, String name) {
    return libraries.stream()
        .map(l -> l.missing(module, name))
        .filter(java.util.Objects::nonNull)
        .findFirst()
        .orElse(null);
  }

  @Override
  public Optional<PyModule> builtIn(Interpreter in, String module) {
    return libraries.stream().flatMap(l -> l.builtIn(in, module).stream()).findFirst();
  }
}
