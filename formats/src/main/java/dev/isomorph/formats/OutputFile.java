package dev.isomorph.formats;

import dev.isomorph.formats.io.AtomicOutput;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.Consumer;

/**
 * Files that appear under their names when they are complete, and not at all when writing fails.
 */
public final class OutputFile {
  private OutputFile() {}

  /**
   * Writes a file. An existing one is replaced; whether that is allowed is the caller's to decide.
   *
   * @param content writes all bytes
   * @throws IsomorphException {@link ErrorCode#OUTPUT_FAILED}
   */
  public static void write(Path target, Consumer<ChannelWriter> content) {
    try (AtomicOutput output = AtomicOutput.file(target, true)) {
      try (FileChannel channel = FileChannel.open(output.path(), StandardOpenOption.WRITE)) {
        content.accept(new ChannelWriter(channel));
      }
      output.commit();
    } catch (IOException e) {
      throw AtomicOutput.failed(target, e);
    } catch (UncheckedIOException e) {
      throw AtomicOutput.failed(target, e.getCause());
    }
  }
}
