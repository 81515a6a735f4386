package dev.isomorph.formats.torch;

import dev.isomorph.formats.pickle.ForeignValue;
import dev.isomorph.formats.pickle.TupleValue;

/** Small PyTorch values in pickles, beside tensors, storages and dtypes. */
public sealed interface TorchValue extends ForeignValue {

  /** A {@code torch.Size}. */
  record Size(TupleValue dims) implements TorchValue {
    @Override
    public String describe() {
      return "a torch.Size of " + dims.items().size();
    }
  }

  /** A {@code torch.device}: {@code cpu}, {@code cuda:0}. */
  record Device(String name) implements TorchValue {
    @Override
    public String describe() {
      return "the device " + name;
    }
  }

  /** A {@code torch.layout}: {@code torch.strided}, {@code torch.sparse_coo}. */
  record Layout(String name) implements TorchValue {
    @Override
    public String describe() {
      return "the layout " + name;
    }
  }
}
