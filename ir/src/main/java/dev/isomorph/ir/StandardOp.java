package dev.isomorph.ir;

import dev.isomorph.ir.op.OperatorTable;

/** An operator of the table: ONNX's newest opset. Implemented by the generated records alone. */
public non-sealed interface StandardOp extends Op {
  /** {@return the operator's row of the table} */
  OperatorSchema schema();

  @Override
  default OpName name() {
    return schema().name();
  }

  @Override
  default Op withAttributes(AttributeMap attributes) {
    return OperatorTable.create(schema().name(), attributes);
  }

  @Override
  default AttributeMap newAttributes() {
    return new AttributeMap(schema());
  }
}
