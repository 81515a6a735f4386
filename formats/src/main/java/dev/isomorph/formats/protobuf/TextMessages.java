package dev.isomorph.formats.protobuf;

import com.google.protobuf.Message;
import com.google.protobuf.TextFormat;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.diagnostic.Limits;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/**
 * Messages in protobuf's text form ({@code .pbtxt}), which is read whole.
 *
 * @see <a href="https://protobuf.dev/reference/protobuf/textformat-spec/">Text Format Language
 *     Specification</a>
 */
public final class TextMessages {
  private TextMessages() {}

  /**
   * {@return whether a file begins like a text}: with a letter or a comment, and nothing but
   * printable ASCII. A binary message of the kinds that are read here begins with bytes below 32.
   */
  public static boolean isText(Path file) {
    if (!Files.isRegularFile(file)) {
      return false;
    }
    byte[] start = new byte[64];
    int length;
    try (var in = Files.newInputStream(file)) {
      length = in.readNBytes(start, 0, start.length);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
    String text = new String(start, 0, length, StandardCharsets.ISO_8859_1).strip();
    return !text.isEmpty()
        && (Character.isLetter(text.charAt(0)) || text.charAt(0) == '#')
        && text.chars().allMatch(c -> c >= ' ' && c <= '~' || c == '\n' || c == '\r' || c == '\t');
  }

  private static IsomorphException unreadable(Path file, IOException e) {
    return Diagnostic.error(
            ErrorCode.FILE_UNREADABLE, "the file cannot be read: %s", e.getMessage())
        .inFile(file.toString())
        .toException();
  }

  /**
   * Merges a text file into {@code builder}.
   *
   * @return {@code builder}
   * @throws IsomorphException if the file is missing or not the text of such a message, with line
   *     and column
   */
  public static <B extends Message.Builder> B read(Path file, B builder, Limits limits) {
    try {
      Limits.check("the size of a text file in bytes", Files.size(file), limits.headerBytes());
      String text = Files.readString(file);
      if (text.isBlank()) {
        throw Diagnostic.error(ErrorCode.FILE_EMPTY, "the file is empty").toException();
      }
      TextFormat.Parser.newBuilder()
          .setRecursionLimit(limits.nesting())
          .build()
          .merge(text, builder);
      return builder;
    } catch (IsomorphException e) {
      throw e.map(d -> d.inFile(file.toString()));
    } catch (NoSuchFileException _) {
      throw Diagnostic.error(ErrorCode.FILE_NOT_FOUND, "there is no such file")
          .inFile(file.toString())
          .toException();
    } catch (TextFormat.ParseException | CharacterCodingException e) {
      throw new IsomorphException(
          List.of(
              Diagnostic.error(
                      ErrorCode.FORMAT_INVALID,
                      "not the text form of a '%s': %s",
                      builder.getDescriptorForType().getName(),
                      e instanceof CharacterCodingException ? "it is not UTF-8" : e.getMessage())
                  .inFile(file.toString())),
          e);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }
}
