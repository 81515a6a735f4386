package dev.isomorph.formats.protobuf;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.WireFormat;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.diagnostic.Limits;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.ir.tensor.TensorArena;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Parses protobuf messages that lie in mapped files. Chosen fields of 4 KiB or more stay in the
 * map, so that weights cost no heap: the message holds references of {@link LargeFields}. All else
 * is copied, unknown fields included. The protobuf runtime copies a direct buffer to the heap whole
 * before it reads it, which is why the large fields are found here and only runs of small ones are
 * handed to it.
 *
 * <p>The wire format is that of <a
 * href="https://protobuf.dev/programming-guides/encoding/">Protocol Buffers: Encoding</a>.
 */
public final class MappedMessages {
  /** Fields from this size on are looked into, or left in the map. */
  private static final long LARGE = 4096;

  /** The most bytes of small fields that are copied to the heap at a time. */
  private static final long RUN = 1 << 20;

  /**
   * A field that stays in the map when it is large.
   *
   * @param field of type {@code bytes}, or a packed list of fixed-width numbers
   * @param target the {@code bytes} field of the same message that gets the reference
   * @param dtype the element type of the packed numbers; {@code u8} for bytes
   */
  public record Kept(FieldDescriptor field, FieldDescriptor target, DType dtype) {}

  private final MemorySegment bytes;
  private final TensorArena arena;
  private final Map<FieldDescriptor, Kept> kept;
  private final LargeFields large;
  private final Limits limits;

  private MappedMessages(
      MemorySegment bytes, TensorArena arena, List<Kept> kept, LargeFields large, Limits limits) {
    this.bytes = bytes;
    this.arena = arena;
    this.kept = kept.stream().collect(Collectors.toMap(Kept::field, Function.identity()));
    this.large = large;
    this.limits = limits;
  }

  /**
   * Maps a file into {@code arena} and merges its bytes into {@code builder}.
   *
   * @param kept the fields that stay in the map
   * @param large gets what stays there
   * @return {@code builder}
   * @throws IsomorphException if the file is missing, empty, or not a message: {@link
   *     ErrorCode#FORMAT_TRUNCATED} or {@link ErrorCode#FORMAT_INVALID} with the byte offset,
   *     {@link ErrorCode#FORMAT_LIMIT} if it nests too deep or takes more memory than there is
   */
  public static <B extends Message.Builder> B read(
      Path file, B builder, TensorArena arena, List<Kept> kept, LargeFields large, Limits limits) {
    try {
      MemorySegment bytes = arena.map(file);
      if (bytes.byteSize() == 0) {
        throw Diagnostic.error(ErrorCode.FILE_EMPTY, "the file is empty").toException();
      }
      new MappedMessages(bytes, arena, kept, large, limits)
          .merge(builder, 0, bytes.byteSize(), limits.nesting());
      return builder;
    } catch (IsomorphException e) {
      throw e.map(d -> d.inFile(file.toString()));
    } catch (OutOfMemoryError _) {
      // Two bytes of a hostile file make an object of a hundred; a bound that every real graph
      // keeps
      // would still not keep a small heap. What was parsed so far is garbage by now.
      throw Diagnostic.error(ErrorCode.FORMAT_LIMIT, "the message takes more memory than there is")
          .inFile(file.toString())
          .help("give the Java machine a larger heap with -Xmx if the file can be trusted")
          .toException();
    } catch (InternalError e) {
      throw new IsomorphException(
          List.of(
              Diagnostic.error(ErrorCode.FILE_CHANGED, "the file was cut while it was read")
                  .inFile(file.toString())),
          e);
    }
  }

  private void merge(Message.Builder builder, long start, long end, int depth) {
    if (depth <= 0) {
      throw Diagnostic.error(ErrorCode.FORMAT_LIMIT, "messages are nested too deep")
          .at(start)
          .expected("at most " + limits.nesting() + " levels", "more")
          .toException();
    }
    long run = start;
    long at = start;
    while (at < end) {
      long field = at;
      long[] tag = varint(at, end);
      int number = (int) (tag[0] >>> 3);
      int wire = (int) (tag[0] & 7);
      if (tag[0] >>> 32 != 0 || number == 0) {
        throw invalid(field, "a field has the number " + (tag[0] >>> 3));
      }
      if (wire != WireFormat.WIRETYPE_LENGTH_DELIMITED) {
        at = skip(tag[1], end, wire, number, field);
      } else {
        long[] length = varint(tag[1], end);
        if (length[0] < 0 || length[0] > end - length[1]) {
          throw truncated(
              field, "a field of " + Long.toUnsignedString(length[0]) + " bytes", end - length[1]);
        }
        at = length[1] + length[0];
        if (length[0] >= LARGE) {
          mergeRun(builder, run, field, depth);
          mergeLarge(builder, number, field, length[1], at, depth);
          run = at;
        }
      }
      if (at - run >= RUN) {
        mergeRun(builder, run, at, depth);
        run = at;
      }
    }
    mergeRun(builder, run, end, depth);
  }

