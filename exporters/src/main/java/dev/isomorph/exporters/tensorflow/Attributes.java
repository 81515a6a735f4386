package dev.isomorph.exporters.tensorflow;

import com.google.protobuf.ByteString;
import dev.isomorph.formats.tensorflow.DataTypes;
import dev.isomorph.formats.tensorflow.TfTensors;
import dev.isomorph.formats.tensorflow.proto.AttrValue;
import dev.isomorph.formats.tensorflow.proto.DataType;
import dev.isomorph.formats.tensorflow.proto.TensorProto;
import dev.isomorph.formats.tensorflow.proto.TensorShapeProto;
import dev.isomorph.ir.tensor.DType;
import java.util.List;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.stream.LongStream;

/** Collects the attributes of one node. Not safe for many threads. */
final class Attributes {
  private final SequencedMap<String, AttrValue> values = new TreeMap<>();

  /** {@return no attributes} */
  static Attributes none() {
    return new Attributes();
  }

  SequencedMap<String, AttrValue> values() {
    return values;
  }

  Attributes put(String name, AttrValue value) {
    values.put(name, value);
    return this;
  }

  Attributes flag(String name, boolean value) {
    return put(name, AttrValue.newBuilder().setB(value).build());
  }

  Attributes integer(String name, long value) {
    return put(name, AttrValue.newBuilder().setI(value).build());
  }

  Attributes real(String name, float value) {
    return put(name, AttrValue.newBuilder().setF(value).build());
  }

  Attributes text(String name, String value) {
    ByteString bytes = ByteString.copyFromUtf8(value);
    return put(name, AttrValue.newBuilder().setS(bytes).build());
  }

  Attributes type(String name, DType value) {
    return put(name, AttrValue.newBuilder().setType(DataTypes.theirs(value)).build());
  }

  Attributes types(String name, List<DataType> values) {
    AttrValue.Builder value = AttrValue.newBuilder();
    value.getListBuilder().addAllType(values);
    return put(name, value.build());
  }

  Attributes integers(String name, List<Long> values) {
    AttrValue.Builder value = AttrValue.newBuilder();
    value.getListBuilder().addAllI(values);
    return put(name, value.build());
  }

  Attributes integers(String name, long... values) {
    return integers(name, LongStream.of(values).boxed().toList());
  }

  Attributes tensor(String name, TensorProto value) {
    return put(name, AttrValue.newBuilder().setTensor(value).build());
  }

  Attributes shape(String name, long... dims) {
    return shape(name, TfTensors.shape(dims));
  }

  Attributes shape(String name, TensorShapeProto shape) {
    return put(name, AttrValue.newBuilder().setShape(shape).build());
  }

  Attributes function(String name, String function) {
    AttrValue.Builder value = AttrValue.newBuilder();
    value.getFuncBuilder().setName(function);
    return put(name, value.build());
  }
}
