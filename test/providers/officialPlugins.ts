import type { PackageName } from "../../local/engine.ts";
import { findPulumi } from "../../local/providers/findPulumi.ts";
import { pluginHome } from "../../local/providers/pluginHome.ts";

/** Whether every package has its official plugin installed here; nothing is downloaded for a test. */
export async function hasOfficialPlugins(names: readonly PackageName[]): Promise<boolean> {
    const site = { problem: () => Promise.resolve("tests do not download it") };
    const home = await pluginHome((await findPulumi(site)).pulumiCommand, {});
    const choices = await Promise.all(names.map((name) => home.choose(name, site)));
    return choices.every(({ official }) => official);
}
