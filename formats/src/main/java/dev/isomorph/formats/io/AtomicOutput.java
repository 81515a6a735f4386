package dev.isomorph.formats.io;

import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * An output, a file or a folder, that appears under its name when it is complete and never before.
 * It is written beside its target, under a temporary name, and renamed by {@link #commit}; closing
 * it without that leaves no trace, and neither does a process that is interrupted.
 *
 * <pre>{@code
 * try (AtomicOutput output = AtomicOutput.file(target, true)) {
 *   Files.write(output.path(), bytes);
 *   output.commit();
 * }
 * }</pre>
 *
 * <p>A file is replaced in one step. A folder that is replaced is renamed away first and comes back
 * if the new one cannot take its place; between the two renames there is none of that name. Not
 * safe for many threads.
 */
public final class AtomicOutput implements AutoCloseable {
  private static final Set<AtomicOutput> OPEN = ConcurrentHashMap.newKeySet();

  static {
    Runtime.getRuntime().addShutdownHook(new Thread(AtomicOutput::removeOpen));
  }

  private final Path target;
  private final Path temporary;
  private final boolean replace;
  private boolean committed;

  private AtomicOutput(Path target, Path temporary, boolean replace) {
    this.target = target;
    this.temporary = temporary;
    this.replace = replace;
  }

  /**
   * Starts a file. Missing parent folders are made.
   *
   * @param replace whether an existing file may be replaced
   * @throws IsomorphException {@link ErrorCode#OUTPUT_EXISTS}, {@link ErrorCode#OUTPUT_FAILED}
   */
  public static AtomicOutput file(Path target, boolean replace) {
    return start(target, replace, false);
  }

  /**
   * Starts a folder. Missing parent folders are made.
   *
   * @param replace whether an existing folder may be replaced, with all that is in it
   * @throws IsomorphException {@link ErrorCode#OUTPUT_EXISTS}, {@link ErrorCode#OUTPUT_FAILED}
   */
  public static AtomicOutput folder(Path target, boolean replace) {
    return start(target, replace, true);
  }

  private static AtomicOutput start(Path target, boolean replace, boolean folder) {
    Path whole = target.toAbsolutePath().normalize();
    try {
      if (Files.exists(whole)) {
        if (!replace) {
          throw exists(target);
        }
        if (Files.isDirectory(whole) != folder) {
          throw Diagnostic.error(
                  ErrorCode.OUTPUT_EXISTS,
                  folder ? "a file has the folder's name" : "a folder has the file's name")
              .inFile(target.toString())
              .toException();
        }
      }
      Path parent = whole.getParent();
      if (parent == null) {
        throw Diagnostic.error(ErrorCode.OUTPUT_FAILED, "the root cannot be written")
            .inFile(target.toString())
            .toException();
      }
      Files.createDirectories(parent);
      String prefix = "." + whole.getFileName() + ".";
      AtomicOutput output = new AtomicOutput(whole, create(parent, prefix, folder), replace);
      OPEN.add(output);
      return output;
    } catch (IOException e) {
      throw failed(target, e);
    }
  }

  private static Path create(Path parent, String prefix, boolean folder) throws IOException {
    while (true) {
      Path temporary = temporaryName(parent, prefix);
      try {
        return folder ? Files.createDirectory(temporary) : Files.createFile(temporary);
      } catch (FileAlreadyExistsException _) {
        // Another thread took the name in between: the next one is tried.
      }
    }
  }

  private static Path temporaryName(Path parent, String prefix) {
    long pid = ProcessHandle.current().pid();
    for (int i = 0; ; i++) {
      Path name = parent.resolve(prefix + pid + "-" + i + ".part");
      if (Files.notExists(name)) {
        return name;
      }
    }
  }

  /** {@return where to write: an empty file, or an empty folder} */
  public Path path() {
    return temporary;
  }

  /** {@return the name under which the output will appear} */
  public Path target() {
    return target;
  }

  /**
   * Gives the output its name.
   *
   * @throws IsomorphException {@link ErrorCode#OUTPUT_EXISTS}, {@link ErrorCode#OUTPUT_FAILED}
   */
  public void commit() {
    commit(List.of(this));
  }

  /**
   * Gives several outputs their names, in this order: what others refer to comes first.
   *
   * @throws IsomorphException {@link ErrorCode#OUTPUT_EXISTS}, {@link ErrorCode#OUTPUT_FAILED}
   */
  public static void commit(List<AtomicOutput> outputs) {
    for (AtomicOutput output : outputs) {
      if (!output.replace && Files.exists(output.target)) {
        throw exists(output.target);
      }
    }
    for (AtomicOutput output : outputs) {
      try {
        output.rename();
        output.committed = true;
        OPEN.remove(output);
      } catch (IOException e) {
        throw failed(output.target, e);
      }
    }
  }

  private void rename() throws IOException {
    if (!Files.isDirectory(temporary) || Files.notExists(target)) {
      move(temporary, target);
      return;
    }
    Path old = temporaryName(target.getParent(), "." + target.getFileName() + ".old.");
    move(target, old);
    try {
      move(temporary, target);
    } catch (IOException e) {
      move(old, target);
      throw e;
    }
    deleteTree(old);
  }

  private static void move(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (AtomicMoveNotSupportedException _) {
      Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /** Removes what was written, unless it was committed. */
  @Override
  public void close() {
    if (committed) {
      return;
    }
    OPEN.remove(this);
    try {
      deleteTree(temporary);
    } catch (IOException e) {
      throw failed(temporary, e);
    }
  }

  private static void removeOpen() {
    for (AtomicOutput output : OPEN) {
      try {
        deleteTree(output.temporary);
      } catch (IOException _) {
        // The process is ending, and its other threads may still write: nobody is left to tell.
      }
    }
  }

  private static void deleteTree(Path root) throws IOException {
    if (Files.notExists(root)) {
      return;
    }
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path folder, IOException failure)
              throws IOException {
            if (failure != null) {
              throw failure;
            }
            Files.delete(folder);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  private static IsomorphException exists(Path target) {
    return Diagnostic.error(ErrorCode.OUTPUT_EXISTS, "the output exists already")
        .inFile(target.toString())
        .help("give another name, or --force to replace it")
        .toException();
  }

  /** {@return the error for an output that could not be written} */
  public static IsomorphException failed(Path target, IOException e) {
    String why = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    return new IsomorphException(
        List.of(
            Diagnostic.error(ErrorCode.OUTPUT_FAILED, "the output cannot be written: %s", why)
                .inFile(target.toString())),
        e);
  }
}
