package dev.isomorph.verifier.engine;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxMap;
import ai.onnxruntime.OnnxSequence;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxTensorLike;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Datum;
import dev.isomorph.ir.tensor.MapValue;
import dev.isomorph.ir.tensor.SequenceValue;
import dev.isomorph.ir.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/** ONNX Runtime's CPU provider, through its Java API, with its default optimisations. */
public final class OnnxRuntimeEngine implements Engine {
  @Override
  public String name() {
    return "onnxruntime";
  }

  @Override
  public Availability availability() {
    try {
      return Availability.of(
          OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL).getVersion());
    } catch (LinkageError | RuntimeException e) {
      return Availability.missing("its native library cannot be loaded: " + e.getMessage());
    }
  }

  @Override
  public boolean runs(String format) {
    return format.equals("onnx");
  }

  @Override
  public EngineSession open(Path model, String signature) {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
      OrtEnvironment environment =
          OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
      return new Session(environment, environment.createSession(model.toString(), options), model);
    } catch (OrtException e) {
      throw Diagnostic.error(
              ErrorCode.UNSUPPORTED_TARGET, "ONNX Runtime refuses the file: %s", e.getMessage())
          .inFile(model.toString())
          .toException();
    }
  }

  private record Session(OrtEnvironment environment, OrtSession session, Path model)
      implements EngineSession {
    @Override
    public SequencedMap<String, Datum> run(SequencedMap<String, Tensor> inputs) {
      Map<String, OnnxTensorLike> given = new LinkedHashMap<>();
      try {
        for (Map.Entry<String, Tensor> input : inputs.entrySet()) {
          if (session.getInputNames().contains(input.getKey())) {
            given.put(input.getKey(), toOrt(input.getValue(), environment));
          }
        }
        try (OrtSession.Result result = session.run(given)) {
          SequencedMap<String, Datum> outputs = new LinkedHashMap<>();
          for (Map.Entry<String, OnnxValue> output : result) {
            outputs.put(output.getKey(), fromOrt(output.getValue()));
          }
          return outputs;
        }
      } catch (OrtException e) {
        throw Diagnostic.error(
                ErrorCode.RUN_FAILED, "ONNX Runtime cannot run the model: %s", e.getMessage())
            .inFile(model.toString())
            .toException();
      } finally {
        given.values().forEach(OnnxTensorLike::close);
      }
    }

    @Override
    public void close() {
      try {
        session.close();
      } catch (OrtException e) {
        throw new IllegalStateException("ONNX Runtime cannot close a session", e);
      }
    }
  }

  private static OnnxTensor toOrt(Tensor tensor, OrtEnvironment environment) throws OrtException {
    long[] dims = tensor.dims();
    if (tensor.dtype() == DType.STRING) {
      return OnnxTensor.createTensor(environment, tensor.strings().toArray(String[]::new), dims);
    }
    ByteBuffer bytes = ByteBuffer.allocateDirect(Math.toIntExact(tensor.byteSize()));
    MemorySegment.ofBuffer(bytes).copyFrom(tensor.segment());
    bytes.order(ByteOrder.nativeOrder());
    return switch (tensor.dtype()) {
      case F32 -> OnnxTensor.createTensor(environment, bytes.asFloatBuffer(), dims);
      case F64 -> OnnxTensor.createTensor(environment, bytes.asDoubleBuffer(), dims);
      case I64 -> OnnxTensor.createTensor(environment, bytes.asLongBuffer(), dims);
      case I32 -> OnnxTensor.createTensor(environment, bytes.asIntBuffer(), dims);
      case I16 ->
          OnnxTensor.createTensor(environment, bytes.asShortBuffer(), dims, OnnxJavaType.INT16);
      case I8 -> OnnxTensor.createTensor(environment, bytes, dims, OnnxJavaType.INT8);
      case U8 -> OnnxTensor.createTensor(environment, bytes, dims, OnnxJavaType.UINT8);
      case BOOL -> OnnxTensor.createTensor(environment, bytes, dims, OnnxJavaType.BOOL);
      case F16 ->
          OnnxTensor.createTensor(environment, bytes.asShortBuffer(), dims, OnnxJavaType.FLOAT16);
      case BF16 ->
          OnnxTensor.createTensor(environment, bytes.asShortBuffer(), dims, OnnxJavaType.BFLOAT16);
      default -> throw unsupported(tensor.dtype().shortName());
    };
  }

  private static Datum fromOrt(OnnxValue value) throws OrtException {
    return switch (value) {
      case OnnxTensor tensor -> tensor(tensor);
      case OnnxSequence sequence -> {
        List<Datum> elements = new ArrayList<>();
        for (OnnxValue element : sequence.getValue()) {
          elements.add(fromOrt(element));
        }
        yield new SequenceValue(elements);
      }
      case OnnxMap map -> {
        Map<Object, Datum> entries = new LinkedHashMap<>();
        map.getValue().forEach((key, element) -> entries.put(key, scalar(element)));
        yield new MapValue(entries);
      }
      default -> throw unsupported(value.getType().toString());
    };
  }

  private static Datum scalar(Object element) {
    return switch (element) {
      case Float f -> Tensor.of(new float[] {f});
      case Double d -> Tensor.of(new double[] {d});
      case Long l -> Tensor.of(new long[] {l});
      default -> Tensor.of(List.of(String.valueOf(element)));
    };
  }

  private static Tensor tensor(OnnxTensor tensor) throws OrtException {
    long[] dims = tensor.getInfo().getShape();
    DType dtype = dtype(tensor.getInfo().onnxType);
    if (dtype == DType.STRING) {
      List<String> strings = new ArrayList<>();
      flatten(tensor.getValue(), strings);
      return Tensor.of(strings, dims);
    }
    MemorySegment bytes = Tensor.allocate(dtype.byteSize(Tensor.sizeOf(dims)));
    if (bytes.byteSize() > 0) {
      bytes.copyFrom(MemorySegment.ofBuffer(tensor.getByteBuffer()));
    }
    return Tensor.of(dtype, dims, bytes);
  }

  private static void flatten(Object value, List<String> into) {
    if (value instanceof Object[] array) {
      Arrays.stream(array).forEach(element -> flatten(element, into));
    } else {
      into.add(String.valueOf(value));
    }
  }

  private static DType dtype(TensorInfo.OnnxTensorType type) {
    return switch (type) {
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT -> DType.F32;
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE -> DType.F64;
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16 -> DType.F16;
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_BFLOAT16 -> DType.BF16;
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT8 -> DType.I8;
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT16 -> DType.I16;
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32 -> DType.I32;
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64 -> DType.I64;
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8 -> DType.U8;
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT16 -> DType.U16;
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT32 -> DType.U32;
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT64 -> DType.U64;
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL -> DType.BOOL;
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_STRING -> DType.STRING;
      default -> throw unsupported(type.toString());
    };
  }

  private static IsomorphException unsupported(String type) {
    return Diagnostic.error(
            ErrorCode.UNSUPPORTED_DTYPE,
            "ONNX Runtime's Java interface cannot carry values of %s",
            type)
        .toException();
  }
}
