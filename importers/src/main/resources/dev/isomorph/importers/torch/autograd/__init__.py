from torch import _isomorph
from torch._functions import no_grad, enable_grad


def Variable(data, requires_grad=False, volatile=False):
    return data


class Function:
    def __init_subclass__(cls, **kwargs):
        pass

    @classmethod
    def apply(cls, *args):
        class Context:
            needs_input_grad = (False,) * len(args)

            def save_for_backward(self, *tensors):
                self.saved_tensors = tensors

            def mark_non_differentiable(self, *tensors):
                pass

        return cls.forward(Context(), *args)
