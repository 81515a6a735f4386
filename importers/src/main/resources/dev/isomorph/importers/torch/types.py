from typing import Any as Number, Any as Device
