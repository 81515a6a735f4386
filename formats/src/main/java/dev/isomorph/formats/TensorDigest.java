package dev.isomorph.formats;

import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Digests of tensors' contents, made region by region. */
public final class TensorDigest {
  private static final long PIECE = 1 << 20;

  private TensorDigest() {}

  /**
   * {@return the SHA-256 of the dense little-endian bytes, as lower-case hexadecimal digits; of
   * strings, that of their UTF-8 bytes with a NUL after each}
   */
  public static String sha256(Tensor tensor) {
    MessageDigest digest = newDigest();
    DType dtype = tensor.dtype();
    if (dtype == DType.STRING) {
      for (String text : tensor.strings()) {
        digest.update(text.getBytes(StandardCharsets.UTF_8));
        digest.update((byte) 0);
      }
    } else {
      MemorySegment piece =
          Tensor.allocate(dtype.byteSize(Math.min(PIECE, Math.max(tensor.size(), 1))));
      for (long from = 0; from < tensor.size(); from += PIECE) {
        long count = Math.min(PIECE, tensor.size() - from);
        tensor.write(from, count, piece);
        digest.update(piece.asSlice(0, dtype.byteSize(count)).asByteBuffer());
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest newDigest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
