package dev.isomorph.importers.tensorflow;

import dev.isomorph.ir.Contents;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.shape.Dim;
import dev.isomorph.ir.shape.Shape;
import dev.isomorph.ir.tensor.LazyTensors;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Convolutions. TensorFlow's kernels are {@code [spatial…, in, out]}, the plain operator's {@code
 * [out, in, spatial…]}.
 */
final class ConvolutionRules {
  private ConvolutionRules() {}

  static void register(Rules rules) {
    rules.on("Conv2D", n -> conv(n, 4));
    rules.on("Conv3D", n -> conv(n, 5));
    rules.on("DepthwiseConv2dNative", ConvolutionRules::depthwise);
    rules.on("Conv2DBackpropInput", n -> transposed(n, 4));
    rules.on("Conv3DBackpropInputV2", n -> transposed(n, 5));
  }

  private static Value conv(TfNode node, int rank) {
    node.attributes().ignore("use_cudnn_on_gpu");
    Window window = Window.read(node, rank);
    Shape filter = filter(node, 1, rank);
    long perGroup = node.known(filter.dim(rank - 2), "the input channels of its kernel");
    Shape input = node.shape(0);
    if (!input.isRanked()) {
      throw node.unsupported("%s needs an operand whose rank is known", node.op());
    }
    long channels =
        node.known(input.dim(window.layout().channelAxis(rank)), "the channels of its operand");
    if (perGroup == 0 || channels % perGroup != 0) {
      throw node.error(ErrorCode.MODEL_INVALID, "the kernel does not fit the operand's channels")
          .expected("a divisor of " + channels, perGroup)
          .toException();
    }
    Value kernel = node.permuted(1, kernelPerm(rank, rank - 1, rank - 2));
    return convolve(node, window, kernel, spatial(node, filter, rank), channels / perGroup);
  }

  private static Value depthwise(TfNode node) {
    int rank = 4;
    Window window = Window.read(node, rank);
    Shape filter = filter(node, 1, rank);
    long channels = node.known(filter.dim(2), "the channels of its kernel");
    long multiplier = node.known(filter.dim(3), "the multiplier of its kernel");
    List<Long> kernel = spatial(node, filter, rank);
    long[] dims = {channels * multiplier, 1, kernel.get(0), kernel.get(1)};
    Value weight =
        node.in(1) instanceof Value.Parameter parameter
            ? node.derived(
                parameter, "depthwise", t -> LazyTensors.transpose(t, 2, 3, 0, 1).reshape(dims))
            : node.builder().reshape(node.permuted(1, 2, 3, 0, 1), node.vector(dims));
    return convolve(node, window, weight, kernel, channels);
  }

  private static Value convolve(
      TfNode node, Window window, Value kernel, List<Long> lengths, long groups) {
    int rank = lengths.size() + 2;
    Window.Padding padding = window.pads(node, node.shape(0), lengths);
    Value x = window.layout().enter(node, node.in(0), rank);
    boolean plain = window.layout().channelsFirst();
    Value y =
        node.main()
            .conv(
                x,
                kernel,
                a -> {
                  a.group(groups).strides(window.strides()).dilations(window.dilations());
                  a.autoPad(padding.autoPad());
                  padding.pads().ifPresent(a::pads);
                });
    return plain ? y : window.layout().leave(node.builder(), y, rank);
  }

  /**
   * The gradient of a convolution, which is how TensorFlow spells the transposed one. Operands: the
   * result's shape, the kernel {@code [spatial…, out, in]}, the input.
   */
  private static Value transposed(TfNode node, int rank) {
    node.attributes().ignore("use_cudnn_on_gpu");
    Window window = Window.read(node, rank);
    Shape filter = filter(node, 1, rank);
    List<Long> lengths = spatial(node, filter, rank);
    long outChannels = node.known(filter.dim(rank - 2), "the output channels of its kernel");
    List<Dim> size =
        node.contents(0)
            .map(Contents::dims)
            .filter(dims -> dims.size() == rank)
            .orElseThrow(
                () -> node.unsupported("the result's shape of %s is not known", node.op()));
    Dim declared = size.get(window.layout().channelAxis(rank));
    if (declared.isKnown() && !declared.is(outChannels)) {
      throw node.unsupported(
          "%s in groups: %s channels from a kernel of %d", node.op(), declared, outChannels);
    }
    List<Long> before = new ArrayList<>();
    List<Long> behind = new ArrayList<>();
    List<Long> extra = new ArrayList<>();
    for (int i = 0; i < rank - 2; i++) {
      Dim in = node.shape(2).dim(window.layout().spatialAxis(i));
      Dim out = size.get(window.layout().spatialAxis(i));
      long reach = (lengths.get(i) - 1) * window.dilations().get(i) + 1;
      Dim full = in.plus(-1).times(window.strides().get(i)).plus(reach);
      long missing = node.known(full.minus(out), "how far its result is cut");
      long total = cut(node, window, i, missing);
      before.add(window.padding().equals("EXPLICIT") ? window.explicit().get(2 * i) : total / 2);
      behind.add(total - before.get(i));
      extra.add(total - missing);
    }
    before.addAll(behind);
    if (extra.stream().anyMatch(e -> e < 0)) {
      throw node.error(ErrorCode.MODEL_INVALID, "the result's shape does not fit the operand")
          .toException();
    }
    Value kernel = node.permuted(1, kernelPerm(rank, rank - 1, rank - 2));
    Value x = window.layout().enter(node, node.in(2), rank);
    Value y =
        node.main()
            .convTranspose(
                x,
                kernel,
                a -> {
                  a.strides(window.strides()).dilations(window.dilations()).pads(before);
                  if (extra.stream().anyMatch(e -> e != 0)) {
                    a.outputPadding(extra);
                  }
                });
    return window.layout().leave(node.builder(), y, rank);
  }

  private static long cut(TfNode node, Window window, int i, long missing) {
    return switch (window.padding()) {
      case "VALID" -> 0;
      case "EXPLICIT" -> window.explicit().get(2 * i) + window.explicit().get(2 * i + 1);
      case "SAME" -> Math.max(0, missing);
      default -> throw node.unsupported("%s with padding = %s", node.op(), window.padding());
    };
  }

  private static Shape filter(TfNode node, int index, int rank) {
    Shape filter = node.shape(index);
    if (!filter.hasRank(rank)) {
      throw node.error(ErrorCode.MODEL_INVALID, "the kernel has the wrong rank")
          .expected("rank " + rank, filter)
          .toException();
    }
    return filter;
  }

  private static List<Long> spatial(TfNode node, Shape filter, int rank) {
    return IntStream.range(0, rank - 2)
        .mapToObj(i -> node.known(filter.dim(i), "the lengths of its kernel"))
        .toList();
  }

  private static int[] kernelPerm(int rank, int first, int second) {
    return IntStream.concat(IntStream.of(first, second), IntStream.range(0, rank - 2)).toArray();
  }
}
