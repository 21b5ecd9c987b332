import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

const key = "session-key";
const variable = "SLIPWAY_SESSION_KEY";

/**
 * Variables with the key with which the pods of a server sign session ids, of a Secret of `createSessionKey`. A file could
 * be read by the server, which has the bridge's user; it gets no variable that is not named for it.
 */
export function buildSessionKeyVariables(
    secretName: pulumi.Input<string>,
): k8s.types.input.core.v1.EnvVar[] {
    return [
        { name: "SLIPWAY_KEY_ENV", value: variable },
        { name: variable, valueFrom: { secretKeyRef: { name: secretName, key } } },
    ];
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
