package dev.isomorph.formats.sniff;

import dev.isomorph.ir.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Tells protobuf messages apart by the numbers and wire types of their top-level fields: ONNX's
 * {@code ModelProto} and {@code TensorProto}, TensorFlow's {@code SavedModel} and {@code GraphDef}.
 * Nothing is decoded.
 */
final class ProtobufShape {
  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int LENGTH = 2;
  private static final int FIXED32 = 5;
  private static final int MOST_FIELDS = 10_000;

  private record Field(int number, int wire, long value, long from) {}

  private final MemorySegment bytes;

  private ProtobufShape(MemorySegment bytes) {
    this.bytes = bytes;
  }

  static Optional<FormatMatch> match(MemorySegment file) {
    ProtobufShape shape = new ProtobufShape(file);
    List<Field> fields = shape.fields(0, file.byteSize());
    if (fields.isEmpty()) {
      return Optional.empty();
    }
    if (isOnnx(fields)) {
      return Optional.of(FormatMatch.of(FormatKind.ONNX));
    }
    if (shape.isSavedModel(fields)) {
      return Optional.of(FormatMatch.of(FormatKind.SAVED_MODEL_FILE));
    }
    if (shape.isGraphDef(fields)) {
      return Optional.of(FormatMatch.of(FormatKind.GRAPHDEF));
    }
    return isOnnxTensor(fields)
        ? Optional.of(FormatMatch.of(FormatKind.ONNX_TENSOR))
        : Optional.empty();
  }

  /** ModelProto: ir_version 1, graph 7, opset_import 8, metadata_props 14, functions 25. */
  private static boolean isOnnx(List<Field> fields) {
    boolean version = has(fields, 1, VARINT) && first(fields, 1).value <= 100;
    boolean graph = has(fields, 7, LENGTH);
    return graph
        && (version || has(fields, 8, LENGTH))
        && fields.stream().allMatch(f -> f.number <= 26);
  }

  /**
   * SavedModel: saved_model_schema_version 1, meta_graphs 2, each of which holds a graph in field
   * 2.
   */
  private boolean isSavedModel(List<Field> fields) {
    boolean outer =
        has(fields, 1, VARINT)
            && first(fields, 1).value <= 1
            && has(fields, 2, LENGTH)
            && fields.stream().allMatch(f -> f.number <= 2);
    if (!outer) {
      return false;
    }
    Field meta = first(fields, 2);
    List<Field> inner = fields(meta.from, meta.from + meta.value);
    return !inner.isEmpty() && inner.stream().allMatch(f -> f.number <= 7 && f.wire == LENGTH);
  }

  /** GraphDef: node 1 (name 1, op 2), library 2, version 3, versions 4, debug_info 5. */
  private boolean isGraphDef(List<Field> fields) {
    boolean outer =
        has(fields, 1, LENGTH)
            && fields.stream()
                .allMatch(f -> f.number <= 5 && f.wire == (f.number == 3 ? VARINT : LENGTH));
    if (!outer) {
      return false;
    }
    Field node = first(fields, 1);
    List<Field> inner = fields(node.from, node.from + node.value);
    return has(inner, 1, LENGTH)
        && has(inner, 2, LENGTH)
        && isText(first(inner, 1))
        && isText(first(inner, 2));
  }

  /** TensorProto: dims 1, data_type 2, name 8, raw_data 9 and typed data. */
  private static boolean isOnnxTensor(List<Field> fields) {
    return has(fields, 2, VARINT)
        && first(fields, 2).value <= 30
        && fields.stream().allMatch(f -> f.number <= 16)
        && fields.stream().anyMatch(f -> f.number >= 4 && f.number <= 11);
  }

  private boolean isText(Field field) {
    for (long i = 0; i < Math.min(field.value, 64); i++) {
      byte b = bytes.get(ValueLayout.JAVA_BYTE, field.from + i);
      if (b < ' ') {
        return false;
      }
    }
    return field.value > 0;
  }

  private static boolean has(List<Field> fields, int number, int wire) {
    return fields.stream().anyMatch(f -> f.number == number && f.wire == wire);
  }

  private static Field first(List<Field> fields, int number) {
    return fields.stream().filter(f -> f.number == number).findFirst().orElseThrow();
  }

  /** {@return the fields of a message; empty when the bytes are none} */
  private List<Field> fields(long from, long to) {
    List<Field> fields = new ArrayList<>();
    long[] at = {from};
    while (at[0] < to && fields.size() < MOST_FIELDS) {
      long tag = varint(at, to);
      int wire = (int) tag & 7;
      long number = tag >>> 3;
      if (tag < 0 || number < 1 || number > 1 << 20) {
        return List.of();
      }
      long value;
      switch (wire) {
        case VARINT -> value = varint(at, to);
        case FIXED64 -> {
          value = to - at[0] >= 8 ? bytes.get(Tensor.LE_LONG, at[0]) & Long.MAX_VALUE : -1;
          at[0] += 8;
        }
        case FIXED32 -> {
          value = to - at[0] >= 4 ? bytes.get(Tensor.LE_INT, at[0]) & 0xFFFFFFFFL : -1;
          at[0] += 4;
        }
        case LENGTH -> value = varint(at, to);
        default -> {
          return List.of();
        }
      }
      boolean ends = wire == LENGTH ? value > to - at[0] : at[0] > to;
      if (value < 0 && wire == LENGTH || ends || at[0] > to) {
        return List.of();
      }
      fields.add(new Field((int) number, wire, value, at[0]));
      at[0] += wire == LENGTH ? value : 0;
    }
    return fields;
  }

  /** {@return a varint; −1 when it is cut} */
  private long varint(long[] at, long to) {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (at[0] >= to) {
        at[0] = Long.MAX_VALUE;
        return -1;
      }
      byte b = bytes.get(ValueLayout.JAVA_BYTE, at[0]++);
      value |= (long) (b & 0x7F) << shift;
      if (b >= 0) {
        return value;
      }
    }
    at[0] = Long.MAX_VALUE;
    return -1;
  }
}
