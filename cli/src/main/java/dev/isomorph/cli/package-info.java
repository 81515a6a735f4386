/** The command line: reads options, calls the library, prints, exits. */
package dev.isomorph.cli;
