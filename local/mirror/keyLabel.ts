/** Label of a base image with the key of its inputs; images without it were not built here. */
export const keyLabel = "io.slipway.inputs";
