import { PulumiCommand } from "@pulumi/pulumi/automation/index.js";

import type { PackageName } from "../../local/engine.ts";
import { pluginHome } from "../../local/providers/pluginHome.ts";

/** Whether every package has its official plugin installed here; nothing is downloaded for a test. */
export async function hasOfficialPlugins(names: readonly PackageName[]): Promise<boolean> {
    const home = await pluginHome(await PulumiCommand.get(), {});
    const site = { problem: () => Promise.resolve("tests do not download it") };
    const choices = await Promise.all(names.map((name) => home.choose(name, site)));
    return choices.every(({ official }) => official);
}
