/**
 * Serves the components to programs in other languages, as `PulumiPlugin.yaml` says. CommonJS, because Pulumi loads the
 * directory of a plugin with `require`.
 */
const pulumi = require("@pulumi/pulumi");
const { componentProviderHost } = require("@pulumi/pulumi/provider/experimental");

module.exports = import("./dist/index.js").then((exported) => {
    const components = Object.values(exported).filter(
        ({ prototype }) => prototype instanceof pulumi.ComponentResource,
    );
    return componentProviderHost({ name: "slipway", dirname: __dirname, components });
});
