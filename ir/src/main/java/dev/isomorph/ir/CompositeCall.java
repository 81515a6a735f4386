package dev.isomorph.ir;

import static java.util.Objects.requireNonNull;

import java.util.SequencedMap;

/**
 * A call of a composite: an operator outside ONNX's table whose meaning is its expansion. Passes
 * treat it as one pure node.
 *
 * @param composite the definition
 * @param attributes this call's attributes, sorted by name
 */
public record CompositeCall(Composite composite, SequencedMap<String, Attribute> attributes)
    implements Op {
  public CompositeCall {
    requireNonNull(composite, "composite is null");
    attributes = AttributeMap.sorted(attributes);
  }

  @Override
  public OpName name() {
    return composite.name();
  }

  @Override
  public Op withAttributes(AttributeMap attributes) {
    return new CompositeCall(composite, attributes.explicit());
  }

  @Override
  public AttributeMap newAttributes() {
    return new AttributeMap(composite.name());
  }
}
