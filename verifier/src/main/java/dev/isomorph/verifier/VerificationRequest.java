package dev.isomorph.verifier;

import dev.isomorph.ir.Model;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.verifier.inputs.InputSet;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SequencedMap;

/**
 * What to compare and how. Immutable; made by {@link #of} and changed by the {@code with…} methods.
 *
 * @param source the model that is right by definition
 * @param target the model to be judged; absent to judge the source by its own framework alone
 * @param files files of either side that engines can run
 * @param inputs the user's own inputs, first
 * @param expected what the source's own framework computed on the user's inputs, in their order
 * @param labels right answers for the first of the user's inputs, for accuracy
 * @param sizes sizes of symbolic dims that are fixed
 * @param names target names for source names, where they differ: inputs and outputs
 * @param seed where random inputs start
 * @param rtol relative tolerance in place of what rounding explains, for engines and witnesses
 * @param atol absolute tolerance in place of what rounding explains, for engines and witnesses
 * @param engines names of engines to use; empty for all that work here
 * @param requireWitness whether a verdict without a witness is a failure
 */
public record VerificationRequest(
    Model source,
    Optional<Model> target,
    List<EngineFile> files,
    List<InputSet> inputs,
    List<SequencedMap<String, Tensor>> expected,
    Optional<Tensor> labels,
    Map<String, Long> sizes,
    Map<String, String> names,
    long seed,
    OptionalDouble rtol,
    OptionalDouble atol,
    List<String> engines,
    boolean requireWitness) {

  /** Which side of the comparison a file is of. */
  public enum Side {
    SOURCE,
    TARGET
  }

  /**
   * A file that engines can run.
   *
   * @param side whose function it is
   * @param format its format, as engines know it
   * @param path the file or folder
   * @param signature which way to call it; empty for the default
   */
  public record EngineFile(Side side, String format, Path path, String signature) {}

  public VerificationRequest {
    files = List.copyOf(files);
    inputs = List.copyOf(inputs);
    expected = List.copyOf(expected);
    sizes = Map.copyOf(sizes);
    names = Map.copyOf(names);
    engines = List.copyOf(engines);
  }

  /** {@return a request to judge a model by whatever vouches for it} */
  public static VerificationRequest of(Model source) {
    return new VerificationRequest(
        source,
        Optional.empty(),
        List.of(),
        List.of(),
        List.of(),
        Optional.empty(),
        Map.of(),
        Map.of(),
        0,
        OptionalDouble.empty(),
        OptionalDouble.empty(),
        List.of(),
        false);
  }

  /** {@return a request to judge {@code target} by {@code source}} */
  public static VerificationRequest of(Model source, Model target) {
    return of(source).withTarget(target);
  }

  /** {@return this with a target} */
  public VerificationRequest withTarget(Model model) {
    return new VerificationRequest(
        source,
        Optional.of(model),
        files,
        inputs,
        expected,
        labels,
        sizes,
        names,
        seed,
        rtol,
        atol,
        engines,
        requireWitness);
  }

  /** {@return this with one more file for engines} */
  public VerificationRequest withFile(Side side, String format, Path path) {
    List<EngineFile> more = new ArrayList<>(files);
    more.add(new EngineFile(side, format, path, ""));
    return new VerificationRequest(
        source,
        target,
        more,
        inputs,
        expected,
        labels,
        sizes,
        names,
        seed,
        rtol,
        atol,
        engines,
        requireWitness);
  }

  /** {@return this with one more set of the user's own inputs} */
  public VerificationRequest withInputs(InputSet set) {
    List<InputSet> more = new ArrayList<>(inputs);
    more.add(set);
    return new VerificationRequest(
        source,
        target,
        files,
        more,
        expected,
        labels,
        sizes,
        names,
        seed,
        rtol,
        atol,
        engines,
        requireWitness);
  }

  /** {@return this with what the source's framework computed for the next set of inputs} */
  public VerificationRequest withExpected(SequencedMap<String, Tensor> outputs) {
    List<SequencedMap<String, Tensor>> more = new ArrayList<>(expected);
    more.add(new LinkedHashMap<>(outputs));
    return new VerificationRequest(
        source,
        target,
        files,
        inputs,
        more,
        labels,
        sizes,
        names,
        seed,
        rtol,
        atol,
        engines,
        requireWitness);
  }

  /** {@return this with right answers} */
  public VerificationRequest withLabels(Tensor answers) {
    return new VerificationRequest(
        source,
        target,
        files,
        inputs,
        expected,
        Optional.of(answers),
        sizes,
        names,
        seed,
        rtol,
        atol,
        engines,
        requireWitness);
  }

  /** {@return this with fixed sizes of symbolic dims} */
  public VerificationRequest withSizes(Map<String, Long> fixed) {
    return new VerificationRequest(
        source,
        target,
        files,
        inputs,
        expected,
        labels,
        fixed,
        names,
        seed,
        rtol,
        atol,
        engines,
        requireWitness);
  }

  /** {@return this with target names for source names} */
  public VerificationRequest withNames(Map<String, String> pairs) {
    return new VerificationRequest(
        source,
        target,
        files,
        inputs,
        expected,
        labels,
        sizes,
        pairs,
        seed,
        rtol,
        atol,
        engines,
        requireWitness);
  }

  /** {@return this with another seed} */
  public VerificationRequest withSeed(long start) {
    return new VerificationRequest(
        source,
        target,
        files,
        inputs,
        expected,
        labels,
        sizes,
        names,
        start,
        rtol,
        atol,
        engines,
        requireWitness);
  }

  /** {@return this with tolerances in place of what rounding explains} */
  public VerificationRequest withTolerance(OptionalDouble relative, OptionalDouble absolute) {
    return new VerificationRequest(
        source,
        target,
        files,
        inputs,
        expected,
        labels,
        sizes,
        names,
        seed,
        relative,
        absolute,
        engines,
        requireWitness);
  }

  /** {@return this with these engines alone} */
  public VerificationRequest withEngines(List<String> chosen) {
    return new VerificationRequest(
        source,
        target,
        files,
        inputs,
        expected,
        labels,
        sizes,
        names,
        seed,
        rtol,
        atol,
        chosen,
        requireWitness);
  }

  /** {@return this, failing without a witness or not} */
  public VerificationRequest requiringWitness(boolean required) {
    return new VerificationRequest(
        source, target, files, inputs, expected, labels, sizes, names, seed, rtol, atol, engines,
        required);
  }
}
