/** Symbolic shapes: dims in a normal form, and shapes of known or unknown rank. */
package dev.isomorph.ir.shape;
