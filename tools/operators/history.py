"""Writes the superseded versions of ONNX's operators, beside the table of their newest versions.

    python tools/operators/history.py            # rewrites the file
    python tools/operators/history.py --check    # fails when the committed file is not what this would write

One line per superseded or deprecated definition, columns separated by tabs: domain, name, version, "deprecated" or
nothing, inputs, outputs, attributes, type constraints. The columns have the compact form that
dev.isomorph.ir.OperatorSchema.parse reads. The operators and versions are sorted.
"""

import argparse
import sys

from generate import ROOT, operator
from onnx import defs

TARGET = ROOT / "ir/src/main/resources/dev/isomorph/ir/operator-history.tsv"
MARKS = {"single": "", "optional": "?"}


def formals(rows):
    parts = []
    for row in rows:
        if row["option"] == "variadic":
            mark = ("*" if row["homogeneous"] else "~") + str(row["minArity"])
        else:
            mark = MARKS[row["option"]]
        parts.append(f"{row['name']}:{row['type']}{mark}")
    return "|".join(parts)


def default(value):
    return ",".join(str(v) for v in value) if isinstance(value, list) else str(value)


def attributes(rows):
    parts = []
    for row in rows:
        text = f"{row['name']}:{row['type']}" + ("!" if row["required"] else "")
        parts.append(text + ("=" + default(row["default"]) if "default" in row else ""))
    return "|".join(parts)


def line(schema):
    row = operator([schema])
    types = "|".join(f"{c['name']}:{' '.join(c['types'])}" for c in row["typeConstraints"])
    columns = [
        row["domain"],
        row["name"],
        str(row["since"]),
        "deprecated" if schema.deprecated else "",
        formals(row["inputs"]),
        formals(row["outputs"]),
        attributes(row["attributes"]),
        types,
    ]
    if any("\t" in column or "\n" in column for column in columns):
        raise ValueError(f"a column of {schema.name} holds a separator")
    return "\t".join(columns)


def render():
    versions = {}
    for schema in defs.get_all_schemas_with_history():
        versions.setdefault((schema.domain, schema.name), []).append(schema)
    lines = []
    for key in sorted(versions):
        definitions = sorted(versions[key], key=lambda s: s.since_version)
        kept = definitions if definitions[-1].deprecated else definitions[:-1]
        lines += [line(schema) for schema in kept]
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare with the committed file, write nothing")
    arguments = parser.parse_args()
    text = render()
    if arguments.check:
        if TARGET.read_text(encoding="utf-8") != text:
            sys.exit(f"{TARGET} is out of date; run tools/operators/history.py")
        return
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
