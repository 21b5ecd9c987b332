import type { PackageName } from "../../local/engine.ts";
import { findPulumi } from "../../local/providers/findPulumi.ts";
import { pluginHome } from "../../local/providers/pluginHome.ts";

/** Whether the official plugins of all packages are installed. Tests do not download any. */
export async function hasOfficialPlugins(names: readonly PackageName[]): Promise<boolean> {
    const site = { problem: () => Promise.resolve("tests do not download it") };
    const home = await pluginHome((await findPulumi(site)).pulumiCommand, {});
    const choices = await Promise.all(names.map((name) => home.choose(name, site)));
    return choices.every(({ official }) => official);
}
