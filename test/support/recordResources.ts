import * as pulumi from "@pulumi/pulumi";

/** One thing that a program asked the engine to create. */
export type Registered = pulumi.runtime.MockResourceArgs & {
    /** Parents and the resource itself, `$` between them, as the engine names them. */
    urnType?: string;
};

/** Everything a program asked the engine to create, in order. */
export type Recording = Registered[];

export interface RecordOptions {
    /** Stack configuration, with namespace: `{ "slipway:namespace": "mcp" }`. */
    config?: Record<string, string>;
    /** @default "slipway" */
    project?: string;
    /** @default "test" */
    stack?: string;
}

/** Runs `program` against an engine that only takes notes, and waits for its last registration. */
export async function recordResources(
    program: () => unknown,
    { config = {}, project = "slipway", stack = "test" }: RecordOptions = {},
): Promise<Recording> {
    const recording: Recording = [];
    await pulumi.runtime.setMocks(
        {
            newResource(args) {
                recording.push(args);
                const { id = "", state } = computedBy(args);
                return { id: id || `${args.name}-id`, state: { ...args.inputs, ...state } };
            },
            call({ token }) {
                throw new Error(`unexpected provider call: ${token}`);
            },
        },
        project,
        stack,
    );
    pulumi.runtime.setAllConfig(config);
    await pulumi.runtime.runInPulumiStack(async () => void (await program()));
    await pulumi.runtime.disconnect();
    return recording.filter(({ type }) => type !== "pulumi:pulumi:Stack");
}

/** What only a provider knows: a digest, a generated name, a certificate. */
function computedBy({ type, name, inputs }: pulumi.runtime.MockResourceArgs): {
    id?: string;
    state: Record<string, unknown>;
} {
    if (type.startsWith("kubernetes:")) {
        const metadata = { name: `${name}-0a1b2c3d`, ...inputs.metadata };
        const data = name === "identity-ca" ? { "ca.crt": "cluster certificate" } : inputs.data;
        return { state: { metadata, data } };
    }
    switch (type) {
        case "docker:index/image:Image": {
            const repository = String(inputs.imageName).replace(/:[^:/]*$/, "");
            return { state: { repoDigest: `${repository}@sha256:${"0".repeat(64)}` } };
        }
        case "random:index/randomPassword:RandomPassword":
            return { state: { result: `password of ${name}` } };
        case "tls:index/privateKey:PrivateKey":
            return { state: { privateKeyPem: `key of ${name}` } };
        case "tls:index/selfSignedCert:SelfSignedCert":
            return { state: { certPem: `certificate of ${name}` } };
        default:
            return { state: {} };
    }
}

/** The last part of a type: `Deployment` for `kubernetes:apps/v1:Deployment`. */
export function kindOf({ type }: Registered): string {
    return type.slice(type.lastIndexOf(":") + 1);
}

/** The one recorded resource of a kind, such as `Deployment`; `name` narrows where there are several. */
export function only(recording: Recording, kind: string, name?: string): Registered {
    const [match, ...others] = recording.filter(
        (resource) => kindOf(resource) === kind && (name === undefined || resource.name === name),
    );
    if (match === undefined || others.length > 0) {
        const found = recording.map((resource) => `${kindOf(resource)} ${resource.name}`);
        throw new Error(`expected one ${kind} ${name ?? ""}, got ${found.join(", ")}`);
    }
    return match;
}

/** Kinds and names, sorted, for an inventory. */
export function inventory(recording: Recording): string[] {
    return recording.map((resource) => `${kindOf(resource)} ${resource.name}`).sort();
}

/** The value of an output, once the engine has answered. */
export function valueOf<T>(output: pulumi.Output<T>): Promise<T> {
    return new Promise((resolve) => void output.apply(resolve));
}
