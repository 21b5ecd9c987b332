import { findApisixProblems, findUnverifiedProblems } from "../components/gateways/apisix/rules.ts";
import type { Exposure } from "../components/gateways/gateway.ts";
import { findIngressGatewayProblems } from "../components/gateways/ingress/rules.ts";
import {
    findAddressProblems,
    findCertificateProblems,
    findGatewayProblems,
    findIngressProblems,
    findTlsProblems,
    findVerifierProblems,
} from "../components/gateways/rules.ts";
import { type ArgProblem, problemsUnder } from "../components/problems/argProblem.ts";
import { type GatewaySettings, gatewaySettings } from "./gatewaySettings.ts";
import { chooseKind } from "./keys.ts";
import { readValidKeys } from "./validKeys.ts";

/** A server as far as the rules of the gateway need it. */
interface CarriedServer {
    name?: string;
    host?: string;
    certificateBound?: boolean;
    checkRevocation?: boolean;
}

/** The gateway as far as its keys are valid. */
export function readGateway(settings: unknown): GatewaySettings {
    const read = readValidKeys(chooseKind(gatewaySettings, settings), settings);
    return { ...validGateway, ...read } as GatewaySettings;
}

/** Stands for required keys that are missing or have another type, which the schema refuses. */
const validGateway = {
    kind: "nginx",
    flavor: "ingress-nginx",
    host: "host.invalid",
    tls: { secretName: "tls" },
    exposure: { loadBalancer: true },
};

/** Refuses a gateway that the components would refuse, and hosts that it cannot serve. */
export function findGatewaySettingsProblems(
    gateway: GatewaySettings,
    servers: CarriedServer[],
    furtherIssuers: unknown[] | undefined,
): ArgProblem[] {
    const { authentication } = gateway.kind === "apisix" ? gateway : {};
    const hosts = [
        { path: "gateway.host", host: gateway.host },
        ...servers.map(({ host }, index) => ({ path: `servers[${index}].host`, host })),
    ];
    return [
        ...findAddressProblems("gateway", gateway),
        ...problemsUnder("gateway", findKindProblems(gateway, servers)),
        ...hosts.flatMap(({ path, host }) => findIngressProblems(path, host, exposureOf(gateway))),
        ...findUnverifiedProblems("servers", { authentication, furtherIssuers, servers }),
        ...findCertificateProblems("servers", servers, exposureOf(gateway)),
    ];
}

function findKindProblems(gateway: GatewaySettings, servers: CarriedServer[]): ArgProblem[] {
    if (gateway.kind === "nginx") return findGatewayProblems(gateway);
    const names = servers.flatMap(({ name }) => name ?? []);
    const own =
        gateway.kind === "apisix"
            ? findApisixProblems(gateway, names)
            : findIngressGatewayProblems(gateway);
    return [
        ...findTlsProblems(gateway.tls),
        ...findVerifierProblems(gateway.verifier ?? {}),
        ...own,
    ];
}

/** Controllers that the cluster has route by host names, as an Ingress does. */
function exposureOf(gateway: GatewaySettings): Exposure {
    return gateway.kind === "nginx" ? gateway.exposure : { ingressClass: "" };
}
