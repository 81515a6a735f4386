package dev.isomorph.importers.tensorflow;

import dev.isomorph.formats.tensorflow.DataTypes;
import dev.isomorph.formats.tensorflow.proto.AttrValue;
import dev.isomorph.formats.tensorflow.proto.NodeDef;
import dev.isomorph.formats.tensorflow.proto.TensorProto;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.tensor.DType;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The attributes of one node, which remember what was read. Files leave out attributes that have
 * their default, so every reader names the operator's default. Not safe for many threads.
 */
final class NodeAttributes {
  /**
   * Element types and counts that follow from the operands, and names that are bookkeeping of
   * TensorFlow's runtime. Attributes that begin with an underscore are hints by convention.
   */
  private static final Set<String> IMPLIED =
      Set.of(
          "T",
          "U",
          "N",
          "TI",
          "Tin",
          "Tout",
          "Tidx",
          "Tdim",
          "Tlen",
          "Taxis",
          "Tperm",
          "Tindex",
          "Tindices",
          "Tparams",
          "Tshape",
          "Tpaddings",
          "Tcrops",
          "Tblock_shape",
          "Tmultiples",
          "Tstart",
          "Index",
          "index_type",
          "container",
          "shared_name",
          "debug_name");

  private final NodeDef node;
  private final Set<String> read = new HashSet<>();

  NodeAttributes(NodeDef node) {
    this.node = node;
  }

  private Optional<AttrValue> find(String name, AttrValue.ValueCase kind) {
    read.add(name);
    AttrValue value = node.getAttrMap().get(name);
    if (value == null) {
      return Optional.empty();
    }
    if (value.getValueCase() != kind) {
      throw Diagnostic.error(ErrorCode.FORMAT_INVALID, "attribute '%s' is of the wrong kind", name)
          .expected(kind, value.getValueCase())
          .toException();
    }
    return Optional.of(value);
  }

  /** {@return a flag} */
  boolean flag(String name, boolean byDefault) {
    return find(name, AttrValue.ValueCase.B).map(AttrValue::getB).orElse(byDefault);
  }

  /** {@return an integer} */
  long integer(String name, long byDefault) {
    return find(name, AttrValue.ValueCase.I).map(AttrValue::getI).orElse(byDefault);
  }

  /** {@return a real number; TensorFlow stores 32 bits} */
  double real(String name, float byDefault) {
    return find(name, AttrValue.ValueCase.F).map(AttrValue::getF).orElse(byDefault);
  }

  /** {@return a string} */
  String text(String name, String byDefault) {
    return find(name, AttrValue.ValueCase.S).map(v -> v.getS().toStringUtf8()).orElse(byDefault);
  }

  /** {@return a list of integers, empty where there is none} */
  List<Long> integers(String name) {
    return find(name, AttrValue.ValueCase.LIST).map(v -> v.getList().getIList()).orElse(List.of());
  }

  /** {@return an element type} */
  DType type(String name, DType byDefault) {
    return find(name, AttrValue.ValueCase.TYPE)
        .map(v -> DataTypes.ours(v.getType()))
        .orElse(byDefault);
  }

  /** {@return a tensor, if the attribute is there} */
  Optional<TensorProto> tensor(String name) {
    return find(name, AttrValue.ValueCase.TENSOR).map(AttrValue::getTensor);
  }

  /** Declares attributes irrelevant to what the operator computes. */
  void ignore(String... names) {
    read.addAll(List.of(names));
  }

  /** {@return the attributes that nobody read and that are not irrelevant by their name, sorted} */
  Set<String> unread() {
    Set<String> unread = new TreeSet<>(node.getAttrMap().keySet());
    unread.removeAll(read);
    unread.removeAll(IMPLIED);
    unread.removeIf(name -> name.startsWith("_"));
    return unread;
  }
}
