/** The verdict as text. */
package dev.isomorph.verifier.report;
