package dev.isomorph.gpu.driver;

import org.bytedeco.cuda.cudart.CUfunc_st;

/**
 * A kernel of a loaded module.
 *
 * @param name its name
 * @param handle the driver's
 */
public record CudaFunction(String name, CUfunc_st handle) {}
