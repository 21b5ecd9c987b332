import type { Node } from "../cluster/node.ts";
import { step } from "../steps.ts";
import { baseImages, shortReference } from "./baseImages.ts";
import type { BaseImage } from "./baseImages.ts";
import { buildImage, removeBuildStages } from "./buildImage.ts";
import { ensureOwnDocker, forgetImage } from "./dockerEngine.ts";
import { fetchDownload } from "./downloads.ts";
import type { Download } from "./downloads.ts";
import { readCachedManifest, restoreImage, saveImage } from "./imageCache.ts";
import { keyLabel } from "./keyLabel.ts";
import { readRecipeKeys } from "./recipeKeys.ts";
import { digestOf } from "./registryClient.ts";
import type { RegistryClient } from "./registryClient.ts";
import { upstreamServes } from "./upstream.ts";

/** A base image to provide, and the key of its inputs. */
interface WantedImage {
    image: BaseImage;
    key: string;
}

/**
 * Makes every base image available: upstream if it answers, else in the platform's registry, restored from the build
 * cache or built as an equivalent from packages.
 *
 * Images in the registry that were not built here are left alone.
 */
export async function ensureBaseImages(node: Node, registry: RegistryClient): Promise<void> {
    const wanted = await step("base images in the registry", () => findWanted(registry));
    let engine: Promise<unknown> | undefined;
    const startEngine = () => (engine ??= ensureOwnDocker(node));
    const work = new Map<string, Promise<void>>();
    for (const { image, key } of wanted) {
        const origins = image.from.map((name) => work.get(name));
        work.set(image.name, provide({ image, key }, origins, registry, startEngine));
    }
    const outcomes = await Promise.allSettled(work.values());
    const reasons = outcomes.flatMap((outcome) =>
        outcome.status === "rejected" ? [outcome.reason as Error] : [],
    );
    // An image fails with the same reason as the image it starts from.
    const [reason, ...others] = new Set(reasons);
    if (others.length > 0) {
        const messages = [reason, ...others].map((one) => one?.message ?? "");
        throw new AggregateError([reason, ...others], messages.join("\n\n"));
    }
    if (reason !== undefined) throw reason;
    if (engine !== undefined) await step("build stages of base images", removeBuildStages);
}

/** The base images that are missing or outdated in the registry. */
async function findWanted(registry: RegistryClient): Promise<WantedImage[]> {
    return selectAsync(await listImages(), async ({ image, key }) => {
        const manifest = await registry.readManifest(image.repository, image.tag);
        if (manifest === undefined) {
            const served = await upstreamServes(image);
            if (served) console.log(`${title(image)}: pulled from ${image.upstream} when needed`);
            return !served;
        }
        const labels = await registry.readLabels(image.repository, manifest);
        if (labels[keyLabel] === undefined) return false;
        // The label alone is not proof; the digest of the cached build is.
        const built = await readCachedManifest(image, key);
        return (
            labels[keyLabel] !== key ||
            (built !== undefined && digestOf(built) !== digestOf(manifest))
        );
    });
}

async function provide(
    { image, key }: WantedImage,
    origins: (Promise<void> | undefined)[],
    registry: RegistryClient,
    startEngine: () => Promise<unknown>,
): Promise<void> {
    if ((await readCachedManifest(image, key)) !== undefined) {
        await step(`${title(image)} from the build cache`, () =>
            restoreImage(registry, image, key),
        );
        // The engine may have an image of this name from an older recipe.
        await forgetImage(shortReference(image));
        return;
    }
    // Fetched while the images it starts from are built.
    const files: Download[] = Object.values(image.files);
    if (files.length > 0) {
        await step(`packages for ${title(image)}`, async (log) => {
            for (const download of files) await fetchDownload(download, log);
        });
    }
    for (const origin of origins) await origin;
    await step(title(image), async (log) => {
        await startEngine();
        await buildImage(image, key, log);
        await saveImage(registry, image, key);
    });
}

function title({ repository, tag }: BaseImage): string {
    return `base image ${repository}:${tag}`;
}

async function listImages(): Promise<WantedImage[]> {
    const keys = await readRecipeKeys(baseImages);
    return baseImages.map((image) => ({ image, key: keys.get(image.name) ?? "" }));
}

/** Like `filter`, with an asynchronous predicate that runs concurrently. */
async function selectAsync<T>(items: T[], applies: (item: T) => Promise<boolean>): Promise<T[]> {
    const answers = await Promise.all(items.map(applies));
    return items.filter((_, index) => answers[index]);
}
