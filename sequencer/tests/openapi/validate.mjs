// Validates an OpenAPI document: node validate.mjs DOCUMENT. Prints each fault on a line.
import { readFile } from "node:fs/promises";
import { Validator } from "@seriousme/openapi-schema-validator";

const document = JSON.parse(await readFile(process.argv[2], "utf8"));
const { valid, errors } = await new Validator().validate(document);
const faults = valid ? [] : [errors].flat();
for (const fault of faults) {
    console.error(`${fault.instancePath ?? ""} ${fault.message ?? fault}`);
}

// The schema cannot say these two rules of OpenAPI: operations have different names, and each
// parameter of a path is described as one.
const names = new Set();
for (const [path, item] of Object.entries(document.paths)) {
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
    for (const [method, operation] of Object.entries(item)) {
        const name = operation.operationId;
        if (!name || names.has(name)) {
            faults.push(name);
            console.error(`${method} ${path}: the name ${name} is missing or used twice`);
        }
        names.add(name);
        const parameters = operation.parameters ?? [];
        const described = parameters.filter((one) => one.in === "path").map((one) => one.name);
        if (described.toSorted().join() !== inPath.toSorted().join()) {
            faults.push(path);
            console.error(`${method} ${path}: the parameters of the path are ${described}`);
        }
    }
}
process.exit(faults.length === 0 ? 0 : 1);
