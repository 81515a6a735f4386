package dev.isomorph.formats;

import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * A file that appears under its name when it is complete, and not at all when writing fails: bytes
 * go to a sibling with another name, {@link #commit} renames it. Closing without a commit deletes
 * what was written. Not safe for many threads.
 */
public final class OutputFile implements AutoCloseable {
  private final Path target;
  private final Path partial;
  private final FileChannel channel;
  private final ChannelWriter writer;
  private boolean committed;

  private OutputFile(Path target, Path partial, FileChannel channel) {
    this.target = target;
    this.partial = partial;
    this.channel = channel;
    this.writer = new ChannelWriter(channel, target.toString());
  }

  /**
   * Starts a file. An existing one is replaced by the commit; whether that is allowed is the
   * caller's to decide.
   *
   * @throws IsomorphException {@link ErrorCode#OUTPUT_FAILED}
   */
  public static OutputFile create(Path target) {
    Path absolute = target.toAbsolutePath();
    try {
      Files.createDirectories(absolute.getParent());
      Path partial =
          Files.createTempFile(absolute.getParent(), "." + absolute.getFileName(), ".partial");
      FileChannel channel =
          FileChannel.open(partial, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING);
      return new OutputFile(target, partial, channel);
    } catch (IOException e) {
      throw failed(target.toString(), e);
    }
  }

  /** {@return what writes its bytes} */
  public ChannelWriter writer() {
    return writer;
  }

  /**
   * Gives the complete file its name.
   *
   * @throws IsomorphException {@link ErrorCode#OUTPUT_FAILED}
   */
  public void commit() {
    try {
      channel.close();
      try {
        Files.move(
            partial, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } catch (AtomicMoveNotSupportedException e) {
        Files.move(partial, target, StandardCopyOption.REPLACE_EXISTING);
      }
      committed = true;
    } catch (IOException e) {
      throw failed(target.toString(), e);
    }
  }

  /** Deletes what was written, unless it was committed. */
  @Override
  public void close() {
    if (committed) {
      return;
    }
    try {
      channel.close();
      Files.deleteIfExists(partial);
    } catch (IOException e) {
      throw failed(partial.toString(), e);
    }
  }

  static IsomorphException failed(String file, IOException cause) {
    String why = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    return new IsomorphException(
        List.of(
            Diagnostic.error(ErrorCode.OUTPUT_FAILED, "the file cannot be written: %s", why)
                .inFile(file)),
        cause);
  }
}
