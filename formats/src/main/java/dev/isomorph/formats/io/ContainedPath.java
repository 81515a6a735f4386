package dev.isomorph.formats.io;

import dev.isomorph.formats.Text;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/**
 * Resolves the names of files that stand inside a model. Such a file is in the model's folder or
 * below it: neither its name nor a link leads out of it. A file with several hard links is refused
 * too, as onnx's checker does, because one of them may be a file from elsewhere.
 */
public final class ContainedPath {
  private ContainedPath() {}

  /**
   * {@return the real path of an existing regular file}
   *
   * @param folder the model's folder
   * @param name relative, with {@code /} between its parts
   * @throws IsomorphException {@link ErrorCode#FORMAT_UNSAFE_PATH}, {@link
   *     ErrorCode#FILE_NOT_FOUND} or {@link ErrorCode#FILE_UNREADABLE}
   */
  public static Path resolve(Path folder, String name) {
    Path file = lexically(folder, name);
    if (!Files.exists(file)) {
      throw Diagnostic.error(ErrorCode.FILE_NOT_FOUND, "there is no such file beside the model")
          .help("copy it to " + folder)
          .toException();
    }
    try {
      Path real = file.toRealPath();
      if (!real.startsWith(folder.toRealPath())) {
        throw unsafe(name, "is a link that leaves the model's folder");
      }
      if (!Files.isRegularFile(real)) {
        throw unsafe(name, "is no file");
      }
      if (Files.getFileStore(real).supportsFileAttributeView("unix")
          && Files.getAttribute(real, "unix:nlink") instanceof Integer links
          && links > 1) {
        throw unsafe(name, "has several hard links, so it may be a file from elsewhere");
      }
      return real;
    } catch (IOException e) {
      throw Diagnostic.error(
              ErrorCode.FILE_UNREADABLE, "the file cannot be read: %s", e.getMessage())
          .toException();
    }
  }

  private static Path lexically(Path folder, String name) {
    Path relative;
    try {
      relative = Path.of(name);
    } catch (InvalidPathException e) {
      throw unsafe(name, "is no path");
    }
    boolean rooted =
        relative.isAbsolute()
            || relative.getRoot() != null
            || name.startsWith("/")
            || name.matches("(?s)[A-Za-z]:.*");
    if (rooted || name.isEmpty()) {
      throw unsafe(name, "is not relative");
    }
    if (name.indexOf('\\') >= 0) {
      throw unsafe(name, "holds a backslash");
    }
    Path root = folder.normalize();
    Path file = root.resolve(relative).normalize();
    if (!file.startsWith(root) || file.equals(root)) {
      throw unsafe(name, "leaves the model's folder");
    }
    return file;
  }

  private static IsomorphException unsafe(String name, String why) {
    return Diagnostic.error(ErrorCode.FORMAT_UNSAFE_PATH, "the path %s %s", Text.quote(name), why)
        .help("put the file into the model's folder and name it without '..' or links")
        .toException();
  }
}
