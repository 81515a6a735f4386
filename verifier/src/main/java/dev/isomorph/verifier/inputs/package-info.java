/** Inputs that show differences. */
package dev.isomorph.verifier.inputs;
