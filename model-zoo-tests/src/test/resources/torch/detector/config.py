"""Settings of the detectors, one dictionary per size."""

cfg_small = {
    "name": "small",
    "width": 6,
    "stage_repeats": (1, 3, 1),
    "levels": {"stage1": "p3", "stage2": "p4", "stage3": "p5"},
    "feature_channels": 20,
    "anchors": [[16, 32], [64, 128], [256, 512]],
    "strides": [8, 16, 32],
    "pretrained": None,
}

cfg_large = dict(cfg_small, name="large", width=24, feature_channels=64, pretrained="weights/backbone.pth")