  private void mergeLarge(
      Message.Builder builder, int number, long field, long start, long end, int depth) {
    FieldDescriptor descriptor = builder.getDescriptorForType().findFieldByNumber(number);
    Kept keep = descriptor == null ? null : kept.get(descriptor);
    if (keep != null && !builder.hasField(keep.target)) {
      builder.setField(keep.target, large.add(content(keep, start, end)));
    } else if (descriptor == null || descriptor.getType() != FieldDescriptor.Type.MESSAGE) {
      mergeRun(builder, field, end, depth);
    } else if (descriptor.isRepeated()) {
      Message.Builder child = builder.newBuilderForField(descriptor);
      merge(child, start, end, depth - 1);
      builder.addRepeatedField(descriptor, child.buildPartial());
    } else {
      // Not getFieldBuilder: entries of maps have none.
      Message.Builder child = ((Message) builder.getField(descriptor)).toBuilder();
      merge(child, start, end, depth - 1);
      builder.setField(descriptor, child.buildPartial());
    }
  }

  private Tensor content(Kept keep, long start, long end) {
    long length = end - start;
    long width = keep.dtype.byteSize(1);
    if (length % width != 0) {
      throw invalid(start, keep.field.getName() + " holds a part of a number");
    }
    return Tensor.of(keep.dtype, new long[] {length / width}, bytes.asSlice(start, length), arena);
  }

  private void mergeRun(Message.Builder builder, long start, long end, int depth) {
    if (start == end) {
      return;
    }
    if (end - start > Integer.MAX_VALUE - 8) {
      throw invalid(start, "a field is larger than protobuf allows");
    }
    byte[] copy = bytes.asSlice(start, end - start).toArray(ValueLayout.JAVA_BYTE);
    try {
      CodedInputStream in = CodedInputStream.newInstance(copy);
      in.setRecursionLimit(depth);
      builder.mergeFrom(in);
      in.checkLastTagWas(0);
    } catch (InvalidProtocolBufferException e) {
      throw new IsomorphException(
          List.of(
              Diagnostic.error(
                      ErrorCode.FORMAT_INVALID,
                      "the bytes from here on are not a protobuf message '%s'",
                      builder.getDescriptorForType().getName())
                  .at(start)
                  .help(e.getMessage())),
          e);
    } catch (IOException e) {
      throw new IllegalStateException("reading from an array failed", e);
    }
  }

  private long skip(long at, long end, int wire, int number, long field) {
    switch (wire) {
      case WireFormat.WIRETYPE_VARINT -> {
        return varint(at, end)[1];
      }
      case WireFormat.WIRETYPE_FIXED64 -> {
        return fixed(at, end, 8, field);
      }
      case WireFormat.WIRETYPE_FIXED32 -> {
        return fixed(at, end, 4, field);
      }
      case WireFormat.WIRETYPE_START_GROUP -> {
        // Neither ONNX nor TensorFlow has groups.
        throw invalid(field, "field " + number + " is a group");
      }
      default -> throw invalid(field, "field " + number + " has the wire type " + wire);
    }
  }

  private static long fixed(long at, long end, int width, long field) {
    if (width > end - at) {
      throw truncated(field, "a field of " + width + " bytes", end - at);
    }
    return at + width;
  }

  /** {@return the value and the position after it} */
  private long[] varint(long at, long end) {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (at + shift / 7 >= end) {
        throw truncated(at, "a varint", end - at);
      }
      byte b = bytes.get(ValueLayout.JAVA_BYTE, at + shift / 7);
      value |= (long) (b & 0x7F) << shift;
      if (b >= 0) {
        return new long[] {value, at + shift / 7 + 1};
      }
    }
    throw invalid(at, "a varint has more than ten bytes");
  }

  private static IsomorphException invalid(long at, String what) {
    return Diagnostic.error(ErrorCode.FORMAT_INVALID, "not a protobuf message: %s", what)
        .at(at)
        .toException();
  }

  private static IsomorphException truncated(long at, String what, long left) {
    return Diagnostic.error(ErrorCode.FORMAT_TRUNCATED, "the message ends within a field")
        .at(at)
        .expected(what, left + " bytes are left")
        .toException();
  }
}
