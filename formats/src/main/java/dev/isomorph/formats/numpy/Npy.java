package dev.isomorph.formats.numpy;

import dev.isomorph.formats.ChannelWriter;
import dev.isomorph.formats.OutputFile;
import dev.isomorph.formats.SegmentReader;
import dev.isomorph.formats.Text;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.diagnostic.Limits;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.ir.tensor.TensorArena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.StringJoiner;

/**
 * NumPy's {@code .npy} files (format versions 1.0, 2.0 and 3.0; {@code numpy.lib.format}). Reading
 * maps: an array in C order and little-endian is a slice of the file; others are made region by
 * region. Arrays of Python objects are refused: they are pickles. All methods are safe for many
 * threads.
 */
public final class Npy {
  static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final int LONGEST_HEADER = 1 << 16;
  private static final int ALIGNMENT = 64;

  private Npy() {}

  /** {@return whether bytes begin like an npy file} */
  public static boolean looksLikeNpy(MemorySegment file) {
    return file.byteSize() >= MAGIC.length
        && file.asSlice(0, MAGIC.length).mismatch(MemorySegment.ofArray(MAGIC)) == -1;
  }

  /**
   * {@return the array in a file, which stays mapped as long as {@code arena} is open}
   *
   * @throws IsomorphException {@link ErrorCode#FORMAT_INVALID}, {@link ErrorCode#FORMAT_TRUNCATED},
   *     {@link ErrorCode#UNSUPPORTED_DTYPE} with the byte offset
   */
  public static Tensor read(Path path, TensorArena arena, Limits limits) {
    try {
      return read(arena.map(path), arena, Optional.empty(), limits);
    } catch (IsomorphException e) {
      throw e.map(d -> d.inFile(path.toString()));
    }
  }

  /**
   * {@return the array in memory that holds an npy file; bytes after the array are ignored, as
   * NumPy does}
   *
   * @param raw the type of elements that NumPy could only store as raw bytes ({@code V2}):
   *     bfloat16, float8
   */
  public static Tensor read(
      MemorySegment file, TensorArena owner, Optional<DType> raw, Limits limits) {
    Parts parts = parts(file);
    return NumpyTypes.decode(
        NumpyTypes.parse(parts.header.descr(), parts.headerAt),
        parts.header.fortranOrder(),
        parts.header.shape(),
        file.asSlice(parts.dataAt),
        owner,
        raw,
        limits,
        parts.dataAt);
  }

  /**
   * {@return the pickle in a file whose array holds Python objects; empty for all other arrays}
   *
   * @throws IsomorphException as {@link #read(Path, TensorArena, Limits)}
   */
  public static Optional<MemorySegment> pickle(MemorySegment file) {
    Parts parts = parts(file);
    return parts.header.descr().endsWith("O")
        ? Optional.of(file.asSlice(parts.dataAt))
        : Optional.empty();
  }

  private record Parts(NpyHeader header, long headerAt, long dataAt) {}

  private static Parts parts(MemorySegment file) {
    if (!looksLikeNpy(file)) {
      throw Diagnostic.error(ErrorCode.FORMAT_INVALID, "the bytes do not begin as an npy file does")
          .at(0)
          .toException();
    }
    SegmentReader in = new SegmentReader(file);
    in.slice(MAGIC.length, "the magic");
    int major = in.u8("the version");
    in.u8("the version");
    if (major < 1 || major > 3) {
      throw Diagnostic.error(
              ErrorCode.UNSUPPORTED_FEATURE, "npy format version %d is not known", major)
          .at(MAGIC.length)
          .expected("1, 2 or 3", major)
          .toException();
    }
    long length = major == 1 ? in.u16("the header's length") : in.u32("the header's length");
    Limits.check("the npy header", length, LONGEST_HEADER);
    long headerAt = in.position();
    NpyHeader header =
        NpyHeader.parse(text(in.copy((int) length, "the header"), major, headerAt), headerAt);
    return new Parts(header, headerAt, in.position());
  }

  /**
   * Writes a tensor as a file that appears when it is complete. Types that NumPy lacks (bfloat16,
   * float8) are stored as raw bytes, as NumPy stores those of ml_dtypes.
   *
   * @throws IsomorphException {@link ErrorCode#UNSUPPORTED_DTYPE} for strings and packed types,
   *     {@link ErrorCode#OUTPUT_FAILED}
   */
  public static void write(Path path, Tensor tensor) {
    byte[] header = header(tensor);
    OutputFile.write(path, out -> write(out, header, tensor));
  }

  static void write(ChannelWriter out, byte[] header, Tensor tensor) {
    out.write(header);
    out.write(tensor);
  }

  /** {@return everything before the data; its length is a multiple of 64} */
  static byte[] header(Tensor tensor) {
    StringJoiner shape = new StringJoiner(", ", "(", tensor.rank() == 1 ? ",)" : ")");
    for (long dim : tensor.dims()) {
      shape.add(Long.toString(dim));
    }
    String text =
        "{'descr': '"
            + NumpyTypes.descr(tensor.dtype())
            + "', 'fortran_order': False, 'shape': "
            + shape
            + ", }";
    int used = MAGIC.length + 4 + text.length() + 1;
    int padded = Math.ceilDiv(used, ALIGNMENT) * ALIGNMENT;
    ByteBuffer out = ByteBuffer.allocate(padded).order(java.nio.ByteOrder.LITTLE_ENDIAN);
    out.put(MAGIC).put((byte) 1).put((byte) 0).putShort((short) (padded - MAGIC.length - 4));
    out.put(text.getBytes(StandardCharsets.US_ASCII));
    while (out.remaining() > 1) {
      out.put((byte) ' ');
    }
    return out.put((byte) '\n').array();
  }

  private static String text(byte[] raw, int major, long offset) {
    try {
      return (major == 3 ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1)
          .newDecoder()
          .decode(ByteBuffer.wrap(raw))
          .toString();
    } catch (CharacterCodingException e) {
      throw Diagnostic.error(
              ErrorCode.FORMAT_INVALID,
              "the npy header is not UTF-8 text: %s",
              Text.quote(e.toString()))
          .at(offset)
          .toException();
    }
  }
}
