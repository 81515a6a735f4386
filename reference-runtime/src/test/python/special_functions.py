"""Writes special-functions.txt: name, argument, result rounded to f64, and what the rounding left.

The results come from mpmath at 200 bits, so that an error can be measured in fractions of a unit
in the last place. Run: python special_functions.py ../resources/dev/isomorph/runtime/special-functions.txt
"""

import random
import sys

import mpmath as mp

mp.mp.prec = 200
FUNCTIONS = {
    "erf": (mp.erf, -6, 6),
    "erfc": (mp.erfc, -3, 26),
    "asinh": (mp.asinh, -40, 40),
    "acosh": (mp.acosh, 1, 30),
    "atanh": (mp.atanh, -1, 1),
}


def main(path):
    random.seed(3)
    with open(path, "w") as out:
        for name, (function, low, high) in FUNCTIONS.items():
            for i in range(400):
                x = random.uniform(low, high) if i % 2 else random.gauss(0, 0.5)
                x = float(max(low, min(high, 1 + abs(x) if name == "acosh" else x)))
                if name == "atanh" and abs(x) == 1:
                    continue
                exact = function(mp.mpf(x))
                rounded = float(exact)
                rest = float(exact - mp.mpf(rounded))
                print(name, x.hex(), rounded.hex(), rest.hex(), file=out)


main(sys.argv[1])
