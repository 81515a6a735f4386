package dev.isomorph.importers.python;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.SynchronousQueue;

/**
 * A generator: its body runs on a thread of its own, and only while its consumer waits for the next
 * value, so that effects happen in Python's order and one thread at a time touches the evaluator.
 */
final class Generator implements Iterator<PyObject> {
  private static final long STACK = 64L << 20;

  private sealed interface Event {}

  private record Value(PyObject value) implements Event {}

  private record End(Throwable failure) implements Event {}

  private static final class Closed extends RuntimeException {
    Closed() {
      super("generator closed", null, false, false);
    }
  }

  private final SynchronousQueue<Event> events = new SynchronousQueue<>();
  private final SynchronousQueue<PyObject> resumptions = new SynchronousQueue<>();
  private final Runnable body;
  private Thread thread;
  private Event ahead;
  private boolean finished;

  Generator(Runnable body) {
    this.body = body;
  }

  /** Hands a value to the consumer; called by the body. */
  PyObject emit(PyObject value) {
    try {
      events.put(new Value(value));
      return resumptions.take();
    } catch (InterruptedException _) {
      throw new Closed();
    }
  }

  @Override
  public boolean hasNext() {
    if (finished) {
      return false;
    }
    if (ahead == null) {
      ahead = advance();
    }
    if (ahead instanceof End(Throwable failure)) {
      finished = true;
      switch (failure) {
        case null -> {}
        case RuntimeException e -> throw e;
        case Error e -> throw e;
        default -> throw new IllegalStateException(failure);
      }
      return false;
    }
    return true;
  }

  @Override
  public PyObject next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    PyObject value = ((Value) ahead).value;
    ahead = null;
    return value;
  }

  private Event advance() {
    try {
      if (thread == null) {
        thread = new Thread(null, this::run, "python-generator", STACK);
        thread.setDaemon(true);
        thread.start();
      } else {
        resumptions.put(PyObject.NONE);
      }
      return events.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  private void run() {
    Throwable failure = null;
    try {
      body.run();
    } catch (Closed _) {
      return;
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
      failure = e;
    }
    try {
      events.put(new End(failure));
    } catch (InterruptedException _) {
      // Nobody waits for the end of a generator that was closed.
      Thread.currentThread().interrupt();
    }
  }

  void close() {
    finished = true;
    if (thread != null) {
      thread.interrupt();
    }
  }
}
