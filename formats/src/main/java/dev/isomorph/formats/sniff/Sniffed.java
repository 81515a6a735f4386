package dev.isomorph.formats.sniff;

import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import java.nio.file.Path;

/**
 * What a path is.
 *
 * @param path the path
 * @param kind the format
 * @param description one line for people: {@code a torch.save file}, {@code an HTML page}, with
 *     details
 * @param help what to do, when it is no model; may be empty
 */
public record Sniffed(Path path, FormatKind kind, String description, String help) {
  static Sniffed of(Path path, FormatKind kind) {
    return new Sniffed(path, kind, kind.text(), "");
  }

  static Sniffed of(Path path, FormatKind kind, String detail) {
    return new Sniffed(path, kind, kind.text() + detail, "");
  }

  /**
   * {@return the error to throw when something else was wanted}
   *
   * @param wanted such as {@code a model}
   */
  public Diagnostic toError(String wanted) {
    ErrorCode code =
        switch (kind) {
          case EMPTY -> ErrorCode.FILE_EMPTY;
          default ->
              kind.family() == FormatKind.Family.FOREIGN
                  ? ErrorCode.UNSUPPORTED_FEATURE
                  : ErrorCode.FORMAT_UNKNOWN;
        };
    return Diagnostic.error(code, "this is %s", description)
        .inFile(path.toString())
        .expected(wanted, kind.text())
        .help(help);
  }
}
