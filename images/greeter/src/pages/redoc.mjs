globalThis.Redoc.init("openapi.json", {}, document.querySelector("#page"));
