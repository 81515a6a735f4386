package dev.isomorph.importers.tensorflow;

import dev.isomorph.ir.GraphBuilder;
import dev.isomorph.ir.Value;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The order of axes of an operator on images. The plain operators are channels first; others are
 * wrapped in transpositions and nothing else.
 *
 * @param channelsFirst whether the channels are the second axis, else they are the last one
 */
record Layout(boolean channelsFirst) {

  /** {@return the layout that attribute {@code data_format} says} */
  static Layout of(TfNode node, String byDefault) {
    String format = node.attributes().text("data_format", byDefault);
    return switch (format) {
      case "NHWC", "NDHWC", "NWC" -> new Layout(false);
      case "NCHW", "NCDHW", "NCW" -> new Layout(true);
      default -> throw node.unsupported("%s with data_format = %s", node.op(), format);
    };
  }

  /** {@return the value with its channels first} */
  Value enter(TfNode node, Value value, int rank) {
    return channelsFirst
        ? value
        : node.builder().transpose(value, a -> a.perm(toChannelsFirst(rank)));
  }

  /** {@return a channels-first result as the operator gives it} */
  Value leave(GraphBuilder builder, Value value, int rank) {
    return channelsFirst ? value : builder.transpose(value, a -> a.perm(toChannelsLast(rank)));
  }

  /** {@return the axis of the {@code i}th spatial length in this layout} */
  int spatialAxis(int i) {
    return (channelsFirst ? 2 : 1) + i;
  }

  /** {@return the axis of the channels} */
  int channelAxis(int rank) {
    return channelsFirst ? 1 : rank - 1;
  }

  /** {@return the entries of an attribute per axis that belong to spatial axes} */
  List<Long> spatial(List<Long> perAxis) {
    int rank = perAxis.size();
    return channelsFirst ? perAxis.subList(2, rank) : perAxis.subList(1, rank - 1);
  }

  /** {@return the entries of an attribute per axis that belong to batch and channels} */
  List<Long> others(List<Long> perAxis) {
    return List.of(perAxis.getFirst(), perAxis.get(channelAxis(perAxis.size())));
  }

  private static List<Long> toChannelsFirst(int rank) {
    return IntStream.range(0, rank)
        .mapToObj(i -> (long) (i == 0 ? 0 : i == 1 ? rank - 1 : i - 1))
        .toList();
  }

  private static List<Long> toChannelsLast(int rank) {
    return IntStream.range(0, rank)
        .mapToObj(i -> (long) (i == 0 ? 0 : i == rank - 1 ? 1 : i + 1))
        .toList();
  }
}
