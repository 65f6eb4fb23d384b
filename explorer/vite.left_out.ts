// What the page leaves out of viem: parts that a page must not have, such as CCIP, which asks other
// hosts at a contract's word, and parts that nothing here reaches.

import { readFileSync } from "node:fs";
import type { Plugin } from "vite";

/**
 * Files of which nothing is left: asking other hosts at a contract's word (CCIP), recovering
 * signers, signing with private keys, calls to code that is not deployed, logs of unbounded ranges,
 * several calls as one, states that a call makes up.
 */
const FILES = [
  "viem/_esm/utils/ccip.js",
  "viem/_esm/utils/signature/recoverAddress.js",
  "viem/_esm/utils/authorization/recoverAuthorizationAddress.js",
  "viem/_esm/actions/wallet/prepareTransactionRequest.js",
  "viem/_esm/actions/wallet/sendRawTransaction.js",
  "viem/_esm/actions/public/iterateLogs.js",
  "viem/_esm/constants/abis.js",
  "viem/_esm/constants/contracts.js",
  "viem/_esm/utils/abi/encodeDeployData.js",
  "ox/_esm/core/BlockOverrides.js",
];

/** Errors that answer sets of calls (EIP-5792) and WalletConnect's sessions. */
const ANSWERS = [
  "UnsupportedNonOptionalCapability",
  "UnsupportedChainId",
  "DuplicateId",
  "UnknownBundleId",
  "BundleTooLarge",
  "AtomicReadyWalletRejectedUpgrade",
  "AtomicityNotSupported",
  "WalletConnectSessionSettlement",
];

/** A part of a file, and what stands in its place. */
interface Part {
  file: string;
  part: string | RegExp;
  instead: string;
}

const PARTS: readonly Part[] = [
  // A file that is loaded when it is wanted would be a file of its own.
  {
    file: "viem/_esm/actions/public/call.js",
    part: "await import('../../utils/ccip.js')",
    instead: "{}",
  },
  // Several calls as one: no client here asks for that.
  { file: "viem/_esm/actions/public/call.js", part: "if (batch &&", instead: "if (false &&" },
  {
    file: "viem/_esm/actions/public/call.js",
    part: "serializeStateOverride(stateOverride)",
    instead: "undefined",
  },
  {
    file: "viem/_esm/actions/public/call.js",
    part: /const deploylessCallVia(\w+) = .*;/g,
    instead: "const deploylessCallVia$1 = false;",
  },
  // Accounts that sign here: the wallet or the node signs.
  {
    file: "viem/_esm/actions/wallet/sendTransaction.js",
    part: "if (account?.type === 'local')",
    instead: "if (false)",
  },
  // Several requests as one: no transport here asks for that.
  {
    file: "viem/_esm/clients/transports/http.js",
    part: /const \{ schedule \} = createBatchScheduler\(\{[\s\S]*?\n {16}\}\);\n/,
    instead: "",
  },
  {
    file: "viem/_esm/clients/transports/http.js",
    part: /batch\s+\? schedule\(body\)\s+: \[/,
    instead: "[",
  },
  {
    file: "viem/_esm/utils/buildRequest.js",
    part: new RegExp(`case (?:${ANSWERS.join("|")})Error\\.code:\\s+throw .*;`, "g"),
    instead: "",
  },
  // Powers of two, which the bundler dares not leave out.
  {
    file: "viem/_esm/constants/number.js",
    part: /^(export const \w+ = )(.*);$/gm,
    instead: "$1/* @__PURE__ */ (() => $2)();",
  },
];

const ERRORS = /\/viem\/_esm\/errors\/\w+\.js$/;
/** A field that is made before it gets its value on another line. */
const FIELD = /Object\.defineProperty\(this, "(\w+)", \{[^}]*value: void 0\s*\}\);/g;

/** Puts functions that throw in place of everything that a file exports. */
export function leftOut(): Plugin {
  return {
    name: "left-out",
    transform(code, id) {
      let text = ERRORS.test(id) ? code.replace(FIELD, "") : code;
      for (const { file, part, instead } of PARTS.filter(({ file }) => id.endsWith(file))) {
        const less = text.replace(part, instead);
        if (less === text) throw new Error(`${file} has no ${part} to leave out`);
        text = less;
      }
      return text === code ? undefined : text;
    },
    load(id) {
      if (!FILES.some(file => id.endsWith(file))) return;
      const exported = readFileSync(id, "utf8").matchAll(
        /^export (?:const|(?:async )?function\*?) (\w+)/gm,
      );
      const names = [...exported].map(([, name]) => `export const ${name} = leftOut;`);
      const refusal = "the page leaves this part of viem out";
      return [`const leftOut = () => { throw new Error("${refusal}"); };`, ...names].join("\n");
    },
  };
}
