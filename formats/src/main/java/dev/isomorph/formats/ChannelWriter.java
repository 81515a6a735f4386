package dev.isomorph.formats;

import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Storage;
import dev.isomorph.ir.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.zip.CRC32;

/**
 * Writes a file front to back in large sequential pieces. Mapped tensors go from their pages to the
 * file with no copy on the heap, lazy ones through one buffer. Not safe for many threads. Failures
 * are {@link ErrorCode#OUTPUT_FAILED}.
 */
public final class ChannelWriter {
  private static final int PIECE = 4 << 20;

  private final FileChannel channel;
  private final String file;
  private final CRC32 crc = new CRC32();
  private MemorySegment stage;
  private boolean summing;
  private long position;

  /**
   * Writes to {@code channel} from its position 0.
   *
   * @param file how messages call it
   */
  public ChannelWriter(FileChannel channel, String file) {
    this.channel = channel;
    this.file = file;
  }

  /** {@return bytes written} */
  public long position() {
    return position;
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

  /** Writes a segment, in pieces. */
  public void write(MemorySegment segment) {
    for (long at = 0; at < segment.byteSize(); at += PIECE) {
      write(segment.asSlice(at, Math.min(PIECE, segment.byteSize() - at)).asByteBuffer());
    }
  }

  /** Writes zeros until the position is a multiple of {@code alignment}. */
  public void align(int alignment) {
    write(new byte[(int) Math.floorMod(-position, (long) alignment)]);
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
    if (tensor.storage() instanceof Storage.Dense) {
      write(tensor.segment());
      return;
    }
    if (stage == null) {
      stage = Tensor.allocate(PIECE);
    }
    DType dtype = tensor.dtype();
    long step = PIECE * 8L / dtype.bits();
    for (long from = 0; from < tensor.size(); from += step) {
      long count = Math.min(step, tensor.size() - from);
      tensor.write(from, count, stage);
      write(stage.asSlice(0, dtype.byteSize(count)).asByteBuffer());
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
      throw failed(e);
    }
  }

  private void write(ByteBuffer buffer) {
    if (summing) {
      crc.update(buffer.duplicate());
    }
    try {
      while (buffer.hasRemaining()) {
        position += channel.write(buffer, position);
      }
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private IsomorphException failed(IOException cause) {
    return OutputFile.failed(file, cause);
  }
}
