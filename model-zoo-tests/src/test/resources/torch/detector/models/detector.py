"""A single-shot face detector: boxes, face scores and five landmarks for every anchor."""

import torch
import torch.nn as nn
import torch.nn.functional as F

from config import cfg_small
from models.body import IntermediateLayerGetter
from models.net import FPN, SSH
from models.net import MobileBackbone as Backbone


class ClassHead(nn.Module):
    values = 2

    def __init__(self, in_channels=512, num_anchors=3):
        super(ClassHead, self).__init__()
        self.num_anchors = num_anchors
        self.conv1x1 = nn.Conv2d(in_channels, num_anchors * self.values, kernel_size=(1, 1), stride=1, padding=0)

    def forward(self, x):
        out = self.conv1x1(x)
        out = out.permute(0, 2, 3, 1).contiguous()
        return out.view(out.shape[0], -1, self.values)


class BboxHead(ClassHead):
    values = 4


class LandmarkHead(ClassHead):
    values = 5 * 2


class FaceDetector(nn.Module):
    """Three feature maps, each with its own context module and heads."""

    def __init__(self, cfg=None, phase="train"):
        """
        :param cfg: settings of the network, see config.py
        :param phase: "train" returns the scores as logits, "test" as probabilities
        """
        super(FaceDetector, self).__init__()
        self.phase = phase
        backbone = Backbone(cfg["width"], cfg["stage_repeats"])
        if cfg["pretrained"]:
            checkpoint = torch.load(cfg["pretrained"], map_location=torch.device("cpu"))
            backbone.load_state_dict({k[7:]: v for k, v in checkpoint["state_dict"].items()})
        self.body = IntermediateLayerGetter(backbone, cfg["levels"])
        channels = cfg["feature_channels"]
        self.fpn = FPN([cfg["width"] * 2 ** (2 + i) for i in range(len(cfg["levels"]))], channels)
        self.context = nn.ModuleList([SSH(channels) for _ in cfg["levels"]])
        anchors = [len(sizes) for sizes in cfg["anchors"]]
        self.ClassHead = self._heads(ClassHead, channels, anchors)
        self.BboxHead = self._heads(BboxHead, channels, anchors)
        self.LandmarkHead = self._heads(LandmarkHead, channels, anchors)

    def _heads(self, head, in_channels, anchors):
        heads = nn.ModuleList()
        for count in anchors:
            heads.append(head(in_channels, count))
        return heads

    def forward(self, inputs):
        out = self.body(inputs)
        features = [ssh(level) for ssh, level in zip(self.context, self.fpn(out))]

        boxes = torch.cat([self.BboxHead[i](feature) for i, feature in enumerate(features)], dim=1)
        scores = torch.cat([self.ClassHead[i](feature) for i, feature in enumerate(features)], dim=1)
        landmarks = torch.cat([self.LandmarkHead[i](feature) for i, feature in enumerate(features)], dim=1)

        if self.phase == 'train':
            output = (boxes, scores, landmarks)
        else:
            output = (boxes, F.softmax(scores, dim=-1), landmarks)
        return output


def small_detector():
    return FaceDetector(cfg=cfg_small, phase="test")
