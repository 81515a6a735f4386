/** Values: element types, tensors with their storage and ownership, sequences, optionals, maps. */
package dev.isomorph.ir.tensor;
