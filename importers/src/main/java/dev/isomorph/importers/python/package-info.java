/**
 * An evaluator of the Python subset in which models are written. It reads text, touches nothing of
 * the host but source files under the given roots, and stops at the bounds of {@link
 * dev.isomorph.ir.diagnostic.Limits}.
 */
package dev.isomorph.importers.python;
