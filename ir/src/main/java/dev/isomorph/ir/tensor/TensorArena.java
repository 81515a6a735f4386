package dev.isomorph.ir.tensor;

import static java.util.Objects.requireNonNull;

import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A counted owner of off-heap memory and of mapped files. It starts with one holder; each {@link
 * #retain} adds one, each {@link #release} takes one, and the last release unmaps everything. All
 * files of one model share one arena, because closing a shared arena is costly. Safe for many
 * threads.
 */
public final class TensorArena implements AutoCloseable {
  /**
   * Where mapped memory lies in its file, for copies that need not touch the memory.
   *
   * @param channel open for reading as long as the arena is; its position is not to be used
   * @param offset the memory's first byte
   */
  public record FileRegion(FileChannel channel, long offset) {}

  /**
   * @param key identity of the file on its file system, where that has one
   */
  private record Mapped(
      Path path,
      FileChannel channel,
      MemorySegment bytes,
      long size,
      FileTime modified,
      Object key) {}

  private final String name;
  private final Arena arena = Arena.ofShared();
  private final List<Mapped> files = new ArrayList<>();
  // Written under the lock; volatile so that every read of every tensor need not take it.
  private volatile int holders = 1;

  private TensorArena(String name) {
    this.name = requireNonNull(name, "name is null");
  }

  /**
   * {@return a new arena with one holder}
   *
   * @param name what it belongs to, for messages: usually the model's file name
   */
  public static TensorArena open(String name) {
    return new TensorArena(name);
  }

  /** {@return what it belongs to} */
  public String name() {
    return name;
  }

  /**
   * Maps a whole file for reading.
   *
   * @return the file's bytes; empty for an empty file
   * @throws dev.isomorph.ir.diagnostic.IsomorphException {@link ErrorCode#FILE_NOT_FOUND} or {@link
   *     ErrorCode#FILE_UNREADABLE}
   */
  public synchronized MemorySegment map(Path path) {
    checkOpen();
    FileChannel channel = null;
    try {
      channel = FileChannel.open(path, StandardOpenOption.READ);
      long size = channel.size();
      BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
      MemorySegment segment = channel.map(FileChannel.MapMode.READ_ONLY, 0, size, arena);
      files.add(
          new Mapped(
              path, channel, segment, size, attributes.lastModifiedTime(), attributes.fileKey()));
      return segment;
    } catch (NoSuchFileException e) {
      throw Diagnostic.error(ErrorCode.FILE_NOT_FOUND, "there is no such file")
          .inFile(path.toString())
          .toException();
    } catch (IOException e) {
      close(channel);
      String why = Files.isDirectory(path) ? "it is a folder" : String.valueOf(e.getMessage());
      throw Diagnostic.error(ErrorCode.FILE_UNREADABLE, "the file cannot be read: %s", why)
          .inFile(path.toString())
          .toException();
    }
  }

  /** {@return where {@code memory} lies in a file that this arena mapped, if it does} */
  public synchronized Optional<FileRegion> fileRegion(MemorySegment memory) {
    checkOpen();
    for (Mapped file : files) {
      long offset = memory.address() - file.bytes.address();
      if (offset >= 0 && offset <= file.size - memory.byteSize()) {
        return Optional.of(new FileRegion(file.channel, offset));
      }
    }
    return Optional.empty();
  }

  /**
   * Checks that no mapped file was changed since it was mapped. A file that shrank under its map
   * would otherwise end the process inside native code. A file that was replaced by another one, or
   * deleted, is as it was: its map still holds the old bytes.
   *
   * @throws dev.isomorph.ir.diagnostic.IsomorphException {@link ErrorCode#FILE_CHANGED}
   */
  public synchronized void checkFilesUnchanged() {
    for (Mapped file : files) {
      boolean same;
      try {
        BasicFileAttributes now = Files.readAttributes(file.path, BasicFileAttributes.class);
        same =
            (file.key != null && !file.key.equals(now.fileKey()))
                || (now.size() == file.size && now.lastModifiedTime().equals(file.modified));
      } catch (NoSuchFileException e) {
        same = true;
      } catch (IOException e) {
        same = false;
      }
      if (!same) {
        throw Diagnostic.error(
                ErrorCode.FILE_CHANGED, "the file was changed while '%s' was in use", name)
            .inFile(file.path.toString())
            .help("load the model again; write new versions to another file and rename them")
            .toException();
      }
    }
  }

  /**
   * {@return zeroed memory, aligned to 64 bytes}
   *
   * @param bytes size, possibly 0
   */
  public synchronized MemorySegment allocate(long bytes) {
    checkOpen();
    return arena.allocate(bytes, Tensor.ALIGNMENT);
  }

  /** Adds a holder. */
  public synchronized void retain() {
    checkOpen();
    holders = holders + 1;
  }

  /** Takes a holder away; the last one unmaps files and frees memory. */
  public synchronized void release() {
    checkOpen();
    int left = holders - 1;
    holders = left;
    if (left == 0) {
      arena.close();
      files.forEach(file -> close(file.channel));
    }
  }

  private static void close(FileChannel channel) {
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException e) {
        throw new UncheckedIOException("a file that was only read cannot be closed", e);
      }
    }
  }

  /** Releases once. */
  @Override
  public void close() {
    release();
  }

  /** {@return whether the memory may still be read} */
  public boolean isOpen() {
    return holders > 0;
  }

  /**
   * Checks that the memory may still be read.
   *
   * @throws IllegalStateException if it was closed; the message names the owner
   */
  public void checkOpen() {
    if (!isOpen()) {
      throw new IllegalStateException("'" + name + "' is closed");
    }
  }

  @Override
  public String toString() {
    return "TensorArena[" + name + "]";
  }
}
