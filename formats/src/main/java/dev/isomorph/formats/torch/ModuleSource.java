package dev.isomorph.formats.torch;

/**
 * The Python source of a module class, which files of the form before 1.6 carry beside pickled
 * modules. It is text from a file that nobody trusts, never executed.
 *
 * @param type the class, {@code module.name}
 * @param file where the source was when the file was written
 * @param source the text of the class
 */
public record ModuleSource(String type, String file, String source) {}
