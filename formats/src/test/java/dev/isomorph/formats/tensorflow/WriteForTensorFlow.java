package dev.isomorph.formats.tensorflow;

import dev.isomorph.formats.protobuf.LargeFields;
import dev.isomorph.formats.tensorflow.proto.AttrValue;
import dev.isomorph.formats.tensorflow.proto.GraphDef;
import dev.isomorph.formats.tensorflow.proto.NodeDef;
import dev.isomorph.ir.diagnostic.Limits;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.ir.tensor.TensorArena;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Writes files that {@code src/test/python/check_with_tensorflow.py} loads with the real
 * TensorFlow: a checkpoint and a frozen graph with a tensor of every type, and a SavedModel written
 * anew.
 */
final class WriteForTensorFlow {
  private WriteForTensorFlow() {}

  /** Writes to the folder that is the first argument, which must not hold these files yet. */
  public static void main(String[] arguments) throws IOException {
    Path out = Path.of(arguments[0]);
    Map<String, Tensor> tensors = new TreeMap<>();
    ramps().forEach((dtype, tensor) -> tensors.put(dtype.shortName(), tensor));
    tensors.put("string", Tensor.of(List.of("ü", "", "long".repeat(500)), 3));
    for (int i = 0; i < 3000; i++) {
      tensors.put("many/" + i, Tensor.scalar(DType.I32, (long) i));
    }
    Checkpoint.write(out.resolve("checkpoint"), "ckpt", tensors, Optional.empty(), false);

    LargeFields large = new LargeFields();
    GraphDef.Builder graph = GraphDef.newBuilder();
    graph.getVersionsBuilder().setProducer(1882);
    ramps()
        .forEach(
            (dtype, tensor) ->
                graph.addNode(
                    NodeDef.newBuilder()
                        .setName(dtype.shortName())
                        .setOp("Const")
                        .putAttr(
                            "value",
                            AttrValue.newBuilder()
                                .setTensor(TfTensors.toProto(tensor, large))
                                .build())
                        .putAttr(
                            "dtype",
                            AttrValue.newBuilder().setType(DataTypes.theirs(dtype)).build())));
    GraphDefFile.write(out.resolve("graph.pb"), graph.build(), large, false);

    try (TensorArena arena = TensorArena.open("saved model")) {
      Path source = TfTensorsTest.resource("saved_model");
      SavedModelTest.copy(
          SavedModelFolder.read(source, arena, Limits.defaults()), out.resolve("saved_model"));
    }
  }

  /**
   * A tensor of 2003 elements of each type; element {@code i} has the bytes or bits of {@code i}.
   */
  private static Map<DType, Tensor> ramps() {
    Map<DType, Tensor> ramps = new EnumMap<>(DType.class);
    for (DType dtype : DType.values()) {
      if (dtype == DType.STRING || dtype == DType.F8E8M0) {
        continue;
      }
      int size = 2003;
      MemorySegment bytes = Tensor.allocate(dtype.byteSize(size));
      for (long i = 0; i < (long) size * dtype.bits() / 8; i++) {
        bytes.set(ValueLayout.JAVA_BYTE, i, (byte) (dtype == DType.BOOL ? i % 2 : i * 31 >> 3));
      }
      ramps.put(dtype, Tensor.of(dtype, new long[] {size}, bytes));
    }
    return ramps;
  }
}
