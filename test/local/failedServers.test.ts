import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import assert from "node:assert/strict";

import { FailedServers } from "../../local/failedServers.ts";

/** The event of a resource that failed, below a parent. */
function failureOf(types: string, name: string, parent: string): EngineEvent {
    const metadata = {
        urn: `urn:pulumi:dev::slipway::${types}::${name}`,
        new: { parent: `urn:pulumi:dev::slipway::any::${parent}` },
    };
    return { resOpFailedEvent: { metadata } } as unknown as EngineEvent;
}

const deployment =
    "slipway:index:McpServer$slipway:index:ServerDeployment$kubernetes:apps/v1:Deployment";

describe("FailedServers", () => {
    it("names each server whose resources failed once", () => {
        const failed = new FailedServers();
        failed.note({ resourcePreEvent: {} } as unknown as EngineEvent);
        failed.note(failureOf(deployment, "weather-pods", "weather"));
        failed.note(failureOf(deployment, "weather-autoscaler", "weather"));
        failed.note(failureOf(deployment, "add-numbers-pods", "add-numbers"));
        assert.deepEqual(failed.names, ["add-numbers", "weather"]);
    });

    it("names none when the gateway or the identity failed too", () => {
        const failed = new FailedServers();
        failed.note(failureOf(deployment, "weather-pods", "weather"));
        failed.note(failureOf("slipway:index:NginxGateway$kubernetes:a", "pods", "gateway"));
        assert.equal(failed.names, undefined);
    });

    it("leaves an image that is not built to the calls of its servers", () => {
        const failed = new FailedServers();
        failed.note(failureOf("slipway:index:ServerImage$docker-build:a", "weather", "weather"));
        assert.deepEqual(failed.names, []);
    });
});
