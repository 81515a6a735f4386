package dev.isomorph.formats.protobuf;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.MapEntry;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.WireFormat;
import dev.isomorph.formats.io.TensorBytes;
import dev.isomorph.ir.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Writes messages whose large fields are references of {@link LargeFields}: their contents go from
 * the tensors to the channel region by region. The bytes are those that the protobuf runtime would
 * write if the contents were in the message, with map entries sorted by key, so the same message
 * gives the same bytes.
 */
public final class MessageWriter {
  private final LargeFields large;

  /** Bytes on the heap ({@code byte[]}) and tensors, in the order of the output. */
  private final List<Object> parts = new ArrayList<>();

  private final ByteArrayOutputStream pending = new ByteArrayOutputStream();

  private MessageWriter(LargeFields large) {
    this.large = large;
  }

  /**
   * Writes a message.
   *
   * @param message may hold references of {@code large}
   */
  public static void write(Message message, LargeFields large, WritableByteChannel out)
      throws IOException {
    MessageWriter writer = new MessageWriter(large);
    writer.encode(message);
    writer.flush();
    for (Object part : writer.parts) {
      if (part instanceof Tensor tensor) {
        TensorBytes.write(tensor, out);
      } else {
        TensorBytes.writeFully(ByteBuffer.wrap((byte[]) part), out);
      }
    }
  }

  /** {@return the number of bytes that {@link #write} writes} */
  public static long size(Message message, LargeFields large) {
    return new Sizes(large).size(message);
  }

  private void flush() {
    if (pending.size() > 0) {
      parts.add(pending.toByteArray());
      pending.reset();
    }
  }

  private void encode(Message message) throws IOException {
    Sizes sizes = new Sizes(large);
    if (!sizes.hasReference(message)) {
      writePlain(message);
      return;
    }
    if (message instanceof MapEntry<?, ?> entry) {
      // An entry is written with its value even when that is empty: a tag and a length of zero.
      byte[] key = entry.toBuilder().clearValue().build().toByteArray();
      pending.write(key, 0, key.length - 2);
      encodeField(entry.getDescriptorForType().findFieldByNumber(2), entry.getValue(), sizes);
      return;
    }
    // Runs of fields without references are written by the runtime, in its order: by number.
    Set<FieldDescriptor> run = new HashSet<>();
    for (Map.Entry<FieldDescriptor, Object> entry : message.getAllFields().entrySet()) {
      FieldDescriptor field = entry.getKey();
      if (!sizes.hasReference(field, entry.getValue())) {
        run.add(field);
        continue;
      }
      writePlain(only(message, run).setUnknownFields(UnknownFieldSet.getDefaultInstance()));
      run.clear();
      for (Object value : values(field, entry.getValue())) {
        encodeField(field, value, sizes);
      }
    }
    writePlain(only(message, run));
  }

  private void encodeField(FieldDescriptor field, Object value, Sizes sizes) throws IOException {
    writeVarint((long) field.getNumber() << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED, pending);
    switch (value) {
      case ByteString bytes when large.get(bytes).isPresent() -> {
        Tensor content = large.get(bytes).get();
        writeVarint(content.byteSize(), pending);
        flush();
        parts.add(content);
      }
      case ByteString bytes -> {
        writeVarint(bytes.size(), pending);
        bytes.writeTo(pending);
      }
      default -> {
        writeVarint(sizes.size((Message) value), pending);
        encode((Message) value);
      }
    }
  }

  /** Clears the others, because copying these would decode text, which need not be valid UTF-8. */
  private static Message.Builder only(Message message, Set<FieldDescriptor> fields) {
    Message.Builder builder = message.toBuilder();
    for (FieldDescriptor field : message.getAllFields().keySet()) {
      if (!fields.contains(field)) {
        builder.clearField(field);
      }
    }
    return builder;
  }

  private void writePlain(Message.Builder builder) throws IOException {
    writePlain(builder.buildPartial());
  }

  private void writePlain(Message message) throws IOException {
    CodedOutputStream out = CodedOutputStream.newInstance(pending);
    out.useDeterministicSerialization();
    message.writeTo(out);
    out.flush();
  }

  private static void writeVarint(long value, ByteArrayOutputStream out) {
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      out.write((int) (rest & 0x7F | 0x80));
      rest >>>= 7;
    }
    out.write((int) rest);
  }

  /** {@return the values of a field, one or all; a map's entries sorted by key} */
  private static List<?> values(FieldDescriptor field, Object value) {
    if (!field.isRepeated()) {
      return List.of(value);
    }
    List<?> all = (List<?>) value;
    return field.isMapField() ? all.stream().sorted(MessageWriter::compareKeys).toList() : all;
  }

  private static int compareKeys(Object a, Object b) {
    Object left = ((MapEntry<?, ?>) a).getKey();
    Object right = ((MapEntry<?, ?>) b).getKey();
    return left instanceof Number number
        ? Long.compare(number.longValue(), ((Number) right).longValue())
        : left.toString().compareTo(right.toString());
  }

  /** Sizes with the contents of references counted in. */
  private record Sizes(LargeFields large) {
    boolean hasReference(Message message) {
      for (Map.Entry<FieldDescriptor, Object> entry : message.getAllFields().entrySet()) {
        if (hasReference(entry.getKey(), entry.getValue())) {
          return true;
        }
      }
      return false;
    }

    boolean hasReference(FieldDescriptor field, Object value) {
      return switch (field.getType()) {
        case BYTES -> {
          for (Object one : values(field, value)) {
            if (large.get((ByteString) one).isPresent()) {
              yield true;
            }
          }
          yield false;
        }
        case MESSAGE -> {
          for (Object one : values(field, value)) {
            if (hasReference((Message) one)) {
              yield true;
            }
          }
          yield false;
        }
        default -> false;
      };
    }

    /** The runtime's own size, plus what references add to their fields and all lengths around. */
    long size(Message message) {
      return message.getSerializedSize() + growth(message);
    }

    private long growth(Message message) {
      long growth = 0;
      for (Map.Entry<FieldDescriptor, Object> entry : message.getAllFields().entrySet()) {
        FieldDescriptor field = entry.getKey();
        FieldDescriptor.Type type = field.getType();
        if (type != FieldDescriptor.Type.BYTES && type != FieldDescriptor.Type.MESSAGE) {
          continue;
        }
        for (Object value : values(field, entry.getValue())) {
          long was = 0;
          long is = 0;
          if (value instanceof Message child) {
            was = child.getSerializedSize();
            is = was + growth(child);
          } else if (value instanceof ByteString bytes) {
            was = bytes.size();
            is = large.get(bytes).map(Tensor::byteSize).orElse(was);
          }
          growth += is - was + varintSize(is) - varintSize(was);
        }
      }
      return growth;
    }

    private static int varintSize(long value) {
      return Math.max(1, Math.ceilDiv(64 - Long.numberOfLeadingZeros(value), 7));
    }
  }
}
