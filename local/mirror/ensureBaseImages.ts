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

/** A base image that must be provided, and the key of what it is made from. */
interface WantedImage {
    image: BaseImage;
    key: string;
}

/**
 * Sees to it that every base image can be pulled: from upstream where that answers, else from the platform's registry,
 * filled from the build cache or by building an equivalent from packages.
 *
 * An image in the registry that was not made here is left as it is.
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
    if (engine !== undefined) await step("build stages of base images", removeBuildStages);
    const reasons = outcomes.flatMap((outcome) =>
        outcome.status === "rejected" ? [outcome.reason as Error] : [],
    );
    // An image whose origin failed fails with the same reason.
    const [reason, ...others] = new Set(reasons);
    if (others.length > 0) {
        const messages = [reason, ...others].map((one) => one?.message ?? "");
        throw new AggregateError([reason, ...others], messages.join("\n\n"));
    }
    if (reason !== undefined) throw reason;
}

/** The base images that the registry has not, or not as they are built now. */
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
        // The label is only a claim; the digest of what was built here is not.
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
        // One of the same name may be there from before the recipe changed.
        await forgetImage(shortReference(image));
        return;
    }
    // Fetched while the images it starts from are made.
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

/** The items for which `applies` holds, all asked at once. */
async function selectAsync<T>(items: T[], applies: (item: T) => Promise<boolean>): Promise<T[]> {
    const answers = await Promise.all(items.map(applies));
    return items.filter((_, index) => answers[index]);
}
