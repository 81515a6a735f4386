/** Distances, units in the last place, and the spread of legal rounding. */
package dev.isomorph.verifier.measure;
