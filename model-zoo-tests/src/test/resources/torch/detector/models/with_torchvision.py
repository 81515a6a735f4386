"""The same detector with torchvision's helper as its body, as many published detectors have it."""

import torchvision.models._utils as _utils

from config import cfg_small
from models.detector import FaceDetector
from models.net import MobileBackbone


class TorchvisionBodyDetector(FaceDetector):
    def __init__(self, cfg=cfg_small, phase="test"):
        super().__init__(cfg=cfg, phase=phase)
        backbone = MobileBackbone(cfg["width"], cfg["stage_repeats"])
        self.body = _utils.IntermediateLayerGetter(backbone, cfg["levels"])
