import { ensurePlatform } from "../../local/platform.ts";

/** Brings the platform up once, before the first live test, and tells every suite how to reach it. */
export async function mochaGlobalSetup(): Promise<void> {
    const { environment } = await ensurePlatform();
    Object.assign(process.env, environment);
}
