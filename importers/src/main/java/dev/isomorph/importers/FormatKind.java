package dev.isomorph.importers;

/** What a file or folder turned out to be. */
public enum FormatKind {
  ONNX("onnx", "ONNX model"),
  ONNX_TEST_CASE("onnx test case", "folder of an ONNX backend test case"),
  TORCH_ZIP("torch.save", "PyTorch file (torch.save, zip)"),
  TORCH_LEGACY("torch.save (legacy)", "PyTorch file (torch.save before 1.6)"),
  TORCHSCRIPT("torchscript", "TorchScript archive"),
  PT2("pt2", "torch.export archive"),
  SAFETENSORS("safetensors", "safetensors file"),
  HUGGING_FACE("hugging face", "Hugging Face model folder"),
  SAVED_MODEL("saved-model", "TensorFlow SavedModel folder"),
  GRAPH_DEF("graphdef", "TensorFlow GraphDef"),
  TF_CHECKPOINT("checkpoint", "TensorFlow checkpoint"),
  KERAS("keras", "Keras model (.keras)"),
  HDF5("hdf5", "HDF5 file"),
  TFLITE("tflite", "TensorFlow Lite model"),
  TFJS("tfjs", "TensorFlow.js model"),
  NPY("npy", "NumPy array"),
  NPZ("npz", "archive of NumPy arrays");

  private final String format;
  private final String title;

  FormatKind(String format, String title) {
    this.format = format;
    this.title = title;
  }

  /** {@return the format's short name, as reports and {@code Model.Source} have it} */
  public String format() {
    return format;
  }

  /** {@return what it is, in words, for messages} */
  public String title() {
    return title;
  }
}
