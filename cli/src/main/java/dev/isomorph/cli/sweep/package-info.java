/** Many models at once, each in a process of its own. */
package dev.isomorph.cli.sweep;
