/** Devices that run graphs: the CPU, and what providers on the class path add. */
package dev.isomorph.runtime.device;
