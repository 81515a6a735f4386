/**
 * Errors and warnings as data: stable codes, places, what to do; and the bounds on hostile input.
 */
package dev.isomorph.ir.diagnostic;
