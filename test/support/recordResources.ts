import * as pulumi from "@pulumi/pulumi";

/** Part of a recorded input, of any JSON type. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a mock's inputs are any JSON
export type Json = any;

/** A resource that a program registered. */
export interface Registered extends pulumi.runtime.MockResourceArgs {
    /** Kinds and names from the root to the resource, as in the tree of `pulumi up`. */
    path: string;
    /** Option `protect` of the resource itself. */
    protect: boolean | undefined;
    /** Option `customTimeouts`. */
    timeouts: pulumi.CustomTimeouts | undefined;
}

/** All resources that a program registered, in order. */
export type Recording = Registered[];

export interface RecordOptions {
    /** Stack configuration, with namespace: `{ "slipway:namespace": "mcp" }`. */
    config?: Record<string, string>;
    /** Configuration keys with secret values. */
    secretKeys?: string[];
    /** @default "slipway" */
    project?: string;
    /** @default "test" */
    stack?: string;
    /**
     * Whether the program is only previewed.
     *
     * @default false
     */
    preview?: boolean;
}

/** Runs `program` with an engine that only records, and waits for its last registration. */
export async function recordResources(
    program: () => unknown,
    {
        config = {},
        secretKeys,
        project = "slipway",
        stack = "test",
        preview = false,
    }: RecordOptions = {},
): Promise<Recording> {
    const recording: Recording = [];
    const parents = new Map<string, string | undefined>();
    const options = new Map<string, pulumi.CustomResourceOptions>();
    await pulumi.runtime.setMocks(
        {
            newResource(args) {
                recording.push({
                    ...args,
                    inputs: plain(args.inputs),
                    path: "",
                    protect: undefined,
                    timeouts: undefined,
                });
                const { id = "", state } = computedBy(args);
                return { id: id || `${args.name}-id`, state: { ...args.inputs, ...state } };
            },
            call({ token }) {
                throw new Error(`unexpected provider call: ${token}`);
            },
        },
        project,
        stack,
        preview,
    );
    pulumi.runtime.setAllConfig(config, secretKeys);
    await pulumi.runtime.runInPulumiStack(async () => {
        pulumi.runtime.registerStackTransformation(({ type, name, opts }) => {
            parents.set(label({ type, name }), opts.parent && label(identify(opts.parent)));
            options.set(label({ type, name }), opts);
            return undefined;
        });
        await program();
    });
    await pulumi.runtime.disconnect();
    return recording
        .filter(({ type }) => type !== "pulumi:pulumi:Stack")
        .map((registered) => ({
            ...registered,
            path: pathOf(label(registered), parents),
            protect: options.get(label(registered))?.protect,
            timeouts: options.get(label(registered))?.customTimeouts,
        }));
}

function pathOf(child: string, parents: Map<string, string | undefined>): string {
    const parent = parents.get(child);
    return parent === undefined || parent.startsWith("pulumi:Stack ")
        ? child
        : `${pathOf(parent, parents)} / ${child}`;
}

function label(resource: { type: string; name: string }): string {
    return `${kindOf(resource)} ${resource.name}`;
}

/** Reads private fields of the SDK: only they identify a parent before the engine has answered. */
function identify(resource: pulumi.Resource): { type: string; name: string } {
    const { __pulumiType: type, __name: name = "" } = resource as unknown as {
        __pulumiType: string;
        __name?: string;
    };
    return { type, name };
}

const secretMarker = "4dabf18193072939515e22adb298388d";

/** Unwraps secret inputs. Tests check secrecy by outputs and by exported state. */
function plain(value: Json): Json {
    if (Array.isArray(value)) {
        return value.map(plain);
    }
    if (typeof value !== "object" || value === null) {
        return value;
    }
    return secretMarker in value
        ? plain(value.value)
        : Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, plain(entry)]));
}

/** Values computed by a provider: a digest, a generated name, a certificate. */
function computedBy({ type, name, inputs }: pulumi.runtime.MockResourceArgs): {
    id?: string;
    state: Record<string, unknown>;
} {
    if (type.startsWith("kubernetes:")) {
        const metadata = { name: `${name}-0a1b2c3d`, ...inputs.metadata };
        const data = name === "identity-ca" ? { "ca.crt": "cluster certificate" } : inputs.data;
        return { state: { metadata, data, status: statusOf(type, inputs.spec) } };
    }
    switch (type) {
        case "docker:index/image:Image": {
            const repository = String(inputs.imageName).replace(/:[^:/]*$/, "");
            return { state: { repoDigest: `${repository}@sha256:${"0".repeat(64)}` } };
        }
        case "random:index/randomPassword:RandomPassword":
            return { state: { result: `password of ${name}` } };
        case "random:index/randomBytes:RandomBytes":
            return { state: { hex: `bytes of ${name}` } };
        case "tls:index/privateKey:PrivateKey":
            return { state: { privateKeyPem: `key of ${name}` } };
        case "tls:index/selfSignedCert:SelfSignedCert":
            return {
                state: {
                    certPem: `certificate of ${name}`,
                    validityEndTime: "2031-03-31T12:00:00Z",
                },
            };
        default:
            return { state: {} };
    }
}

/** Status of an externally reachable object, as set by controllers. */
function statusOf(type: string, spec: Json): Json {
    if (type.endsWith(":Ingress")) {
        return { loadBalancer: { ingress: [{ hostname: "lb.example.org" }] } };
    }
    return spec?.type === "LoadBalancer"
        ? { loadBalancer: { ingress: [{ ip: "203.0.113.9" }] } }
        : { loadBalancer: {} };
}

/** Last part of a type: `Deployment` for `kubernetes:apps/v1:Deployment`. */
export function kindOf({ type }: Pick<Registered, "type">): string {
    return type.slice(type.lastIndexOf(":") + 1);
}

/** The only recorded resource of a kind, such as `Deployment`; `name` selects one of several. */
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

/** The whole tree as sorted lines, one per resource. */
export function inventory(recording: Recording): string[] {
    return recording.map(({ path }) => path).sort();
}

/** The value of an output, once the engine has answered. Rejects when the output fails. */
export function valueOf<T>(output: pulumi.Output<T>): Promise<T> {
    return (output as unknown as { promise(): Promise<T> }).promise();
}

/** Names of the resources that an output depends on. */
export async function resourcesOf(output: pulumi.Output<unknown>): Promise<string[]> {
    const { allResources } = output as unknown as {
        allResources?: () => Promise<Set<pulumi.Resource>>;
    };
    return [...((await allResources?.()) ?? [])].map((resource) => identify(resource).name);
}
