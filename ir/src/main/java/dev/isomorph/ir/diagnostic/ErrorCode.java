package dev.isomorph.ir.diagnostic;

/**
 * The stable codes of everything that can go wrong. A code never changes its meaning or its exit
 * status; {@code docs/errors.md} is generated from this list.
 */
public enum ErrorCode {
  USAGE(Kind.USAGE, "the command line asks for something that cannot be done as written"),
  USAGE_NOTHING_TO_COMPARE(Kind.USAGE, "a comparison was asked for, but nothing can be compared"),
  USAGE_SHAPE_NEEDED(Kind.USAGE, "an input's shape is not known from the model and must be given"),
  USAGE_SOURCE_NEEDED(Kind.USAGE, "a weight file holds no graph: its Python source must be given"),

  FILE_NOT_FOUND(Kind.MALFORMED, "a named file or folder does not exist"),
  FILE_UNREADABLE(Kind.MALFORMED, "a file exists but cannot be read"),
  FILE_EMPTY(Kind.MALFORMED, "a file holds no bytes"),
  FILE_CHANGED(Kind.MALFORMED, "a mapped file was changed or cut while it was in use"),
  FORMAT_UNKNOWN(Kind.MALFORMED, "a file is in none of the known formats"),
  FORMAT_TRUNCATED(Kind.MALFORMED, "a file ends before what its header announces"),
  FORMAT_INVALID(Kind.MALFORMED, "a file breaks the rules of its format"),
  FORMAT_CHECKSUM(Kind.MALFORMED, "stored bytes do not match their stored checksum"),
  FORMAT_LIMIT(Kind.MALFORMED, "a file asks for more memory, nesting or steps than is allowed"),
  FORMAT_UNSAFE_PATH(Kind.MALFORMED, "a path inside a model leaves the model's folder"),
  MODEL_INVALID(Kind.MALFORMED, "a graph breaks the rules of its operators or of its structure"),
  SOURCE_SYNTAX(Kind.MALFORMED, "Python source is not valid"),
  SOURCE_RAISED(Kind.MALFORMED, "Python source raises an exception when it is evaluated"),
  WEIGHTS_MISMATCH(Kind.MALFORMED, "a state dict's keys or shapes do not fit the module"),
  INPUT_MISMATCH(Kind.MALFORMED, "a value's type or shape is not what the model's input declares"),
  RUN_FAILED(Kind.MALFORMED, "an operator cannot compute its result from the values that reach it"),

  UNSUPPORTED_OPERATOR(Kind.UNSUPPORTED, "no rule or kernel is known for an operator"),
  UNSUPPORTED_ATTRIBUTE(
      Kind.UNSUPPORTED, "an attribute or input of an operator is read by no rule"),
  UNSUPPORTED_DTYPE(Kind.UNSUPPORTED, "an operator is not available for an element type"),
  UNSUPPORTED_CONSTRUCT(Kind.UNSUPPORTED, "a construct of Python source is outside the subset"),
  UNSUPPORTED_FEATURE(Kind.UNSUPPORTED, "a feature of a format is known but not supported"),
  UNSUPPORTED_TARGET(Kind.UNSUPPORTED, "a target format cannot say what the graph says"),
  UNSAFE_OBJECT(Kind.UNSUPPORTED, "a file wants to construct an object outside the closed list"),

  ENGINE_MISSING(Kind.MISSING, "an engine that was asked for by name is not present"),
  DEVICE_MISSING(Kind.MISSING, "a device that was asked for by name is not present"),

  OUTPUT_EXISTS(Kind.OUTPUT, "an output exists and may not be replaced"),
  OUTPUT_FAILED(Kind.OUTPUT, "an output could not be written"),

  INTERNAL(Kind.INTERNAL, "a fault of Isomorph itself");

  /** What a caller can do about an error; decides the exit status of the command line. */
  public enum Kind {
    /** Wrong usage, or nothing to compare. */
    USAGE(2),
    /** The input is unreadable or malformed. */
    MALFORMED(3),
    /** The input is well formed, but not supported. */
    UNSUPPORTED(4),
    /** An engine or device asked for by name is missing. */
    MISSING(5),
    /** A bug of ours. */
    INTERNAL(70),
    /** The output could not be written. */
    OUTPUT(74);

    private final int exit;

    Kind(int exit) {
      this.exit = exit;
    }

    /** {@return the process exit status} */
    public int exit() {
      return exit;
    }
  }

  private final Kind kind;
  private final String meaning;

  ErrorCode(Kind kind, String meaning) {
    this.kind = kind;
    this.meaning = meaning;
  }

  /** {@return the family that decides the exit status} */
  public Kind kind() {
    return kind;
  }

  /** {@return one line for the generated list of codes} */
  public String meaning() {
    return meaning;
  }
}
