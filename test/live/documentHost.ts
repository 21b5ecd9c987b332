import type { KubeConfig } from "@kubernetes/client-node";

import { gatewayDefaults } from "../../components/gateways/defaults.ts";
import { makeClusterCertificate } from "./clusterCertificate.ts";
import { startFilePod } from "./filePod.ts";

const name = "documents";

const directory = "/etc/documents";

/** NGINX with what it writes below /tmp, as a user that is not root. */
const configuration = `
pid /tmp/nginx.pid;
error_log stderr;
events {}
http {
    access_log off;
    client_body_temp_path /tmp/body;
    proxy_temp_path /tmp/proxy;
    fastcgi_temp_path /tmp/fastcgi;
    uwsgi_temp_path /tmp/uwsgi;
    scgi_temp_path /tmp/scgi;
    default_type application/json;
    server {
        listen 8443 ssl;
        ssl_certificate ${directory}/certificate.pem;
        ssl_certificate_key ${directory}/key.pem;
        location ~ ^/[a-z-]+[.]json$ { root ${directory}; }
    }
}
`;

/** Address of a document in a namespace. */
export function documentUrl(namespace: string, document: string): string {
    return `https://${hostOf(namespace)}/${document}.json`;
}

/** DNS name of the host of the documents in a namespace. */
export function hostOf(namespace: string): string {
    return `${name}.${namespace}.svc.cluster.local`;
}

/** Serves client ID metadata documents, by name, with a certificate of the cluster's authority. */
export async function serveDocuments(
    kubeConfig: KubeConfig,
    namespace: string,
    documents: Record<string, object>,
): Promise<void> {
    // A common name has at most 64 characters.
    const request = { commonName: name, names: [hostOf(namespace)] };
    const { certificate, key } = await makeClusterCertificate(request);
    const served = Object.entries(documents).map(([title, document]) => {
        const content = {
            client_id: documentUrl(namespace, title),
            client_name: "by its document",
            token_endpoint_auth_method: "none",
            ...document,
        };
        return [`${title}.json`, JSON.stringify(content)];
    });
    await startFilePod(kubeConfig, {
        name,
        namespace,
        image: gatewayDefaults.nginxImage,
        command: ["nginx", "-c", `${directory}/nginx.conf`, "-g", "daemon off;"],
        files: {
            "nginx.conf": configuration,
            "certificate.pem": certificate,
            "key.pem": key,
            ...Object.fromEntries(served),
        },
        directory,
        port: 8443,
        servicePort: 443,
    });
}
