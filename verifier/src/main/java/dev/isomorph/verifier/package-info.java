/**
 * Parity: whether two models are the same function, judged by exact arithmetic and by the spread of
 * legal rounding, with the operator named where they part.
 */
package dev.isomorph.verifier;
