package dev.isomorph.exporters.torch;

import dev.isomorph.ir.Value;
import dev.isomorph.ir.op.*;
import dev.isomorph.ir.tensor.LazyTensors;
import dev.isomorph.ir.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.LongStream;

/**
 * Operators with weights: layers where the weights are stored, functions where they are computed.
 */
final class LayerRaising {
  private LayerRaising() {}

  static void register(RaisingRules rules) {
    rules.on(ConvOp.class, LayerRaising::conv);
    rules.on(ConvTransposeOp.class, LayerRaising::convTranspose);
    rules.on(GemmOp.class, LayerRaising::gemm);
    rules.on(MatMulOp.class, LayerRaising::matMul);
    rules.on(BatchNormalizationOp.class, LayerRaising::batchNormalization);
    rules.on(InstanceNormalizationOp.class, LayerRaising::instanceNormalization);
    rules.on(LayerNormalizationOp.class, LayerRaising::layerNormalization);
    rules.on(GroupNormalizationOp.class, LayerRaising::groupNormalization);
    rules.on(LRNOp.class, LayerRaising::lrn);
    rules.on(LpNormalizationOp.class, LayerRaising::lpNormalization);
    rules.on(
        EinsumOp.class, (op, r) -> "torch.einsum(\"%s\", %s)".formatted(op.equation(), r.all()));
  }

  /**
   * {@return stored tensors of a layer by their names in PyTorch, if all given operands are stored}
   */
  private static Optional<SequencedMap<String, Value.Parameter>> stored(
      Raise r, int from, String... names) {
    SequencedMap<String, Value.Parameter> parts = new LinkedHashMap<>();
    for (int i = 0; i < names.length; i++) {
      if (r.has(from + i)) {
        Optional<Value.Parameter> parameter = r.parameter(from + i);
        if (parameter.isEmpty()) {
          return Optional.empty();
        }
        parts.put(names[i], parameter.get());
      }
    }
    return r.modules().areFree(parts.values()) ? Optional.of(parts) : Optional.empty();
  }

  private static String layer(
      Raise r,
      SequencedMap<String, Value.Parameter> parts,
      String constructor,
      List<String> buffers) {
    String path = r.modules().path(parts, r.node().name());
    r.modules().layer(path, constructor);
    parts.forEach(
        (name, p) -> r.modules().tensor(path, name, p, p.tensor(), "kept", buffers.contains(name)));
    return "self%s(%s)".formatted(Modules.access(path), r.in(0));
  }

  private static List<Long> orOnes(Optional<List<Long>> values, int count) {
    return values.orElseGet(() -> Collections.nCopies(count, 1L));
  }

  /**
   * Symmetric padding as the layer's own argument; other padding is done before, on the operand.
   */
  private static String conv(ConvOp op, Raise r) {
    int spatial = r.rank(1) - 2;
    if (spatial < 1 || spatial > 3) {
      throw r.refuse("it has %d spatial axes", spatial);
    }
    Padding padding =
        Padding.of(
            op.autoPad(), op.pads(), spatial, r, op.kernelShape(), op.strides(), op.dilations());
    List<Long> strides = orOnes(op.strides(), spatial);
    List<Long> dilations = orOnes(op.dilations(), spatial);
    String x = padding.isSymmetric() ? r.in(0) : padding.apply(r.in(0), "0.0");
    List<Long> own = padding.isSymmetric() ? padding.begins() : Collections.nCopies(spatial, 0L);
    Optional<SequencedMap<String, Value.Parameter>> parts = stored(r, 1, "weight", "bias");
    if (parts.isEmpty()) {
      return "F.conv%dd(%s, %s, %s, stride=%s, padding=%s, dilation=%s, groups=%d)"
          .formatted(
              spatial,
              x,
              r.in(1),
              r.has(2) ? r.in(2) : "None",
              Raise.compact(strides),
              Raise.compact(own),
              Raise.compact(dilations),
              op.group());
    }
    Tensor w = parts.get().get("weight").tensor();
    List<Long> kernel = LongStream.range(2, w.rank()).map(i -> w.dim((int) i)).boxed().toList();
    String constructor =
        "nn.Conv%dd(%d, %d, kernel_size=%s%s%s%s%s%s)"
            .formatted(
                spatial,
                w.dim(1) * op.group(),
                w.dim(0),
                Raise.compact(kernel),
                unless("stride", strides, 1),
                unless("padding", own, 0),
                unless("dilation", dilations, 1),
                op.group() == 1 ? "" : ", groups=" + op.group(),
                r.has(2) ? "" : ", bias=False");
    String path = r.modules().path(parts.get(), r.node().name());
    r.modules().layer(path, constructor);
    parts.get().forEach((name, p) -> r.modules().tensor(path, name, p, p.tensor(), "kept", false));
    return "self%s(%s)".formatted(Modules.access(path), x);
  }

