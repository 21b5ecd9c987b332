/** The variable settings of the Keycloak Deployment. */
export interface KeycloakDeployment {
    namespace: string;
    image: string;
    /** Public address, which is the issuer of tokens. */
    publicUrl: string;
    /** Secret with the first administrator's `username` and `password`. */
    adminSecret: string;
    /** Secret with `tls.crt` and `tls.key`. */
    certificateSecret: string;
    /** Digest of the certificate; a new digest replaces the pods. */
    certificateDigest: string;
    /** Claim of the volume that stores the realms. */
    dataClaim: string;
}

/** User and group of the image. */
const user = { runAsUser: 1000, runAsGroup: 1000 } as const;

/**
 * The database's own file lock belongs to the process and so ends with it, even by SIGKILL; a lock file or server mode
 * (AUTO_SERVER) would outlive it. Without WRITE_DELAY=0 a kill loses what was written in the last half second.
 */
const databaseUrl = [
    "jdbc:h2:file:/opt/keycloak/data/h2/keycloakdb",
    "NON_KEYWORDS=VALUE",
    "DB_CLOSE_ON_EXIT=FALSE",
    "WRITE_DELAY=0",
].join(";");

const labels = { "app.kubernetes.io/name": "keycloak" };

/** Builds the Deployment: one Keycloak with an embedded database, so two pods must never run at once. */
export function buildDeployment(settings: KeycloakDeployment): object {
    return {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name: "keycloak", namespace: settings.namespace, labels },
        spec: {
            replicas: 1,
            strategy: { type: "Recreate" },
            // The first start is slow on a busy machine: augmentation, schema, master realm.
            progressDeadlineSeconds: 600,
            selector: { matchLabels: labels },
            template: {
                metadata: {
                    labels,
                    annotations: { "slipway.io/certificate": settings.certificateDigest },
                },
                spec: buildPod(settings),
            },
        },
    };
}

function buildPod(settings: KeycloakDeployment): object {
    const probe = (path: string) => ({ httpGet: { path, port: "management", scheme: "HTTPS" } });
    return {
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        terminationGracePeriodSeconds: 30,
        securityContext: {
            ...user,
            runAsNonRoot: true,
            seccompProfile: { type: "RuntimeDefault" },
        },
        containers: [
            {
                name: "keycloak",
                image: settings.image,
                args: ["start"],
                // Puts the last log lines into the pod's status, where `awaitReadiness` reads them.
                terminationMessagePolicy: "FallbackToLogsOnError",
                env: buildEnvironment(settings),
                ports: [
                    { name: "https", containerPort: 8443 },
                    { name: "management", containerPort: 9000 },
                ],
                startupProbe: {
                    ...probe("/health/started"),
                    periodSeconds: 2,
                    failureThreshold: 240,
                },
                readinessProbe: { ...probe("/health/ready"), periodSeconds: 5, timeoutSeconds: 5 },
                livenessProbe: {
                    ...probe("/health/live"),
                    periodSeconds: 10,
                    timeoutSeconds: 10,
                    failureThreshold: 6,
                },
                resources: {
                    requests: { cpu: "100m", memory: "640Mi" },
                    limits: { memory: "1Gi" },
                },
                securityContext: {
                    allowPrivilegeEscalation: false,
                    capabilities: { drop: ["ALL"] },
                },
                volumeMounts: [
                    { name: "data", mountPath: "/opt/keycloak/data" },
                    { name: "certificate", mountPath: "/certificate", readOnly: true },
                ],
            },
        ],
        volumes: [
            { name: "data", persistentVolumeClaim: { claimName: settings.dataClaim } },
            { name: "certificate", secret: { secretName: settings.certificateSecret } },
        ],
    };
}

function buildEnvironment({ publicUrl, adminSecret }: KeycloakDeployment): object[] {
    const fromSecret = (name: string, key: string) => ({
        name,
        valueFrom: { secretKeyRef: { name: adminSecret, key } },
    });
    const values = {
        // The first two are build options. The mirror's image is built with them, so Keycloak starts without a new
        // build.
        KC_DB: "dev-file",
        KC_HEALTH_ENABLED: "true",
        KC_CACHE: "local",
        KC_DB_URL: databaseUrl,
        KC_HOSTNAME: publicUrl,
        // Pods connect by the Service's name and still get tokens of the public issuer.
        KC_HOSTNAME_BACKCHANNEL_DYNAMIC: "true",
        KC_HTTP_ENABLED: "false",
        KC_HTTPS_CERTIFICATE_FILE: "/certificate/tls.crt",
        KC_HTTPS_CERTIFICATE_KEY_FILE: "/certificate/tls.key",
        JAVA_OPTS_KC_HEAP: "-Xms64m -Xmx512m",
    };
    return [
        ...Object.entries(values).map(([name, value]) => ({ name, value })),
        fromSecret("KC_BOOTSTRAP_ADMIN_USERNAME", "username"),
        fromSecret("KC_BOOTSTRAP_ADMIN_PASSWORD", "password"),
    ];
}

/** Builds the Service: a node port for Keycloak's public address, and the name that pods use. */
export function buildService(namespace: string, nodePort: number): object {
    return {
        apiVersion: "v1",
        kind: "Service",
        metadata: { name: "keycloak", namespace, labels },
        spec: {
            type: "NodePort",
            selector: labels,
            ports: [{ name: "https", port: 8443, targetPort: "https", nodePort }],
        },
    };
}
