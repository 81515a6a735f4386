import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import com.google.googlejavaformat.java.RemoveUnusedImports;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Checks that all Java sources below a folder are formatted by google-java-format, or formats them:
 * {@code java … Format.java (check|fix) FOLDER}. Exit status 1 names the files that are not.
 */
final class Format {
  private static final Set<String> SKIPPED = Set.of("target", ".git", "node_modules");

  public static void main(String[] args) throws IOException {
    boolean fix = args[0].equals("fix");
    List<Path> wrong = new ArrayList<>();
    Formatter formatter = new Formatter();
    for (Path file : sources(Path.of(args[1]))) {
      String text = Files.readString(file).replace("\r\n", "\n");
      try {
        String formatted = formatter.formatSource(RemoveUnusedImports.removeUnusedImports(text));
        if (!formatted.equals(text)) {
          wrong.add(file);
          if (fix) {
            Files.writeString(file, formatted);
          }
        }
      } catch (FormatterException e) {
        System.err.println(file + ": " + e.getMessage());
        wrong.add(file);
      }
    }
    wrong.forEach(file -> System.err.println((fix ? "formatted " : "not formatted: ") + file));
    if (!fix && !wrong.isEmpty()) {
      System.err.println("run: mvn -Pformat -N verify");
      System.exit(1);
    }
  }

  private static List<Path> sources(Path root) throws IOException {
    List<Path> found = new ArrayList<>();
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            return SKIPPED.contains(String.valueOf(folder.getFileName()))
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (file.toString().endsWith(".java")) {
              found.add(file);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    return found;
  }
}
