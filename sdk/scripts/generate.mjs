// Writes src/generated/ from the sources of the project: Poseidon's constants, the contract's ABI,
// and the types of the API's document. With --check, compares instead, and fails if a file is old.

import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import openapi, { astToString } from "openapi-typescript";

const folder = new URL("../", import.meta.url);
const read = path => JSON.parse(readFileSync(new URL(path, folder), "utf8"));
const head = source => `// Made by scripts/generate.mjs of ${source}.\n\n`;

function roundConstants() {
  const source = "ledger/vectors/poseidon.json";
  const rounds = read(`../${source}`)["round constants"];
  const rows = rounds
    .flat()
    .join("")
    .match(/.{64}/g)
    .map(digits => `  "${digits}",`);
  const name = "/** The constants of Poseidon's rounds, one after another, 16 digits each. */\n";
  const constant = `export const ROUND_CONSTANTS: readonly string[] = [\n${rows.join("\n")}\n];\n`;
  return head(source) + name + constant;
}

/** The parts of the contract that wallets and readers call. */
function abi() {
  const source = "contracts/abi/Sheaf.json";
  // What is not called would be loaded by every page. Errors may come of any call.
  const sources = ["l1.ts", "l1_batch.ts"]
    .map(file => readFileSync(new URL(`../src/${file}`, import.meta.url), "utf8"))
    .join();
  const isWanted = ({ type, name }) => type === "error" || sources.includes(`"${name}"`);
  const bare = ({ name, type, components, indexed }) => ({
    name,
    type: type,
    ...(components && { components: components.map(bare) }),
    ...(indexed !== undefined && { indexed }),
  });
  const parts = read(`../${source}`)
    .abi.filter(isWanted)
    .map(part => ({
      type: part.type,
      name: part.name,
      inputs: part.inputs?.map(bare) ?? [],
      ...(part.outputs && { outputs: part.outputs.map(bare) }),
      ...(part.stateMutability && { stateMutability: part.stateMutability }),
      ...(part.anonymous !== undefined && { anonymous: part.anonymous }),
    }));
  const rows = parts.map(part => `  ${JSON.stringify(part)},`).join("\n");
  const name = "/** Functions, events and errors of the contract. */\n";
  return `${head(source)}${name}export const SHEAF_ABI = [\n${rows}\n] as const;\n`;
}

async function api() {
  const source = "sdk/openapi.json";
  const types = await openapi(new URL("openapi.json", folder));
  return head(source) + astToString(types);
}

const files = {
  "round_constants.ts": roundConstants(),
  "abi.ts": abi(),
  "api.ts": await api(),
};
const isCheck = process.argv.includes("--check");
for (const [name, text] of Object.entries(files)) {
  const path = fileURLToPath(new URL(`src/generated/${name}`, folder));
  if (!isCheck) writeFileSync(path, text);
  else if (readFileSync(path, "utf8") !== text) {
    process.stderr.write(`src/generated/${name} is old: run npm run generate in sdk/\n`);
    process.exitCode = 1;
  }
}
