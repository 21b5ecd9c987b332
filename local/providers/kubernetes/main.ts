import { serve } from "../protocol/serve.ts";
import { Cluster } from "./cluster.ts";
import { kindOfType } from "./kind.ts";
import { objectType } from "./objectType.ts";

await serve({
    name: "kubernetes",
    configure: (config) => {
        const cluster = new Cluster(config);
        return {
            types: (type) => {
                const kind = kindOfType(type);
                return kind && objectType(cluster, kind);
            },
        };
    },
});
