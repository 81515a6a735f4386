package dev.isomorph.formats.tensorflow;

import com.google.protobuf.Message;
import com.google.protobuf.TextFormat;
import dev.isomorph.formats.io.AtomicOutput;
import dev.isomorph.formats.protobuf.LargeFields;
import dev.isomorph.formats.protobuf.MappedMessages;
import dev.isomorph.formats.protobuf.MessageWriter;
import dev.isomorph.formats.protobuf.TextMessages;
import dev.isomorph.formats.tensorflow.proto.GraphDef;
import dev.isomorph.formats.tensorflow.proto.MetaGraphDef;
import dev.isomorph.formats.tensorflow.proto.TensorProto;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.diagnostic.Limits;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.ir.tensor.TensorArena;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A graph of TensorFlow in a file of its own, binary ({@code .pb}) or text ({@code .pbtxt}).
 * Constants of 4 KiB or more stay in the mapped binary file. Immutable and safe for many threads.
 *
 * @param path the file, as it was named
 * @param graph the graph; the content of large constants is references of {@code large}
 * @param large what stayed in the map
 * @param limits bounds for constants that a file describes by less than their bytes
 */
public record GraphDefFile(Path path, GraphDef graph, LargeFields large, Limits limits) {

  /**
   * Reads a {@code GraphDef}.
   *
   * @param arena owns the file's map
   * @throws IsomorphException if the file is missing, empty, cut or no graph
   */
  public static GraphDefFile read(Path path, TensorArena arena, Limits limits) {
    LargeFields large = new LargeFields();
    GraphDef graph = readAny(path, GraphDef.newBuilder(), arena, large, limits).build();
    return checked(path, graph, large, limits);
  }

  /**
   * Reads the graph of a {@code MetaGraphDef}: the {@code .meta} file beside a checkpoint of
   * TensorFlow 1.
   *
   * @param arena owns the file's map
   * @throws IsomorphException if the file is missing, empty, cut or no such message
   */
  public static GraphDefFile readMeta(Path path, TensorArena arena, Limits limits) {
    LargeFields large = new LargeFields();
    MetaGraphDef meta = readAny(path, MetaGraphDef.newBuilder(), arena, large, limits).build();
    return checked(path, meta.getGraphDef(), large, limits);
  }

  private static GraphDefFile checked(Path path, GraphDef graph, LargeFields large, Limits limits) {
    boolean named = graph.getNodeList().stream().noneMatch(n -> n.getOp().isEmpty());
    if (graph.getNodeCount() == 0 || !named) {
      throw Diagnostic.error(
              ErrorCode.FORMAT_INVALID,
              "the file is no TensorFlow graph: it has %s",
              named ? "no nodes" : "a node without an operator")
          .inFile(path.toString())
          .toException();
    }
    return new GraphDefFile(path, graph, large, limits);
  }

  /** Reads the binary form, or the text form if the file begins like text. */
  static <B extends Message.Builder> B readAny(
      Path path, B builder, TensorArena arena, LargeFields large, Limits limits) {
    return TextMessages.isText(path)
        ? TextMessages.read(path, builder, limits)
        : MappedMessages.read(path, builder, arena, TfTensors.KEPT, large, limits);
  }

  /**
   * {@return a constant of the graph}
   *
   * @throws IsomorphException as {@link TfTensors#toTensor}
   */
  public Tensor tensor(TensorProto proto) {
    try {
      return TfTensors.toTensor(proto, large, limits);
    } catch (IsomorphException e) {
      throw e.map(d -> d.inFile(path.toString()));
    }
  }

  /**
   * Writes a graph in binary form. The same graph gives the same bytes.
   *
   * @param large the contents that {@code graph} refers to
   * @param replace whether an existing file may be replaced
   * @throws IsomorphException {@link ErrorCode#UNSUPPORTED_TARGET} beyond protobuf's 2 GiB, {@link
   *     ErrorCode#OUTPUT_EXISTS}, {@link ErrorCode#OUTPUT_FAILED}
   */
  public static void write(Path target, GraphDef graph, LargeFields large, boolean replace) {
    try (AtomicOutput output = AtomicOutput.file(target, replace)) {
      writeMessage(output.path(), target, graph, large);
      output.commit();
    }
  }

  /**
   * Writes a graph in text form.
   *
   * @throws IsomorphException {@link ErrorCode#OUTPUT_EXISTS}, {@link ErrorCode#OUTPUT_FAILED}
   */
  public static void writeText(Path target, GraphDef graph, boolean replace) {
    try (AtomicOutput output = AtomicOutput.file(target, replace)) {
      Files.writeString(output.path(), TextFormat.printer().printToString(graph));
      output.commit();
    } catch (IOException e) {
      throw AtomicOutput.failed(target, e);
    }
  }

  static void writeMessage(Path file, Path target, Message message, LargeFields large) {
    long size = MessageWriter.size(message, large);
    if (size > Integer.MAX_VALUE) {
      throw Diagnostic.error(
              ErrorCode.UNSUPPORTED_TARGET, "the graph is larger than a protobuf file can be")
          .inFile(target.toString())
          .expected("at most " + Integer.MAX_VALUE + " bytes", size)
          .help("keep the weights as variables: write a SavedModel")
          .toException();
    }
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      MessageWriter.write(message, large, channel);
    } catch (IOException e) {
      throw AtomicOutput.failed(target, e);
    }
  }
}
