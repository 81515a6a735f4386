package dev.isomorph.cli;

import java.io.PrintStream;

/** The {@code isomorph} program. */
public final class Main {
  private Main() {}

  /** Runs one command and ends the process with its exit status. */
  public static void main(String[] args) {
    int exit = run(args, System.out, System.err);
    System.out.flush();
    System.err.flush();
    // Native engines leave threads behind, so that returning would not end the process.
    Runtime.getRuntime().exit(exit);
  }

  /**
   * Runs one command.
   *
   * @param out receives the command's result: text, or one JSON document with {@code --json}
   * @param err receives progress and errors
   * @return the exit status, as the design of the command line fixes it
   */
  public static int run(String[] args, PrintStream out, PrintStream err) {
    if (args.length == 1 && (args[0].equals("--version") || args[0].equals("-V"))) {
      out.println("isomorph " + Version.current());
      return 0;
    }
    return CommandLines.execute(args, out, err);
  }
}
