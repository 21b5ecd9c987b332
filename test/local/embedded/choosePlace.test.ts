import assert from "node:assert/strict";
import { createServer, type Server } from "node:net";

import {
    choosePlace,
    type Surroundings,
    type Wanted,
} from "../../../local/embedded/choosePlace.ts";
import type { Place } from "../../../local/embedded/places.ts";

const dev: Place = {
    stack: "dev",
    stateDirectory: "/state/embedded",
    checkout: "/one",
    namespace: "mcp",
    realm: "slipway",
    port: 30443,
};

const wanted: Wanted = {
    stack: "mine",
    stateDirectory: "/state/embedded-mine",
    checkout: "/one",
    config: {},
};

const around: Surroundings = { places: [dev], services: new Map([[30444, "keycloak"]]) };

/** A stack's configuration with ports of its own. */
const withGateway = (gateway: object): Wanted => ({
    ...wanted,
    config: { "slipway:gateway": gateway },
});

describe("choosePlace", () => {
    it("names namespace and realm after the stack, and chooses a free port", async () => {
        assert.deepEqual(await choosePlace(wanted, around), {
            stack: "mine",
            stateDirectory: "/state/embedded-mine",
            checkout: "/one",
            namespace: "mine",
            realm: "mine",
            port: 30445,
        });
    });

    it("gives each of many stacks a port of its own", async () => {
        const places = [dev];
        for (let index = 0; index < 60; index += 1) {
            const one = { ...wanted, stack: `s${index}`, stateDirectory: `/state/${index}` };
            places.push(await choosePlace(one, { ...around, places }));
        }
        const ports = places.map(({ port }) => port);
        assert.equal(new Set(ports).size, 61);
        assert.equal(ports.includes(30444) || ports.includes(30500), false);
    });

    it("keeps the port that was chosen before", async () => {
        const own = { ...dev, ...wanted, namespace: "mine", realm: "mine", port: 31999 };
        const services = new Map([[31999, "mine"]]);
        const place = await choosePlace(wanted, { places: [dev, own], services });
        assert.equal(place.port, 31999);
    });

    it("takes the port that the configuration names, as one or the other key", async () => {
        const port = await choosePlace(withGateway({ port: 30600 }), around);
        const nodePort = await choosePlace(withGateway({ exposure: { nodePort: 30601 } }), around);
        assert.deepEqual([port.port, nodePort.port], [30600, 30601]);
    });

    it("passes over ports of Services that are no stack's", async () => {
        const services = new Map([[30445, "shop"]]);
        assert.equal((await choosePlace(wanted, { ...around, services })).port, 30446);
    });

    it("needs no port behind an Ingress controller or APISIX", async () => {
        for (const gateway of [{ kind: "apisix" }, { exposure: { ingressClass: "nginx" } }]) {
            assert.equal("port" in (await choosePlace(withGateway(gateway), around)), false);
        }
    });

    const refusals = [
        {
            name: "the port of another stack",
            gateway: { port: 30443 },
            message:
                /- gateway\.port: must be a port that nothing else has, got 30443, which stack 'dev' has; leave it out, .* set it to 30445$/,
        },
        {
            name: "the port of Keycloak, as a node port",
            gateway: { exposure: { nodePort: 30444 } },
            message: /- gateway\.exposure\.nodePort: .* got 30444, which Keycloak has/,
        },
        {
            name: "the port of a Service",
            gateway: { port: 31000 },
            message: /got 31000, which a Service in namespace 'shop' has/,
        },
        {
            name: "a port that does not lead to the platform",
            gateway: { port: 8443 },
            message:
                /- gateway\.port: must be 30000 to 32767, as only these ports lead .*, got 8443;/,
        },
        {
            name: "a text as port",
            gateway: { port: "30777" },
            message: /must be 30000 to 32767, .*, got "30777"/,
        },
        {
            name: "a node port that differs from the port",
            gateway: { port: 30600, exposure: { nodePort: 30601 } },
            message:
                /- gateway\.exposure\.nodePort: must be gateway\.port \(30600\), .*, got 30601$/,
        },
        {
            name: "a load balancer",
            gateway: { exposure: { loadBalancer: true } },
            message: /- gateway\.exposure: must be \{ nodePort: <port> \} on the embedded platform/,
        },
    ];
    for (const { name, gateway, message } of refusals) {
        it(`refuses ${name}`, async () => {
            const services = new Map([[31000, "shop"]]);
            const chosen = choosePlace(withGateway(gateway), { ...around, services });
            await assert.rejects(chosen, { message });
        });
    }

    it("refuses the namespace, realm and port of another stack at once", async () => {
        const config = {
            "slipway:namespace": "mcp",
            "slipway:identity": { issuer: "https://localhost:30444/realms/slipway" },
            "slipway:gateway": { port: 30443 },
        };
        await assert.rejects(choosePlace({ ...wanted, config }, around), ({ message }: Error) => {
            const [head, ...lines] = message.split("\n");
            assert.equal(head, "stack 'mine' on the embedded platform:");
            assert.match(lines[0]!, /^ {2}- namespace: .* got 'mcp' of stack 'dev'; leave it out/);
            assert.match(lines[1]!, /^ {2}- identity\.realm: .* got 'slipway' of stack 'dev'/);
            assert.match(lines[2]!, /^ {2}- gateway\.port: /);
            return true;
        });
    });

    it("names the checkout of a stack with the same name", async () => {
        const other = { ...wanted, stack: "dev", stateDirectory: "/elsewhere/embedded" };
        const config = { "slipway:namespace": "mcp" };
        await assert.rejects(choosePlace({ ...other, config }, around), {
            message: /got 'mcp' of stack 'dev' of '\/one'/,
        });
    });

    it("refuses the platform's own namespaces", async () => {
        await assert.rejects(choosePlace({ ...wanted, stack: "keycloak" }, around), {
            message: /namespace: .* got 'keycloak' of the platform itself/,
        });
    });

    describe("on a machine where a program listens", () => {
        let server: Server;
        before((done) => {
            server = createServer().listen(30445, "127.0.0.1", done);
        });
        after((done) => void server.close(done));

        it("chooses another port", async () => {
            assert.equal((await choosePlace(wanted, around)).port, 30446);
        });

        it("refuses the port when it is asked for", async () => {
            await assert.rejects(choosePlace(withGateway({ port: 30445 }), around), {
                message:
                    /must be free on this machine, got 30445, where a program listens .* set it to 30446/,
            });
        });
    });
});
