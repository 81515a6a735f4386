package dev.isomorph.cli;

import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.List;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The tree of commands, and what happens to errors. */
final class CommandLines {
  @Command(
      name = "isomorph",
      description =
          "Moves neural networks between frameworks, and proves that they are the same function.",
      mixinStandardHelpOptions = true,
      versionProvider = VersionProvider.class,
      subcommands = {HelpCommand.class, AutoComplete.GenerateCompletion.class},
      synopsisSubcommandLabel = "COMMAND",
      footer = {
        "",
        "Examples:",
        "  isomorph convert net.pt --source net.py:Net --to onnx,saved-model",
        "  isomorph verify net.onnx net_saved_model",
        "  isomorph scan downloaded.pt",
        "",
        "Exit status: 0 done and parity held, 1 parity failed or findings, 2 wrong usage,",
        "  3 input unreadable or malformed, 4 unsupported, 5 engine or device missing,",
        "  70 a fault of Isomorph, 74 output not written, 130 interrupted."
      })
  private static final class Root implements Runnable {
    @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

    @Override
    public void run() {
      throw new ParameterException(spec.commandLine(), "a command is missing");
    }
  }

  /** Gives picocli the version. */
  static final class VersionProvider implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"isomorph " + Version.current()};
    }
  }

  private CommandLines() {}

  /** {@return the commands; for running them, for help and for shell completion} */
  static CommandLine tree() {
    CommandLine root = new CommandLine(new Root());
    root.addSubcommand(new ConvertCommand());
    root.addSubcommand(new VerifyCommand());
    root.addSubcommand(new InspectCommand());
    root.addSubcommand(new DiffCommand());
    root.addSubcommand(new RunCommand());
    root.addSubcommand(new ScanCommand());
    root.addSubcommand(new SweepCommand());
    root.addSubcommand(new BenchCommand());
    root.addSubcommand(new OpsCommand());
    root.addSubcommand(new DoctorCommand());
    root.setCaseInsensitiveEnumValuesAllowed(true);
    root.setAbbreviatedOptionsAllowed(false);
    return root;
  }

  static int execute(String[] args, PrintStream out, PrintStream err) {
    Terminal terminal = new Terminal(out, err, Arrays.asList(args).contains("--json"));
    CommandLine root = tree();
    root.setOut(new PrintWriter(out, true));
    root.setErr(new PrintWriter(err, true));
    root.setParameterExceptionHandler((e, _) -> wrongUsage(e, terminal));
    root.setExecutionExceptionHandler((e, line, _) -> failed(e, line.getCommandName(), terminal));
    root.setExecutionStrategy(
        parsed -> {
          for (CommandLine line : parsed.asCommandLineList()) {
            if (line.getCommand() instanceof IsomorphCommand command) {
              command.terminal(terminal);
            }
          }
          return new CommandLine.RunLast().execute(parsed);
        });
    try {
      return root.execute(args);
    } catch (Error e) {
      return failed(e, commandName(args), terminal);
    }
  }

  /** {@return the command on a line that did not come to be executed, or was torn out of it} */
  private static String commandName(String[] args) {
    return args.length == 0 ? "isomorph" : args[0];
  }

  private static int wrongUsage(ParameterException e, Terminal terminal) {
    CommandLine line = e.getCommandLine();
    StringBuilder help = new StringBuilder();
    if (e instanceof UnmatchedArgumentException unmatched
        && !unmatched.getSuggestions().isEmpty()) {
      help.append("did you mean ").append(String.join(" or ", unmatched.getSuggestions()));
      help.append("? ");
    }
    help.append("isomorph help").append(path(line)).append(" shows what there is");
    Diagnostic error =
        Diagnostic.error(ErrorCode.USAGE, "%s", e.getMessage()).help(help.toString());
    return terminal.finish(line.getCommandName(), Outcome.failed(List.of(error)));
  }

  private static String path(CommandLine line) {
    return line.getParent() == null ? "" : path(line.getParent()) + " " + line.getCommandName();
  }

  private static int failed(Throwable e, String command, Terminal terminal) {
    if (e instanceof IsomorphException known) {
      return terminal.finish(command, Outcome.failed(known.diagnostics()));
    }
    terminal.stackTrace(e);
    Diagnostic error =
        Diagnostic.error(ErrorCode.INTERNAL, "%s", String.valueOf(e))
            .help("this is a fault of Isomorph: please report it with the lines above");
    return terminal.finish(command, Outcome.failed(List.of(error)));
  }
}
