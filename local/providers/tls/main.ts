import { serve } from "../protocol/serve.ts";
import { privateKeyType } from "./privateKey.ts";
import { selfSignedCertType } from "./selfSignedCert.ts";

const types = new Map([
    ["tls:index/privateKey:PrivateKey", privateKeyType],
    ["tls:index/selfSignedCert:SelfSignedCert", selfSignedCertType],
]);

await serve({ name: "tls", configure: () => ({ types: (type) => types.get(type) }) });
