package dev.isomorph.ir;

import static java.util.Objects.requireNonNull;

import java.util.SequencedMap;

/**
 * A call of an operator of which no meaning is known. It may be inspected, compared and written
 * back to its own dialect, never run or sent elsewhere.
 *
 * @param name the operator, with the domain of its own dialect
 * @param version the version of its operator set
 * @param attributes the attributes as they were read, sorted by name
 */
public record OpaqueCall(OpName name, long version, SequencedMap<String, Attribute> attributes)
    implements Op {
  public OpaqueCall {
    requireNonNull(name, "name is null");
    attributes = AttributeMap.sorted(attributes);
  }

  @Override
  public Op withAttributes(AttributeMap attributes) {
    return new OpaqueCall(name, version, attributes.explicit());
  }

  @Override
  public AttributeMap newAttributes() {
    return new AttributeMap(name);
  }
}
