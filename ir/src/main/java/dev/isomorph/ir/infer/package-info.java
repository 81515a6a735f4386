/** Symbolic type and shape inference: one rule per operator, in families. */
package dev.isomorph.ir.infer;
