import { openDocument } from "./openDocument.mjs";

const { openApi } = await openDocument();
// Descriptions come from the server behind the bridge, so that they are not to be trusted with this page.
globalThis.Redoc.init(openApi, { sanitize: true }, document.querySelector("#page"));
