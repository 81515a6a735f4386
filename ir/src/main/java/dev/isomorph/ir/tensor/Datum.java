package dev.isomorph.ir.tensor;

/**
 * A value that flows through a graph at run time. ONNX's values are not only tensors: there are
 * sequences, optionals and maps of them. All are immutable.
 */
public sealed interface Datum permits Tensor, SequenceValue, OptionalValue, MapValue {}
