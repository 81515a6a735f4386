package dev.isomorph.cli;

import dev.isomorph.formats.numpy.Npy;
import dev.isomorph.ir.Signature;
import dev.isomorph.ir.diagnostic.Limits;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.ir.tensor.TensorArena;
import dev.isomorph.verifier.VerificationRequest;
import dev.isomorph.verifier.inputs.InputSet;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import picocli.CommandLine.Option;

/** Options that say with what two models are compared. */
final class ParityOptions {
  @Option(
      names = "--inputs",
      paramLabel = "PATH",
      description = "The model's inputs: F.npy, F.npz or a folder of NAME.npy.")
  private Path inputs;

  @Option(
      names = "--expected",
      paramLabel = "PATH",
      description = "What the source's own framework computes on --inputs, in the same forms.")
  private Path expected;

  @Option(
      names = "--labels",
      paramLabel = "F.npy",
      description = "Right classes for --inputs: the accuracy of each engine is shown.")
  private Path labels;

  @Option(
      names = "--dim",
      paramLabel = "NAME=SIZE",
      description = "Size of a symbolic dim for the inputs that are made.")
  private Map<String, Long> sizes = new LinkedHashMap<>();

  @Option(names = "--seed", defaultValue = "0", description = "Where random inputs start.")
  private long seed;

  /**
   * {@return the request with what these options add}
   *
   * @param arena owner of the mapped files; must stay open until the verdict
   */
  VerificationRequest apply(VerificationRequest request, TensorArena arena) {
    Signature signature = request.source().signature();
    VerificationRequest result = request.withSeed(seed).withSizes(sizes);
    if (inputs != null) {
      SequencedMap<String, Tensor> values = ValueFiles.read(inputs, signature.inputs(), arena);
      result = result.withInputs(new InputSet("given", values));
    }
    if (expected != null) {
      result = result.withExpected(ValueFiles.read(expected, signature.outputs(), arena));
    }
    if (labels != null) {
      result = result.withLabels(Npy.read(labels, arena, Limits.defaults()));
    }
    return result;
  }
}
