"""Writes the table of ATen's schemas and of the names that PyTorch's namespaces hold.

Facts alone are taken, from the installed torch: python generate.py
"""
import pathlib
import re

import torch
import torch.nn.functional

TARGET = pathlib.Path(__file__).parents[2] / 'importers/src/main/resources/dev/isomorph/importers/torch'
SKIPPED = re.compile(r'Dimname|_foreach|_cudnn|_cuda|miopen|_mps|mkldnn|backward|_fused|aten::_?sparse|_sparse_|_nested|'
                     r'quantize|fbgemm|_xla|_thnn|_cslt|_wrapped|Generator generator\b|Stream|_test|'
                     r'_make_dual|_fw_primal|t\(.*!\) out|\(b!\)|_efficientzero|_transformer|'
                     r'\.(?:str|complex|float_complex|int_complex|complex_\w+|t\b)')

lines = set()
for schema in torch._C._jit_get_all_schemas():
    text = str(schema)
    if not text.startswith('aten::') or SKIPPED.search(text):
        continue
    if any(a.is_out for a in schema.arguments):
        continue
    lines.add(text.replace('aten::', '', 1))
(TARGET / 'aten.txt').write_text('\n'.join(sorted(lines)) + '\n', encoding='utf-8')

names = []
for label, space in [('torch', torch), ('torch.Tensor', torch.Tensor), ('torch.nn', torch.nn),
                     ('torch.nn.functional', torch.nn.functional), ('torch.linalg', torch.linalg),
                     ('torch.special', torch.special), ('torch.fft', torch.fft)]:
    for name in sorted(dir(space)):
        if not name.startswith('_') or name in ('_C', '_assert'):
            names.append(f'{label}.{name}')
(TARGET / 'names.txt').write_text('\n'.join(names) + '\n', encoding='utf-8')
