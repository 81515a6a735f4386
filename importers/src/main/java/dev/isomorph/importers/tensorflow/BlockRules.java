package dev.isomorph.importers.tensorflow;

import dev.isomorph.ir.Contents;
import dev.isomorph.ir.GraphBuilder;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.shape.Dim;
import dev.isomorph.ir.shape.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Blocks of space moved into the batch or the channels, and back. */
final class BlockRules {
  private BlockRules() {}

  static void register(Rules rules) {
    rules.on("SpaceToBatchND", BlockRules::spaceToBatch);
    rules.on("BatchToSpaceND", BlockRules::batchToSpace);
    rules.on("DepthToSpace", BlockRules::depthToSpace);
    rules.on("SpaceToDepth", BlockRules::spaceToDepth);
  }

  /**
   * Pads, then splits each spatial axis into blocks of which the inner index goes in front of the
   * batch.
   */
  private static Value spaceToBatch(TfNode node) {
    GraphBuilder b = node.builder();
    long[] block = node.constants(1, "the block");
    long[] table = node.constants(2, "the padding");
    int m = block.length;
    int rank = node.rank(0);
    Value x = node.in(0);
    if (Arrays.stream(table).anyMatch(p -> p != 0)) {
      long[] pads = new long[2 * rank];
      for (int i = 0; i < m; i++) {
        pads[1 + i] = table[2 * i];
        pads[rank + 1 + i] = table[2 * i + 1];
      }
      x = b.pad(x, node.vector(pads));
    }
    List<Length> lengths = lengths(node, x);
    List<Length> split = new ArrayList<>(List.of(lengths.getFirst()));
    List<Length> joined = new ArrayList<>(List.of(lengths.getFirst().times(node, product(block))));
    List<Long> perm = new ArrayList<>();
    IntStream.range(0, m).forEach(i -> perm.add(2L + 2 * i));
    perm.add(0L);
    for (int i = 0; i < m; i++) {
      Length part = lengths.get(1 + i).dividedBy(node, block[i]);
      split.add(part);
      split.add(Length.of(node, block[i]));
      joined.add(part);
      perm.add(1L + 2 * i);
    }
    for (int i = 1 + m; i < rank; i++) {
      split.add(lengths.get(i));
      joined.add(lengths.get(i));
      perm.add((long) (i + m));
    }
    Value blocks = b.transpose(b.reshape(x, Length.shape(node, split)), a -> a.perm(perm));
    Value target = Length.shape(node, joined);
    return node.main().reshape(blocks, target);
  }

  private static Value batchToSpace(TfNode node) {
    GraphBuilder b = node.builder();
    long[] block = node.constants(1, "the block");
    int m = block.length;
    int rank = node.rank(0);
    List<Length> lengths = lengths(node, node.in(0));
    List<Length> split = new ArrayList<>();
    for (long size : block) {
      split.add(Length.of(node, size));
    }
    Length batch = lengths.getFirst().dividedBy(node, product(block));
    split.add(batch);
    List<Length> joined = new ArrayList<>(List.of(batch));
    List<Long> perm = new ArrayList<>(List.of((long) m));
    for (int i = 1; i < rank; i++) {
      split.add(lengths.get(i));
      perm.add((long) (m + i));
      if (i <= m) {
        perm.add(i - 1L);
      }
      joined.add(i <= m ? lengths.get(i).times(node, block[i - 1]) : lengths.get(i));
    }
    Value blocks = b.reshape(node.in(0), Length.shape(node, split));
    Value ordered = b.transpose(blocks, a -> a.perm(perm));
    return cropped(node, ordered, joined, m);
  }

  /** Crops may be computed from shapes: they are followed as expressions. */
  private static Value cropped(TfNode node, Value ordered, List<Length> joined, int m) {
    List<Dim> crops =
        node.contents(2)
            .map(Contents::dims)
            .filter(dims -> dims.size() == 2 * m)
            .orElseGet(
                () -> Arrays.stream(node.constants(2, "the crops")).mapToObj(Dim::of).toList());
    Value target = Length.shape(node, joined);
    if (crops.stream().allMatch(c -> c.is(0))) {
      return node.main().reshape(ordered, target);
    }
    Value whole = node.builder().reshape(ordered, target);
    long[] starts = new long[m];
    long[] ends = new long[m];
    for (int i = 0; i < m; i++) {
      starts[i] = node.known(crops.get(2 * i), "its crops");
      long behind = node.known(crops.get(2 * i + 1), "its crops");
      ends[i] = behind == 0 ? Long.MAX_VALUE : -behind;
    }
    long[] axes = IntStream.rangeClosed(1, m).asLongStream().toArray();
    return node.main().slice(whole, node.vector(starts), node.vector(ends), node.vector(axes));
  }

  private static Value depthToSpace(TfNode node) {
    long block = node.attributes().integer("block_size", 1);
    Layout layout = Layout.of(node, "NHWC");
    Value x = layout.enter(node, node.in(0), 4);
    Value y = node.main().depthToSpace(x, a -> a.blocksize(block).mode("DCR"));
    return layout.leave(node.builder(), y, 4);
  }

  private static Value spaceToDepth(TfNode node) {
    long block = node.attributes().integer("block_size", 1);
    Layout layout = Layout.of(node, "NHWC");
    Value x = layout.enter(node, node.in(0), 4);
    Value y = node.main().spaceToDepth(x, a -> a.blocksize(block));
    return layout.leave(node.builder(), y, 4);
  }

  private static long product(long[] values) {
    return Arrays.stream(values).reduce(1, Math::multiplyExact);
  }

  private static List<Length> lengths(TfNode node, Value x) {
    Shape shape = x.type().shape();
    if (!shape.isRanked()) {
      throw node.unsupported("%s needs an operand whose rank is known", node.op());
    }
    Value[] runtime = new Value[1];
    List<Length> lengths = new ArrayList<>();
    for (int i = 0; i < shape.rank(); i++) {
      Dim dim = shape.dim(i);
      if (dim.isKnown()) {
        lengths.add(Length.of(node, dim.known()));
      } else {
        if (runtime[0] == null) {
          runtime[0] = node.builder().shape(x);
        }
        lengths.add(
            new Length(-1, node.builder().gather(runtime[0], node.vector(i), a -> a.axis(0))));
      }
    }
    return lengths;
  }

  /**
   * One length of a shape: a number, or a vector of one element that is computed.
   *
   * @param known the number, or −1
   * @param value the vector, also for a number
   */
  private record Length(long known, Value value) {
    static Length of(TfNode node, long known) {
      return new Length(known, node.vector(known));
    }

    Length times(TfNode node, long factor) {
      return known >= 0
          ? of(node, Math.multiplyExact(known, factor))
          : new Length(-1, node.builder().mul(value, node.vector(factor)));
    }

    Length dividedBy(TfNode node, long divisor) {
      if (known >= 0 && known % divisor != 0) {
        throw node.unsupported("%s of a length that its block does not divide", node.op());
      }
      return known >= 0
          ? of(node, known / divisor)
          : new Length(-1, node.builder().div(value, node.vector(divisor)));
    }

    /** {@return a target for a reshaping; one unknown length is left to the operator} */
    static Value shape(TfNode node, List<Length> lengths) {
      long unknown = lengths.stream().filter(l -> l.known < 0).count();
      if (unknown <= 1) {
        return node.vector(lengths.stream().mapToLong(Length::known).toArray());
      }
      return node.builder().concat(lengths.stream().map(Length::value).toList(), a -> a.axis(0));
    }
  }
}
