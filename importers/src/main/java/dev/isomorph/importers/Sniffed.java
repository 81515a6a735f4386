package dev.isomorph.importers;

import java.nio.file.Path;

/**
 * The outcome of looking at a file or folder.
 *
 * @param path what was looked at
 * @param kind what it is
 */
public record Sniffed(Path path, FormatKind kind) {}
