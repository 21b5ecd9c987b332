import assert from "node:assert/strict";
import { chmodSync, cpSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { ServerImage } from "../../../components/image/serverImage.ts";
import { openProviderStack, type ProviderStack } from "../../providers/providerStack.ts";
import { type FakeDocker, startFakeDocker } from "../../support/fakeDocker.ts";
import { makeSourceDirectory } from "../../support/sourceDirectory.ts";

/** The engine and its providers run in the directory of the program, as 'pulumi up' does it. */
describe("an image that was deployed from another checkout of the same commit", function () {
    this.timeout(120_000);
    const home = process.cwd();
    let docker: FakeDocker;
    let first: string;
    let second: string;
    let deployed: Awaited<ReturnType<ProviderStack["stack"]["exportStack"]>>;

    const inCheckout = async <T>(
        directory: string,
        act: (opened: ProviderStack) => Promise<T>,
    ): Promise<T> => {
        process.chdir(directory);
        try {
            const environment = { DOCKER_HOST: docker.host };
            const opened = await openProviderStack(["docker"], { environment, official: false });
            opened.use(() => {
                const registry = { address: "registry.example.org/acme" };
                new ServerImage("weather", { directory: "images/weather", registry });
                return Promise.resolve({});
            });
            try {
                return await act(opened);
            } finally {
                await opened.close();
            }
        } finally {
            process.chdir(home);
        }
    };

    const previewSecond = () =>
        inCheckout(second, async ({ stack }) => {
            await stack.importStack(deployed);
            return (await stack.preview()).changeSummary;
        });

    before(async () => {
        docker = await startFakeDocker();
        first = makeSourceDirectory({
            "images/weather/Dockerfile": "FROM scratch\nCOPY server /\n",
            "images/weather/server": "1",
            "images/weather/.dockerignore": "*.log\n",
        });
        second = mkdtempSync(join(tmpdir(), "slipway-second-"));
        cpSync(first, second, { recursive: true });
        utimesSync(join(second, "images/weather/server"), 1, 1);
        writeFileSync(join(second, "images/weather/build.log"), "ignored");
        deployed = await inCheckout(first, async ({ stack }) => {
            await stack.up();
            return stack.exportStack();
        });
    });

    after(async () => {
        rmSync(second, { recursive: true });
        await docker.close();
    });

    it("was built for an explicit platform", () => {
        assert.deepEqual(
            docker.builds.map((query) => query.get("platform")),
            [`linux/${process.arch === "x64" ? "amd64" : process.arch}`],
        );
    });

    it("does not change", async () => {
        assert.deepEqual(Object.keys(await previewSecond()), ["same"]);
    });

    it("has the inputs in its state that the official plugin compares", () => {
        const { resources } = deployed.deployment as {
            resources: { type: string; inputs: object; outputs: Record<string, unknown> }[];
        };
        const image = resources.find(({ type }) => type === "docker:index/image:Image");
        const { build } = image?.inputs as { build: Record<string, string> };
        assert.equal(build["context"], "images/weather");
        assert.equal(build["dockerfile"], "images/weather/Dockerfile");
        assert.ok("__inputs" in image!.outputs);
    });

    it("changes with its content and its executable bits", async () => {
        const file = join(second, "images/weather/server");
        chmodSync(file, 0o755);
        assert.ok("update" in (await previewSecond()));
        chmodSync(file, 0o644);
        writeFileSync(file, "2");
        assert.ok("update" in (await previewSecond()));
        writeFileSync(file, "1");
        assert.deepEqual(Object.keys(await previewSecond()), ["same"]);
    });
});
