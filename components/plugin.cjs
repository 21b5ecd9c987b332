/** What `PulumiPlugin.yaml` starts. CommonJS, because Pulumi loads the directory of a plugin with `require`. */
module.exports = import("./dist/plugin.js").then(({ servePlugin }) => servePlugin(__dirname));
