package dev.isomorph.formats;

import dev.isomorph.formats.io.TensorBytes;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.zip.CRC32;

/**
 * Writes a file front to back. Mapped tensors go from file to file with no copy on the heap; where
 * a checksum is wanted they pass through the processor's cache once. Failures of the file system
 * are {@link UncheckedIOException}, which {@link OutputFile} turns into {@link
 * ErrorCode#OUTPUT_FAILED}. Not safe for many threads.
 */
public final class ChannelWriter {
  private static final long REGION = 128 << 10;

  private final FileChannel channel;
  private final CRC32 crc = new CRC32();
  private boolean summing;

  /** Writes to {@code channel} from its position on. */
  public ChannelWriter(FileChannel channel) {
    this.channel = channel;
  }

  /** {@return the position in the file} */
  public long position() {
    try {
      return channel.position();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts a CRC-32 over what is written from now on. */
  public void startChecksum() {
    crc.reset();
    summing = true;
  }

  /** {@return the CRC-32 since {@link #startChecksum}, which ends} */
  public long endChecksum() {
    summing = false;
    return crc.getValue();
  }

  /** Writes bytes from the heap. */
  public void write(byte... bytes) {
    write(ByteBuffer.wrap(bytes));
  }

  /** Writes a segment. */
  public void write(MemorySegment segment) {
    for (long at = 0; at < segment.byteSize(); at += REGION) {
      write(segment.asSlice(at, Math.min(REGION, segment.byteSize() - at)).asByteBuffer());
    }
  }

  /**
   * Writes the dense little-endian bytes of a tensor, region by region.
   *
   * @throws IllegalArgumentException for strings
   */
  public void write(Tensor tensor) {
    if (tensor.dtype() == DType.STRING) {
      throw new IllegalArgumentException("strings have no dense bytes");
    }
    try {
      if (summing) {
        TensorBytes.visit(tensor, region -> write(region.asByteBuffer()));
      } else {
        TensorBytes.write(tensor, channel);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Replaces bytes that were written before; the position and the checksum do not change. */
  public void patch(long at, byte... bytes) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    try {
      while (buffer.hasRemaining()) {
        channel.write(buffer, at + buffer.position());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void write(ByteBuffer buffer) {
    if (summing) {
      crc.update(buffer.duplicate());
    }
    try {
      TensorBytes.writeFully(buffer, channel);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
