import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

const volumeName = "session-key";
const mountPath = "/etc/slipway";
const key = "session-key";

/** File with the key with which the pods of a server sign session ids. */
export const sessionKeyFile = `${mountPath}/${key}`;

/** Mount of the key in the server's container. */
export const sessionKeyMount: k8s.types.input.core.v1.VolumeMount = {
    name: volumeName,
    mountPath,
    readOnly: true,
};

/** Volume of a Secret of `createSessionKey`. */
export function buildSessionKeyVolume(
    secretName: pulumi.Input<string>,
): k8s.types.input.core.v1.Volume {
    return { name: volumeName, secret: { secretName } };
}

/** Creates a key of 256 bits and returns the name of its Secret. */
export function createSessionKey(
    name: string,
    namespace: pulumi.Input<string>,
    child: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
    const bytes = new random.RandomBytes(`${name}-session-key`, { length: 32 }, child);
    const secretArgs = { metadata: { namespace }, stringData: { [key]: bytes.hex } };
    return new k8s.core.v1.Secret(`${name}-session-secret`, secretArgs, child).metadata.name;
}
