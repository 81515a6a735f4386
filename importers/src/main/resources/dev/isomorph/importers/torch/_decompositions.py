"""ATen operators in terms of others, by ATen's names and parameters."""

from torch._decompose.elementwise import *
from torch._decompose.activations import *
from torch._decompose.reductions import *
from torch._decompose.shapes import *
from torch._decompose.indexing import *
from torch._decompose.matrices import *
