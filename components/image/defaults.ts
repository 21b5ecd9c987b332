const architectures: Partial<Record<NodeJS.Architecture, string>> = { x64: "amd64" };

/** Values of image arguments that are left out. */
export const imageDefaults = {
    /** Platform of the machine that runs the program. */
    platform: `linux/${architectures[process.arch] ?? process.arch}`,
    packageDirectory: (name: string) => `packages/${name}`,
};
