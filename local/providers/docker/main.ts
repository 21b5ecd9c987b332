import { serve } from "../protocol/serve.ts";
import { imageType } from "./imageType.ts";

const types = new Map([["docker:index/image:Image", imageType]]);

await serve({ name: "docker", configure: () => ({ types: (type) => types.get(type) }) });
