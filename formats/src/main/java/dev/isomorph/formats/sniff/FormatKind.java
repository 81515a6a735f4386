package dev.isomorph.formats.sniff;

/** What a path can be. */
public enum FormatKind {
  ONNX("an ONNX model", Family.MODEL),
  ONNX_TEXT("an ONNX model as text", Family.MODEL),
  ONNX_TENSOR("a tensor of ONNX", Family.DATA),
  ONNX_TEST_CASE("a folder with an ONNX model and its test data", Family.MODEL),
  ORT("a model in ONNX Runtime's own format", Family.FOREIGN),
  TORCH_ZIP("a file of torch.save", Family.WEIGHTS),
  TORCH_LEGACY("a file of torch.save in the form before PyTorch 1.6", Family.WEIGHTS),
  TORCH_TAR("a file of torch.save in the form of PyTorch 0.1", Family.WEIGHTS),
  TORCHSCRIPT("a TorchScript archive", Family.MODEL),
  TORCHSCRIPT_MOBILE("a TorchScript archive for mobile phones", Family.MODEL),
  TORCHSCRIPT_FLATBUFFER("a TorchScript model as a flatbuffer", Family.FOREIGN),
  PT2("an archive of torch.export", Family.MODEL),
  EXECUTORCH("an ExecuTorch program", Family.FOREIGN),
  TORCH_SOURCE("a folder with PyTorch source and its state dict", Family.MODEL),
  SAFETENSORS("a safetensors file", Family.WEIGHTS),
  SAFETENSORS_INDEX("an index of safetensors files", Family.WEIGHTS),
  TORCH_INDEX("an index of torch.save files", Family.WEIGHTS),
  HUGGING_FACE("a Hugging Face model folder", Family.MODEL),
  SAVED_MODEL("a TensorFlow SavedModel folder", Family.MODEL),
  SAVED_MODEL_FILE("the saved_model.pb of a TensorFlow SavedModel", Family.MODEL),
  SERVING_FOLDER("a TensorFlow Serving folder with numbered versions", Family.MODEL),
  GRAPHDEF("a TensorFlow GraphDef", Family.MODEL),
  GRAPHDEF_TEXT("a TensorFlow GraphDef as text", Family.MODEL),
  CHECKPOINT("a TensorFlow checkpoint", Family.WEIGHTS),
  KERAS("a Keras model", Family.MODEL),
  HDF5("an HDF5 file, as Keras writes models and weights", Family.MODEL),
  TFLITE("a TensorFlow Lite model", Family.MODEL),
  TFJS("a TensorFlow.js model", Family.MODEL),
  TFJS_WEIGHTS("a weights manifest of TensorFlow.js without a model", Family.WEIGHTS),
  MAR("a TorchServe model archive", Family.MODEL),
  NPY("a NumPy array", Family.DATA),
  NPZ("an archive of NumPy arrays", Family.DATA),
  PICKLE("a Python pickle", Family.DATA),
  TF_RECORDS("a file of TensorFlow records", Family.DATA),
  PYTHON("Python source", Family.SOURCE),
  GIT_LFS_POINTER("a Git LFS pointer, not the file itself", Family.WRONG),
  HTML("an HTML page", Family.WRONG),
  XML("an XML file", Family.WRONG),
  JSON("a JSON file", Family.WRONG),
  TEXT("a text file", Family.WRONG),
  ZIP("a zip archive of something else", Family.WRONG),
  TAR("a tar archive of something else", Family.WRONG),
  COMPRESSED("a compressed file", Family.WRONG),
  EMPTY("an empty file", Family.WRONG),
  FOLDER("a folder without a model that is known", Family.WRONG),
  OTHER("a file of another kind", Family.WRONG),
  UNKNOWN("a file in no known format", Family.WRONG);

  /** What can be done with it. */
  public enum Family {
    /** It holds a graph. */
    MODEL,
    /** It holds tensors and no graph. */
    WEIGHTS,
    /** It holds values. */
    DATA,
    SOURCE,
    /** It is a model of a format that is recognised and not read. */
    FOREIGN,
    /** It is no model. */
    WRONG
  }

  private final String text;
  private final Family family;

  FormatKind(String text, Family family) {
    this.text = text;
    this.family = family;
  }

  /** {@return a few words with an article} */
  public String text() {
    return text;
  }

  /** {@return what can be done with it} */
  public Family family() {
    return family;
  }
}
