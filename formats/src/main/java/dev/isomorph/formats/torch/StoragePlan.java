package dev.isomorph.formats.torch;

import dev.isomorph.formats.NamedTensor;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.LazyTensors;
import dev.isomorph.ir.tensor.Tensor;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** Which storages a list of tensors needs, and which window of which storage each tensor is. */
record StoragePlan(List<Stored> storages, List<Window> windows) {

  /**
   * A storage to be written.
   *
   * @param key decimal, by first use
   * @param type the tensors' dtype
   * @param content all its elements
   */
  record Stored(String key, TorchDType type, Tensor content) {
    /** {@return whether its dtype has no storage class, so that it is saved as bytes} */
    boolean untyped() {
      return type.storageClass().isEmpty();
    }

    /** {@return elements as PyTorch counts them: bytes of untyped storages} */
    long count() {
      return untyped() ? content.byteSize() : content.size();
    }
  }

  /** A tensor to be written. */
  record Window(String name, Stored storage, long offset, long[] dims, long[] strides) {}

  /** A tensor and the storage that holds it, for finding what is tied. */
  private record Placed(NamedTensor tensor, Stored storage) {}

  /**
   * {@return the plan}
   *
   * @throws IsomorphException {@link ErrorCode#UNSUPPORTED_DTYPE} naming every tensor that PyTorch
   *     cannot hold
   */
  static StoragePlan of(List<NamedTensor> tensors) {
    List<Stored> storages = new ArrayList<>();
    List<Window> windows = new ArrayList<>();
    Map<Object, List<Placed>> byIdentity = new IdentityHashMap<>();
    List<Diagnostic> faults = new ArrayList<>();
    for (NamedTensor t : tensors) {
      DType dtype = t.tensor().dtype();
      TorchDType type = TorchDType.of(dtype).orElse(null);
      boolean pairs = type == TorchDType.FLOAT4_E2M1FN_X2;
      boolean odd =
          pairs && (t.tensor().rank() == 0 || t.tensor().dim(t.tensor().rank() - 1) % 2 != 0);
      if (type == null || odd) {
        faults.add(
            Diagnostic.error(
                    ErrorCode.UNSUPPORTED_DTYPE,
                    "PyTorch cannot save tensors of type %s",
                    t.tensor().typeText())
                .inEntry(t.name()));
        continue;
      }
      List<Placed> siblings = byIdentity.computeIfAbsent(t.identity(), _ -> new ArrayList<>());
      Stored stored = known(siblings, t);
      if (stored == null) {
        Tensor content = t.view().map(NamedTensor.View::storage).orElse(t.tensor());
        stored = new Stored(Integer.toString(storages.size()), type, content);
        storages.add(stored);
      }
      siblings.add(new Placed(t, stored));
      windows.add(window(t, stored, pairs));
    }
    if (!faults.isEmpty()) {
      throw new IsomorphException(faults);
    }
    return new StoragePlan(storages, windows);
  }

  private static Stored known(List<Placed> siblings, NamedTensor t) {
    for (Placed p : siblings) {
      boolean sameStorage = t.view().isPresent() && t.view().get().storage() == p.storage.content;
      if (sameStorage || t.view().isEmpty() && p.tensor.view().isEmpty() && t.isTiedTo(p.tensor)) {
        return p.storage;
      }
    }
    return null;
  }

  private static Window window(NamedTensor t, Stored stored, boolean pairs) {
    long[] dims = t.tensor().dims();
    if (pairs) {
      dims[dims.length - 1] /= 2;
      return new Window(t.name(), stored, 0, dims, LazyTensors.rowMajorStrides(dims));
    }
    return new Window(t.name(), stored, t.offset(), dims, t.strides());
  }
}
