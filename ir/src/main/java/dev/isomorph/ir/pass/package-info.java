/**
 * Passes: models are rewritten into models by small classes with one job each. Rules look at one
 * node and say what could stand in its place as a {@link dev.isomorph.ir.pass.Patch}; the driver
 * checks and counts it.
 */
package dev.isomorph.ir.pass;
