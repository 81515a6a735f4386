package dev.isomorph.formats.numpy;

import dev.isomorph.formats.pickle.Call;
import dev.isomorph.formats.pickle.Constructor;
import dev.isomorph.formats.pickle.GlobalValue;
import dev.isomorph.formats.pickle.PickleValue;
import dev.isomorph.formats.pickle.StrValue;
import dev.isomorph.formats.pickle.TupleValue;
import dev.isomorph.ir.diagnostic.Limits;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.ir.tensor.TensorArena;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** NumPy's part of the closed list: arrays, scalars and dtypes in pickles of NumPy 1 and 2. */
public final class NumpyPickles {
  private final TensorArena owner;
  private final Limits limits;

  private NumpyPickles(TensorArena owner, Limits limits) {
    this.owner = owner;
    this.limits = limits;
  }

  /**
   * {@return the constructors by qualified name}
   *
   * @param owner whose memory the pickle's bytes are
   */
  public static Map<String, Constructor> constructors(TensorArena owner, Limits limits) {
    NumpyPickles made = new NumpyPickles(owner, limits);
    Map<String, Constructor> all = new HashMap<>();
    all.put("numpy.dtype", NumpyPickles::dtype);
    for (String core : List.of("numpy.core", "numpy._core")) {
      all.put(core + ".multiarray._reconstruct", made::reconstruct);
      all.put(core + ".multiarray.scalar", made::scalar);
      all.put(core + ".numeric._frombuffer", made::fromBuffer);
    }
    return Map.copyOf(all);
  }

  private static PickleValue dtype(Call call) {
    call.requireSize(1, 3);
    return switch (call.value(0)) {
      case StrValue s -> new NumpyDType(s.value());
      case GlobalValue g -> new NumpyDType(classCode(g, call));
      case PickleValue v -> throw call.wrong(0, "a type string", v);
    };
  }

  private static String classCode(GlobalValue type, Call call) {
    return switch (type.name()) {
      case "float16" -> "f2";
      case "float32" -> "f4";
      case "float64" -> "f8";
      case "int8" -> "i1";
      case "int16" -> "i2";
      case "int32" -> "i4";
      case "int64" -> "i8";
      case "uint8" -> "u1";
      case "uint16" -> "u2";
      case "uint32" -> "u4";
      case "uint64" -> "u8";
      case "bool", "bool_" -> "b1";
      default -> throw call.wrong(0, "a NumPy number type", type);
    };
  }

  private PickleValue reconstruct(Call call) {
    call.requireSize(3, 3);
    GlobalValue type = call.value(0, GlobalValue.class, "numpy.ndarray");
    if (!type.qualifiedName().equals("numpy.ndarray")) {
      throw call.wrong(0, "numpy.ndarray", type);
    }
    return new NumpyArray(owner, limits);
  }

  private PickleValue scalar(Call call) {
    call.requireSize(1, 2);
    NumpyDType dtype = call.value(0, NumpyDType.class, "a NumPy dtype");
    Optional<PickleValue.Bytes> data = call.size() == 2 ? bytes(call.value(1)) : Optional.empty();
    boolean plain = data.isPresent() && dtype.isPlain();
    return new NumpyArray(
        dtype, plain ? dtype.decode(false, new long[0], data.get(), owner, limits) : null);
  }

  /** {@code _frombuffer(buffer, dtype, shape, order)} of protocol 5. */
  private PickleValue fromBuffer(Call call) {
    call.requireSize(4, 4);
    PickleValue.Bytes data = call.value(0, PickleValue.Bytes.class, "bytes");
    NumpyDType dtype = call.value(1, NumpyDType.class, "a NumPy dtype");
    boolean fortran = call.string(3).equals("F");
    Tensor tensor =
        dtype.isPlain() ? dtype.decode(fortran, call.integers(2), data, owner, limits) : null;
    return new NumpyArray(dtype, tensor);
  }

  static long[] shape(TupleValue dims) {
    return new Call("numpy.ndarray", List.of(dims), -1).integers(0);
  }

  /** {@return raw data: bytes, or the text that Python 2 wrote instead} */
  static Optional<PickleValue.Bytes> bytes(PickleValue value) {
    return switch (value) {
      case PickleValue.Bytes b -> Optional.of(b);
      case StrValue s when s.value().chars().allMatch(c -> c < 0x80) -> {
        byte[] raw = s.value().getBytes(StandardCharsets.US_ASCII);
        yield Optional.of(
            new PickleValue.Bytes(
                Tensor.allocate(raw.length).copyFrom(java.lang.foreign.MemorySegment.ofArray(raw)),
                false));
      }
      default -> Optional.empty();
    };
  }
}
