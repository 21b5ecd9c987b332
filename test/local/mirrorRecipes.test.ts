import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { rootCertificates } from "node:tls";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { baseImages, recipeDirectory, shortReference } from "../../local/mirror/baseImages.ts";
import type { BaseImage } from "../../local/mirror/baseImages.ts";
import { readMachineCertificates } from "../../local/mirror/machineCertificates.ts";
import { readRecipeKeys } from "../../local/mirror/recipeKeys.ts";
import { parseChallenge } from "../../local/mirror/upstream.ts";

describe("base images", () => {
    for (const image of baseImages.filter(({ from }) => from.length > 0)) {
        it(`${image.name}: starts from the images of its recipe`, async () => {
            const recipe = await readFile(join(recipeDirectory(image), "Dockerfile"), "utf8");
            const stages = new Set(
                [...recipe.matchAll(/^FROM \S+ AS (\S+)/gm)].map(([, name]) => name),
            );
            const origins = [...recipe.matchAll(/^FROM (\S+)/gm)].flatMap(([, name = ""]) =>
                stages.has(name) ? [] : [name],
            );
            const known = baseImages.filter(({ name }) => image.from.includes(name));
            assert.deepEqual([...new Set(origins)].sort(), known.map(shortReference).sort());
        });
    }
});

describe("readRecipeKeys", () => {
    const changed = (name: string): BaseImage[] =>
        baseImages.map((image) =>
            image.name === name
                ? { ...image, files: { extra: { title: "", source: { npm: "" }, integrity: "" } } }
                : image,
        );
    const findChanges = async (images: BaseImage[]) => {
        const [before, after] = [await readRecipeKeys(baseImages), await readRecipeKeys(images)];
        return [...before.keys()].filter((name) => before.get(name) !== after.get(name)).sort();
    };

    it("returns equal keys for equal inputs, and different ones for all images", async () => {
        assert.deepEqual(await findChanges(baseImages), []);
        assert.equal(new Set((await readRecipeKeys(baseImages)).values()).size, baseImages.length);
    });

    it("returns a new key when a package file of the image changes", async () => {
        assert.deepEqual(await findChanges(changed("keycloak")), ["keycloak"]);
    });

    it("returns a new key when the image it starts from changes", async () => {
        assert.deepEqual(await findChanges(changed("python")), ["nginx", "python"]);
    });
});

describe("readMachineCertificates", () => {
    const [first = "", second = ""] = rootCertificates;
    let directory: string;

    before(async () => {
        directory = await mkdtemp(join(tmpdir(), "slipway-certificates-"));
        await writeFile(join(directory, "own.pem"), `# proxy\n${first}\n${second}\n${first}\n`);
    });

    after(() => rm(directory, { recursive: true }));

    it("adds the authorities that the environment names, each once", async () => {
        const file = join(directory, "own.pem");
        const text = await readMachineCertificates({
            SSL_CERT_FILE: file,
            NODE_EXTRA_CA_CERTS: file,
        });
        for (const certificate of [first, second]) {
            assert.equal(text.split(certificate.trim()).length, 2);
        }
        assert.equal(text.includes("# proxy"), false);
    });
});

describe("parseChallenge", () => {
    it("reads the token endpoint of a registry", () => {
        const challenge =
            'Bearer realm="https://auth.example/token",service="r",scope="repository:a/b:pull"';
        assert.deepEqual(parseChallenge(challenge), {
            realm: "https://auth.example/token",
            service: "r",
            scope: "repository:a/b:pull",
        });
    });
});
