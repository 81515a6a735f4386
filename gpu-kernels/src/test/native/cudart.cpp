// A stand-in for libcudart.so.13: the bindings are linked with it, but none of its functions is called.
extern "C" __attribute__((visibility("default"))) int isomorph_emulated_cudart() { return 0; }
