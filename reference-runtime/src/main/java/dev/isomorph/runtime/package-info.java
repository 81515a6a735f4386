/** Runs models: sessions, run options, and the observer that sees every value. */
package dev.isomorph.runtime;
