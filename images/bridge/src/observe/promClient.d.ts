// The library's parts, which it has no types for. Its entry point loads a push gateway, clusters and tracing besides: 9 MB.

declare module "prom-client/lib/registry.js" {
    export { Registry as default } from "prom-client";
}

declare module "prom-client/lib/counter.js" {
    export { Counter as default } from "prom-client";
}

declare module "prom-client/lib/gauge.js" {
    export { Gauge as default } from "prom-client";
}

declare module "prom-client/lib/histogram.js" {
    export { Histogram as default } from "prom-client";
}

declare module "prom-client/lib/metrics/*" {
    import type { Registry } from "prom-client";
    const register: (registry: Registry) => void;
    export default register;
}
