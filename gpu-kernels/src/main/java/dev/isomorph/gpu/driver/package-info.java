/**
 * CUDA's driver and kernel compiler behind a few typed classes: context, stream, memory, modules.
 * Except for {@link dev.isomorph.gpu.driver.NativeLibraries}, nothing here may be touched before
 * the probe says that CUDA is available.
 */
package dev.isomorph.gpu.driver;