  private static String unless(String name, List<Long> values, long standard) {
    return values.stream().allMatch(v -> v == standard)
        ? ""
        : ", " + name + "=" + Raise.compact(values);
  }

  private static String convTranspose(ConvTransposeOp op, Raise r) {
    int spatial = r.rank(1) - 2;
    boolean known = op.autoPad().equals("NOTSET") && op.outputShape().isEmpty();
    if (!known || spatial < 1 || spatial > 3) {
      throw r.refuse("its padding follows from an output shape");
    }
    List<Long> pads = op.pads().orElseGet(() -> Collections.nCopies(2 * spatial, 0L));
    List<Long> begins = pads.subList(0, spatial);
    List<Long> output =
        new ArrayList<>(op.outputPadding().orElseGet(() -> Collections.nCopies(spatial, 0L)));
    List<Long> strides = orOnes(op.strides(), spatial);
    List<Long> dilations = orOnes(op.dilations(), spatial);
    for (int i = 0; i < spatial; i++) {
      // A larger end than begin cuts what output padding would add.
      output.set(i, output.get(i) + begins.get(i) - pads.get(spatial + i));
      boolean sayable =
          output.get(i) >= 0 && output.get(i) < Math.max(strides.get(i), dilations.get(i));
      if (!sayable) {
        throw r.refuse("pads %s differ at begin and end", pads);
      }
    }
    String arguments =
        "stride=%s, padding=%s, output_padding=%s, groups=%d, dilation=%s"
            .formatted(
                Raise.compact(strides),
                Raise.compact(begins),
                Raise.compact(output),
                op.group(),
                Raise.compact(dilations));
    Optional<SequencedMap<String, Value.Parameter>> parts = stored(r, 1, "weight", "bias");
    if (parts.isEmpty()) {
      return "F.conv_transpose%dd(%s, %s, %s, %s)"
          .formatted(spatial, r.in(0), r.in(1), r.has(2) ? r.in(2) : "None", arguments);
    }
    Tensor w = parts.get().get("weight").tensor();
    List<Long> kernel = LongStream.range(2, w.rank()).map(i -> w.dim((int) i)).boxed().toList();
    return layer(
        r,
        parts.get(),
        "nn.ConvTranspose%dd(%d, %d, kernel_size=%s, %s%s)"
            .formatted(
                spatial,
                w.dim(0),
                w.dim(1) * op.group(),
                Raise.compact(kernel),
                arguments,
                r.has(2) ? "" : ", bias=False"),
        List.of());
  }

  private static String gemm(GemmOp op, Raise r) {
    Optional<SequencedMap<String, Value.Parameter>> parts = stored(r, 1, "weight", "bias");
    boolean plain = op.alpha() == 1 && op.beta() == 1 && op.transA() == 0;
    boolean vector = !r.has(2) || r.parameter(2).map(p -> p.tensor().rank() == 1).orElse(false);
    if (parts.isPresent() && plain && vector && fitsBias(parts.get(), op.transB() != 0)) {
      return linear(r, parts.get(), op.transB() != 0);
    }
    String a = op.transA() != 0 ? r.in(0) + ".t()" : r.in(0);
    String b = op.transB() != 0 ? r.in(1) + ".t()" : r.in(1);
    String product = "torch.matmul(%s, %s)".formatted(a, b);
    String scaled = op.alpha() == 1 ? product : Raise.number(op.alpha()) + " * " + product;
    if (!r.has(2)) {
      return scaled;
    }
    String c = ElementwiseRaising.tensor(r, 2);
    return scaled + " + " + (op.beta() == 1 ? c : Raise.number(op.beta()) + " * " + c);
  }

  private static boolean fitsBias(SequencedMap<String, Value.Parameter> parts, boolean transposed) {
    Tensor weight = parts.get("weight").tensor();
    Value.Parameter bias = parts.get("bias");
    long out = weight.dim(transposed ? 0 : 1);
    return weight.rank() == 2 && (bias == null || bias.tensor().dim(0) == out);
  }

  private static String linear(
      Raise r, SequencedMap<String, Value.Parameter> parts, boolean transposed) {
    Value.Parameter weight = parts.get("weight");
    Tensor stored = transposed ? weight.tensor() : LazyTensors.transpose(weight.tensor(), 1, 0);
    String path = r.modules().path(parts, r.node().name());
    r.modules()
        .layer(
            path,
            "nn.Linear(%d, %d%s)"
                .formatted(
                    stored.dim(1), stored.dim(0), parts.containsKey("bias") ? "" : ", bias=False"));
    r.modules().tensor(path, "weight", weight, stored, transposed ? "kept" : "transposed", false);
    if (parts.containsKey("bias")) {
      Value.Parameter bias = parts.get("bias");
      r.modules().tensor(path, "bias", bias, bias.tensor(), "kept", false);
    }
    return "self%s(%s)".formatted(Modules.access(path), r.in(0));
  }

