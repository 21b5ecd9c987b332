/** Label of a base image that holds the key of what it was made from; an image without it is somebody else's. */
export const keyLabel = "io.slipway.inputs";
