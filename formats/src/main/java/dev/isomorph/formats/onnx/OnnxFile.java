package dev.isomorph.formats.onnx;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.Descriptors.Descriptor;
import dev.isomorph.formats.onnx.proto.ModelProto;
import dev.isomorph.formats.onnx.proto.TensorProto;
import dev.isomorph.formats.protobuf.LargeFields;
import dev.isomorph.formats.protobuf.MappedMessages;
import dev.isomorph.formats.protobuf.TextMessages;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.diagnostic.Limits;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.ir.tensor.TensorArena;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * An ONNX model file that was read. Names, unknown fields and the order of everything are kept byte
 * for byte. Tensor data of 4 KiB or more stays in the mapped file: in the message, {@code raw_data}
 * is a reference of {@link #large}; packed {@code float_data} and {@code double_data} become such
 * {@code raw_data} too. Immutable and safe for many threads.
 *
 * @see <a href="https://onnx.ai/onnx/repo-docs/IR.html">the ONNX IR specification</a>
 */
public final class OnnxFile {
  static final List<MappedMessages.Kept> KEPT =
      List.of(
          kept(TensorProto.RAW_DATA_FIELD_NUMBER, DType.U8),
          kept(TensorProto.FLOAT_DATA_FIELD_NUMBER, DType.F32),
          kept(TensorProto.DOUBLE_DATA_FIELD_NUMBER, DType.F64));

  private final Path path;
  private final ModelProto model;
  private final LargeFields large;
  private final OnnxTensors tensors;

  private OnnxFile(Path path, ModelProto model, LargeFields large, OnnxTensors tensors) {
    this.path = path;
    this.model = model;
    this.large = large;
    this.tensors = tensors;
  }

  private static MappedMessages.Kept kept(int number, DType dtype) {
    Descriptor type = TensorProto.getDescriptor();
    return new MappedMessages.Kept(
        type.findFieldByNumber(number),
        type.findFieldByNumber(TensorProto.RAW_DATA_FIELD_NUMBER),
        dtype);
  }

  /**
   * Reads a model.
   *
   * @param path a file with a {@code ModelProto}, binary or in protobuf's text form
   * @param arena owns the maps of the file and of its external data
   * @throws IsomorphException if the file is missing, empty, cut or no {@code ModelProto}
   */
  public static OnnxFile read(Path path, TensorArena arena, Limits limits) {
    requireNonNull(path, "path is null");
    LargeFields large = new LargeFields();
    ModelProto.Builder builder = ModelProto.newBuilder();
    ModelProto model =
        (TextMessages.isText(path)
                ? TextMessages.read(path, builder, limits)
                : MappedMessages.read(path, builder, arena, KEPT, large, limits))
            .buildPartial();
    if (!model.hasGraph()) {
      throw Diagnostic.error(ErrorCode.FORMAT_INVALID, "the file is no ONNX model: it has no graph")
          .inFile(path.toString())
          .toException();
    }
    Path folder = path.toAbsolutePath().getParent();
    OnnxTensors tensors = OnnxTensors.of(path.toString(), arena, large, folder, limits);
    return new OnnxFile(path, model, large, tensors);
  }

  /** {@return the file, as it was named} */
  public Path path() {
    return path;
  }

  /** {@return the model} */
  public ModelProto model() {
    return model;
  }

  /** {@return the tensor data that stayed in the file} */
  public LargeFields large() {
    return large;
  }

  /** {@return the decoder of the model's tensors} */
  public OnnxTensors tensors() {
    return tensors;
  }

  /**
   * {@return the elements of one of the model's tensors}
   *
   * @throws IsomorphException as {@link OnnxTensors#toTensor(TensorProto)}
   */
  public Tensor tensor(TensorProto proto) {
    return tensors.toTensor(proto);
  }

  /**
   * {@return the model with the data of external tensors as references of {@link #large}, to be
   * written elsewhere}
   *
   * @throws IsomorphException if external data cannot be read
   */
  public ModelProto modelWithData() {
    UnaryOperator<TensorProto> take =
        proto -> {
          if (proto.getDataLocation() != TensorProto.DataLocation.EXTERNAL) {
            return proto;
          }
          TensorProto.Builder inside = proto.toBuilder().clearDataLocation().clearExternalData();
          return inside.setRawData(large.add(tensors.toTensor(proto))).build();
        };
    return new TensorProtos(take, take).rewrite(model);
  }
}
