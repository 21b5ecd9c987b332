import { openDocument } from "./openDocument.mjs";

const { openApi, token } = await openDocument();
const ui = globalThis.SwaggerUIBundle({
    spec: openApi,
    dom_id: "#page",
    deepLinking: true,
    // Swagger's own service would be told the document's address.
    validatorUrl: null,
    onComplete: () => {
        if (token !== undefined) {
            ui.preauthorizeApiKey("bearer", token);
        }
    },
});
