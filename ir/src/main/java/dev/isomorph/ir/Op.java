package dev.isomorph.ir;

import java.util.ArrayList;
import java.util.List;
import java.util.SequencedMap;

/**
 * What a node does: an operator with its attributes. Standard operators are the generated records
 * of {@code dev.isomorph.ir.op}, one per row of the operator table. Immutable.
 */
public sealed interface Op permits StandardOp, CompositeCall, OpaqueCall {
  /** {@return the operator's name} */
  OpName name();

  /**
   * {@return the attributes that differ from their defaults, sorted by name}. For generic code:
   * text form, codecs, comparison. Rules and kernels use the record's own accessors.
   */
  SequencedMap<String, Attribute> attributes();

  /** {@return the same operator with other attributes} */
  Op withAttributes(AttributeMap attributes);

  /** {@return the attribute schemas, for an {@link AttributeMap} of this operator} */
  AttributeMap newAttributes();

  /** {@return the subgraphs in the order of their attributes' names} */
  default List<Graph> regions() {
    List<Graph> regions = new ArrayList<>();
    for (Attribute attribute : attributes().values()) {
      if (attribute instanceof Attribute.Region region) {
        regions.add(region.graph());
      }
    }
    return regions;
  }
}
