"""Writes the operator table of the intermediate representation from the schemas of the onnx package.

    python -m pip install -r tools/operators/requirements.txt
    python tools/operators/generate.py            # rewrites the table
    python tools/operators/generate.py --check    # fails when the committed table is not what this would write

The table holds the newest version of every operator of every domain that onnx registers. An operator
whose newest version is deprecated stands in "deprecated" and not in "operators". The output is the
same, byte for byte, for the same onnx version: domains, operators, attributes and types are sorted,
inputs and outputs keep the order of the schema.
"""

import argparse
import json
import re
import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import defs

ROOT = Path(__file__).resolve().parents[2]
TARGET = ROOT / "ir/src/main/operators/operators.json"

# Short names of element types by ONNX's spelling inside type strings: tensor(float), seq(tensor(int8)).
SHORT = {
    "float": "f32",
    "double": "f64",
    "complex64": "c64",
    "complex128": "c128",
    "bool": "bool",
    "string": "string",
}
INTEGER = re.compile(r"(u?)int(\d+)")
NARROW_FLOAT = re.compile(r"(b?)float(\d+)(\w*)")


def short_dtype(name):
    if name in SHORT:
        return SHORT[name]
    if match := INTEGER.fullmatch(name):
        return ("u" if match[1] else "i") + match[2]
    if match := NARROW_FLOAT.fullmatch(name):
        return f"{match[1]}f{match[2]}{match[3]}"
    raise ValueError(f"no short name for element type {name!r}")


def short_type(text):
    """tensor(float) -> f32, seq(tensor(float)) -> seq(f32), map(int64, float) -> map(i64,f32)."""
    match = re.fullmatch(r"(\w+)\((.*)\)", text.replace(" ", ""))
    if match is None:
        return short_dtype(text)
    kind, inner = match[1], match[2]
    if kind == "tensor":
        return short_dtype(inner)
    if kind == "map":
        key, value = inner.split(",", 1)
        return f"map({short_dtype(key)},{short_type(value)})"
    if kind in ("seq", "optional", "sparse_tensor"):
        return f"{kind}({short_type(inner)})"
    raise ValueError(f"unknown kind of type {text!r}")


def plain(attribute):
    """The value of an AttributeProto as JSON; a float is the shortest decimal that names its f32."""
    value = onnx.helper.get_attribute_value(attribute)
    kind = onnx.AttributeProto.AttributeType.Name(attribute.type)
    if kind == "FLOAT":
        return float(str(np.float32(value)))
    if kind == "FLOATS":
        return [float(str(np.float32(v))) for v in value]
    if kind == "STRING":
        return value.decode("utf-8")
    if kind == "STRINGS":
        return [v.decode("utf-8") for v in value]
    if kind == "INT":
        return int(value)
    if kind == "INTS":
        return [int(v) for v in value]
    if kind == "TENSOR":
        array = onnx.numpy_helper.to_array(value)
        dtype = onnx.TensorProto.DataType.Name(value.data_type).lower()
        return {"dtype": short_dtype(dtype), "shape": list(array.shape), "data": array.ravel().tolist()}
    raise ValueError(f"default of kind {kind} of attribute {attribute.name!r}")


def formal(parameter, variables):
    row = {
        "name": parameter.name,
        "type": parameter.type_str if parameter.type_str in variables else short_type(parameter.type_str),
        "option": parameter.option.name.lower(),
    }
    if row["option"] == "variadic":
        row["homogeneous"] = parameter.is_homogeneous
        row["minArity"] = parameter.min_arity
    return row


def attribute(schema_attribute):
    row = {
        "name": schema_attribute.name,
        "type": schema_attribute.type.name.lower(),
        "required": schema_attribute.required,
    }
    default = schema_attribute.default_value
    if default.type != onnx.AttributeProto.UNDEFINED:
        row["default"] = plain(default)
    return row


def operator(versions):
    schema = versions[-1]
    variables = {constraint.type_param_str for constraint in schema.type_constraints}
    row = {
        "domain": schema.domain,
        "name": schema.name,
        "since": schema.since_version,
        "history": [earlier.since_version for earlier in versions[:-1]],
        "minInputs": schema.min_input,
        "maxInputs": schema.max_input,
        "minOutputs": schema.min_output,
        "maxOutputs": schema.max_output,
        "inputs": [formal(p, variables) for p in schema.inputs],
        "outputs": [formal(p, variables) for p in schema.outputs],
        "attributes": [attribute(a) for _, a in sorted(schema.attributes.items())],
        "typeConstraints": [
            {"name": c.type_param_str, "types": sorted({short_type(t) for t in c.allowed_type_strs})}
            for c in schema.type_constraints
        ],
        "determinism": schema.node_determinism.name.lower(),
        "hasFunction": schema.has_function or schema.has_context_dependent_function,
    }
    if schema.deprecated:
        row["deprecated"] = True
    return row


def table():
    versions = {}
    for schema in defs.get_all_schemas_with_history():
        versions.setdefault((schema.domain, schema.name), []).append(schema)
    rows = []
    for key in sorted(versions):
        rows.append(operator(sorted(versions[key], key=lambda s: s.since_version)))
    domains = {domain for domain, _ in versions}
    opsets = {d: last for d, (_, last) in sorted(defs.C.schema_version_map().items()) if d in domains}
    return {
        "onnx": onnx.__version__,
        "opsets": opsets,
        "operators": [row for row in rows if "deprecated" not in row],
        "deprecated": [row for row in rows if "deprecated" in row],
    }


def render(document):
    """One line per operator, so that a newer onnx shows as a readable difference."""
    parts = []
    for key, value in document.items():
        if isinstance(value, list):
            lines = ",\n".join("    " + json.dumps(row, ensure_ascii=False) for row in value)
            parts.append(f"  {json.dumps(key)}: [\n{lines}\n  ]")
        else:
            parts.append(f"  {json.dumps(key)}: {json.dumps(value)}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare with the committed table, write nothing")
    arguments = parser.parse_args()
    text = render(table())
    if arguments.check:
        if TARGET.read_text(encoding="utf-8") != text:
            sys.exit(f"{TARGET} is not what onnx {onnx.__version__} says; run tools/operators/generate.py")
        return
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
