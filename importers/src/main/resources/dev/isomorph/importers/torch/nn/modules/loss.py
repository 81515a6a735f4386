from torch.nn.modules.other import *
