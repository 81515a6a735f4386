"""Writes src/test/resources/onnx with the onnx package (1.23.2): models, and what onnx reads in them.

Run from the module's folder: python src/test/python/onnx_fixtures.py
"""

import pathlib

import numpy as np
import onnx
from onnx import TensorProto as T
from onnx import helper, numpy_helper

OUT = pathlib.Path("src/test/resources/onnx")

# Values that each type holds exactly, with its extremes.
VALUES = {
    T.FLOAT: [0.0, -0.0, 1.5, -3.4028234663852886e38, float("inf"), 1e-45],
    T.UINT8: [0, 1, 127, 128, 255],
    T.INT8: [0, 1, -1, 127, -128],
    T.UINT16: [0, 1, 32768, 65535],
    T.INT16: [0, -1, 32767, -32768],
    T.INT32: [0, -1, 2147483647, -2147483648],
    T.INT64: [0, -1, 9007199254740993, -9223372036854775808],
    T.BOOL: [True, False, True],
    T.FLOAT16: [0.0, -0.0, 1.5, 65504.0, 5.960464477539063e-08],
    T.DOUBLE: [0.0, -0.0, 1.5, 1.7976931348623157e308, 5e-324],
    T.UINT32: [0, 1, 4294967295],
    T.UINT64: [0, 1, 9007199254740992],
    T.BFLOAT16: [0.0, -0.0, 1.5, -3.3895313892515355e38],
    T.FLOAT8E4M3FN: [0.0, -0.0, 1.5, 448.0, -448.0],
    T.FLOAT8E4M3FNUZ: [0.0, 1.5, 240.0, -240.0],
    T.FLOAT8E5M2: [0.0, -0.0, 1.5, 57344.0],
    T.FLOAT8E5M2FNUZ: [0.0, 1.5, 57344.0],
    T.UINT4: [0, 1, 15, 8, 7],
    T.INT4: [0, 1, -1, 7, -8],
    T.FLOAT4E2M1: [0.0, 0.5, -6.0, 1.5, 3.0],
    T.FLOAT8E8M0: [1.0, 2.0, 0.25],
    T.UINT2: [0, 1, 2, 3, 1],
    T.INT2: [0, 1, -1, -2, 1],
}
COMPLEX = {T.COMPLEX64: [1 + 2j, -0.5 + 0j], T.COMPLEX128: [1 + 2j, 1e300 - 1j]}


def typed(name, code, values):
    return helper.make_tensor(name, code, [len(values)], values)


def raw(name, code, values):
    array = numpy_helper.to_array(typed(name, code, values))
    return numpy_helper.from_array(array, name)


def model(graph_name, initializers, sparse=(), nodes=()):
    graph = helper.make_graph(list(nodes), graph_name, [], [], initializer=list(initializers))
    graph.sparse_initializer.extend(sparse)
    return helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 25)], ir_version=13, producer_name="isomorph-fixtures"
    )


def types():
    tensors, lines = [], []
    for code, values in {**VALUES, **COMPLEX}.items():
        name = T.DataType.Name(code).lower()
        tensors += [typed(name + ".typed", code, values), raw(name + ".raw", code, values)]
        assert tensors[-1].HasField("raw_data") and not tensors[-2].HasField("raw_data"), name
        read = numpy_helper.to_array(tensors[-1])
        assert read.tobytes() == numpy_helper.to_array(tensors[-2]).tobytes(), name
        if code in VALUES:
            numbers = ["%r" % (int(v) if np.issubdtype(read.dtype, np.integer) else float(v)) for v in read]
        else:
            numbers = []
        lines.append("\t".join([name, str(code), tensors[-1].raw_data.hex(), " ".join(numbers)]))
    tensors.append(helper.make_tensor("string", T.STRING, [2, 1], ["grüße".encode(), b""]))
    tensors.append(helper.make_tensor("scalar", T.FLOAT, [], [2.5]))
    tensors.append(helper.make_tensor("empty", T.INT64, [0, 3], []))
    onnx.save(model("types", tensors), OUT / "types.onnx")
    (OUT / "types.tsv").write_text("\n".join(lines) + "\n")


def sparse():
    values = helper.make_tensor("linear", T.FLOAT, [3], [1.0, -2.0, 3.5])
    linear = helper.make_sparse_tensor(values, helper.make_tensor("i", T.INT64, [3], [1, 4, 11]), [3, 4])
    values = helper.make_tensor("coordinates", T.DOUBLE, [2], [7.0, 8.0])
    indices = helper.make_tensor("i", T.INT64, [2, 2], [0, 1, 2, 0])
    onnx.save(model("sparse", [], [linear, helper.make_sparse_tensor(values, indices, [3, 2])]), OUT / "sparse.onnx")


def external():
    folder = OUT / "external"
    folder.mkdir(parents=True, exist_ok=True)
    a = np.arange(600, dtype=np.float32).reshape(20, 30)
    b = np.arange(500, dtype=np.int64) - 250
    proto = model("external", [numpy_helper.from_array(a, "a"), numpy_helper.from_array(b, "b")])
    (folder / "weights.bin").unlink(missing_ok=True)  # onnx appends to it
    onnx.save(proto, folder / "model.onnx", save_as_external_data=True, location="weights.bin", size_threshold=0)
    assert (folder / "weights.bin").stat().st_size == 600 * 4 + 500 * 8


def test_data():
    a, b = np.array([1.5, -2.0], np.float32), np.array([[3, 4, 5]], np.int64)
    onnx.save_tensor(numpy_helper.from_array(a, "t"), OUT / "tensor.pb")
    files = {
        "sequence": numpy_helper.from_list([a, b], "s"),
        "nested": numpy_helper.from_list([[a], [b, b]], "n"),
        "optional": numpy_helper.from_optional(a, "o"),
        "absent": numpy_helper.from_optional(None, "o"),
        "optional_sequence": numpy_helper.from_optional([a], "os"),
        "map": numpy_helper.from_dict({np.int64(-3): a, np.int64(5): a * 2}, "m"),
    }
    for name, proto in files.items():
        (OUT / (name + ".pb")).write_bytes(proto.SerializeToString())


OUT.mkdir(parents=True, exist_ok=True)
types()
sparse()
external()
test_data()