  private static String matMul(MatMulOp op, Raise r) {
    Optional<SequencedMap<String, Value.Parameter>> parts = stored(r, 1, "weight");
    boolean layer =
        parts.isPresent()
            && parts.get().get("weight").tensor().rank() == 2
            && parts.get().get("weight").kind() != Value.Parameter.Kind.CONSTANT;
    return layer
        ? linear(r, parts.get(), false)
        : "torch.matmul(%s, %s)".formatted(r.in(0), r.in(1));
  }

  private static String batchNormalization(BatchNormalizationOp op, Raise r) {
    if (op.trainingMode() != 0) {
      throw r.refuse("it is in training mode");
    }
    int rank = r.rank(0);
    Optional<SequencedMap<String, Value.Parameter>> parts =
        stored(r, 1, "weight", "bias", "running_mean", "running_var");
    String dims = rank <= 3 ? "1" : rank == 4 ? "2" : "3";
    if (parts.isPresent() && rank >= 2 && rank <= 5) {
      long channels = parts.get().get("weight").tensor().size();
      return layer(
          r,
          parts.get(),
          "nn.BatchNorm%sd(%d, eps=%s, momentum=%s)"
              .formatted(
                  dims,
                  channels,
                  Raise.number(op.epsilon()),
                  Raise.number(Math.rint((1 - op.momentum()) * 1e6) / 1e6)),
          List.of("running_mean", "running_var"));
    }
    return "F.batch_norm(%s, %s, %s, weight=%s, bias=%s, training=False, eps=%s)"
        .formatted(r.in(0), r.in(3), r.in(4), r.in(1), r.in(2), Raise.number(op.epsilon()));
  }

  private static String instanceNormalization(InstanceNormalizationOp op, Raise r) {
    return "F.instance_norm(%s, weight=%s, bias=%s, eps=%s)"
        .formatted(r.in(0), r.in(1), r.in(2), Raise.number(op.epsilon()));
  }

  private static String layerNormalization(LayerNormalizationOp op, Raise r) {
    if (r.node().results().size() > 1) {
      throw r.refuse("its mean and deviation are used, too");
    }
    int rank = r.rank(0);
    int axis = (int) (op.axis() < 0 ? op.axis() + rank : op.axis());
    List<String> dims = new ArrayList<>();
    for (int i = axis; i < rank; i++) {
      dims.add(
          r.text(r.shape(0).dim(i))
              .orElseThrow(() -> r.refuse("the normalized shape is not known")));
    }
    Optional<SequencedMap<String, Value.Parameter>> parts = stored(r, 1, "weight", "bias");
    boolean whole =
        parts.isPresent()
            && parts.get().get("weight").tensor().rank() == rank - axis
            && dims.stream().allMatch(d -> d.matches("\\d+"));
    if (whole) {
      return layer(
          r,
          parts.get(),
          "nn.LayerNorm(%s, eps=%s%s)"
              .formatted(
                  dims.size() == 1 ? dims.getFirst() : Raise.tuple(dims),
                  Raise.number(op.epsilon()),
                  r.has(2) ? "" : ", bias=False"),
          List.of());
    }
    return "F.layer_norm(%s, %s, weight=%s, bias=%s, eps=%s)"
        .formatted(
            r.in(0),
            Raise.tuple(dims),
            r.in(1),
            r.has(2) ? r.in(2) : "None",
            Raise.number(op.epsilon()));
  }

  private static String groupNormalization(GroupNormalizationOp op, Raise r) {
    Optional<SequencedMap<String, Value.Parameter>> parts = stored(r, 1, "weight", "bias");
    if (parts.isPresent()) {
      return layer(
          r,
          parts.get(),
          "nn.GroupNorm(%d, %d, eps=%s)"
              .formatted(
                  op.numGroups(),
                  parts.get().get("weight").tensor().size(),
                  Raise.number(op.epsilon())),
          List.of());
    }
    return "F.group_norm(%s, %d, weight=%s, bias=%s, eps=%s)"
        .formatted(r.in(0), op.numGroups(), r.in(1), r.in(2), Raise.number(op.epsilon()));
  }

  private static String lrn(LRNOp op, Raise r) {
    return "F.local_response_norm(%s, %d, alpha=%s, beta=%s, k=%s)"
        .formatted(
            r.in(0),
            op.size(),
            Raise.number(op.alpha()),
            Raise.number(op.beta()),
            Raise.number(op.bias()));
  }

  private static String lpNormalization(LpNormalizationOp op, Raise r) {
    String x = r.in(0);
    return "%s / torch.linalg.vector_norm(%s, ord=%d, dim=%d, keepdim=True)"
        .formatted(x, x, op.p(), op.axis());
  }
}
