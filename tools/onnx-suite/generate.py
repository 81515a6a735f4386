"""Records the node cases of the onnx package's backend suite in one archive.

The archive is one gzip stream of records, so that what cases have in common is stored once: a line
"PATH LENGTH" and then that many bytes. Paths are as the package lays cases out: NAME/model.onnx,
NAME/test_data_set_0/input_0.pb, NAME/test_data_set_0/output_0.pb. The first record, cases.txt, has
one line per case: its name, rtol and atol. The same package gives the same bytes.

Run: python generate.py ../../model-zoo-tests/src/test/resources/onnx-suite/node.gz
"""

import gzip
import sys
import warnings

import numpy as np
import onnx
from onnx import numpy_helper
from onnx.backend.test.case.node import collect_testcases


def value_proto(value, value_type):
    kind = value_type.WhichOneof("value")
    if kind == "sequence_type":
        return numpy_helper.from_list(value)
    if kind == "optional_type":
        proto = onnx.OptionalProto()
        if value is None:
            proto.elem_type = onnx.OptionalProto.UNDEFINED
            return proto
        inner = value_type.optional_type.elem_type
        if inner.WhichOneof("value") == "sequence_type":
            proto.elem_type = onnx.OptionalProto.SEQUENCE
            proto.sequence_value.CopyFrom(numpy_helper.from_list(list(value)))
        else:
            proto.elem_type = onnx.OptionalProto.TENSOR
            proto.tensor_value.CopyFrom(numpy_helper.from_array(np.asarray(value)))
        return proto
    if isinstance(value, onnx.TensorProto):
        return value
    return numpy_helper.from_array(np.asarray(value))


def main(path):
    warnings.simplefilter("ignore")
    cases = sorted(collect_testcases(None), key=lambda case: case.name)
    lines = "".join(f"{case.name} {case.rtol} {case.atol}\n" for case in cases)
    records = [("cases.txt", lines.encode())]
    for case in cases:
        graph = case.model.graph
        model = case.model.SerializeToString(deterministic=True)
        records.append((f"{case.name}/model.onnx", model))
        for number, (inputs, outputs) in enumerate(case.data_sets):
            for kind, values, formals in (
                ("input", inputs, graph.input),
                ("output", outputs, graph.output),
            ):
                for i, value in enumerate(values):
                    proto = value_proto(value, formals[i].type)
                    if not proto.name:
                        proto.name = formals[i].name
                    data = proto.SerializeToString(deterministic=True)
                    records.append((f"{case.name}/test_data_set_{number}/{kind}_{i}.pb", data))
    with open(path, "wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as out:
        for name, data in records:
            out.write(f"{name} {len(data)}\n".encode())
            out.write(data)
    print(len(cases), "cases,", len(records), "records, onnx", onnx.__version__)


main(sys.argv[1])
