// Stores the API's document as a sequencer serves it: node scripts/openapi.mjs URL

import { writeFileSync } from "node:fs";

const [url = "http://127.0.0.1:8080"] = process.argv.slice(2);
const response = await fetch(`${url}/v1/openapi.json`);
if (!response.ok) throw new Error(`${url} answers with status ${response.status}`);
const document = JSON.stringify(await response.json(), null, 1);
writeFileSync(new URL("../openapi.json", import.meta.url), `${document}\n`);
