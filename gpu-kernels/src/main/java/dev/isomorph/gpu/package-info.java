/**
 * The CUDA device: found by {@link java.util.ServiceLoader}, absent with a reason where there is no
 * driver, no GPU or no bindings.
 */
package dev.isomorph.gpu;
