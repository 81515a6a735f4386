package dev.isomorph.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What all commands share: the terminal, {@code --json} and the way to an exit status. */
@Command(mixinStandardHelpOptions = true, versionProvider = CommandLines.VersionProvider.class)
abstract class IsomorphCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--json",
      description = "Print one JSON document on standard output, and nothing else.")
  private boolean json;

  private Terminal terminal;

  void terminal(Terminal terminal) {
    this.terminal = terminal;
  }

  /**
   * {@return what the command came to}. Text goes to {@code terminal}, which keeps it back when
   * JSON is asked for.
   */
  abstract Outcome execute(Terminal terminal);

  @Override
  public final Integer call() {
    return terminal.finish(spec.name(), execute(terminal));
  }
}
