/** Other programs that run models, found when present. */
package dev.isomorph.verifier.engine;
