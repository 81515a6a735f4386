package dev.isomorph.formats.pickle;

import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The stack with its marks, the memo, and the budget of one pickle. */
final class PickleStack {
  private static final int REFERENCE = 8;
  private static final int MEMO_ENTRY = 64;

  private final List<PickleValue> values = new ArrayList<>();
  private final List<Integer> marks = new ArrayList<>();
  private final Map<Integer, PickleValue> memo = new HashMap<>();
  private final int mostObjects;
  private int objects;
  private long heapLeft = Runtime.getRuntime().maxMemory() / 2;

  PickleStack(int mostObjects) {
    this.mostObjects = mostObjects;
  }

  /** Accounts for an object of about this many bytes on the heap. */
  void charge(long bytes) {
    heapLeft -= bytes;
    if (++objects > mostObjects || heapLeft < 0) {
      throw Diagnostic.error(
              ErrorCode.FORMAT_LIMIT, "the pickle makes more objects than is allowed")
          .expected("at most " + mostObjects + " in half of the Java heap", objects)
          .toException();
    }
  }

  void push(PickleValue value) {
    charge(REFERENCE);
    values.add(value);
  }

  PickleValue pop() {
    requireItems(1);
    return values.removeLast();
  }

  PickleValue peek() {
    requireItems(1);
    return values.getLast();
  }

  private void requireItems(int count) {
    int base = marks.isEmpty() ? 0 : marks.getLast();
    if (values.size() - base < count) {
      throw invalid("the stack holds too few values");
    }
  }

  List<PickleValue> pop(int count) {
    requireItems(count);
    return cut(values.size() - count);
  }

  void mark() {
    charge(REFERENCE);
    marks.add(values.size());
  }

  List<PickleValue> popMark() {
    if (marks.isEmpty()) {
      throw invalid("there is no mark on the stack");
    }
    return cut(marks.removeLast());
  }

  /** {@code POP} takes a mark away when nothing is above it. */
  void discard() {
    if (!marks.isEmpty() && marks.getLast() == values.size()) {
      marks.removeLast();
    } else {
      pop();
    }
  }

  private List<PickleValue> cut(int from) {
    List<PickleValue> tail = values.subList(from, values.size());
    List<PickleValue> copy = new ArrayList<>(tail);
    tail.clear();
    return copy;
  }

  void put(int index) {
    charge(MEMO_ENTRY);
    memo.put(index, peek());
  }

  void memoize() {
    put(memo.size());
  }

  PickleValue get(int index) {
    PickleValue value = memo.get(index);
    if (value == null) {
      throw invalid("the memo has no entry " + Integer.toUnsignedString(index));
    }
    return value;
  }

  private static IsomorphException invalid(String what) {
    return Diagnostic.error(ErrorCode.FORMAT_INVALID, "%s", what).toException();
  }
}
