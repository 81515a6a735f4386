/** Checks of whole models: structure, names, types. */
package dev.isomorph.ir.validate;
