"""Records what CPython prints for the scripts that test the evaluator.

Run from anywhere with CPython 3.11: python record_python.py
"""
import pathlib
import subprocess
import sys

FOLDER = pathlib.Path(__file__).parent.parent / 'resources/dev/isomorph/importers/python'

for script in sorted(FOLDER.glob('*.py')):
    printed = subprocess.run([sys.executable, script.name], cwd=FOLDER, check=True,
                             capture_output=True, text=True).stdout
    script.with_suffix('.txt').write_text(printed, encoding='utf-8')
