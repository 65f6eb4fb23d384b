// What a client of the generated types may rely on: this file compiles, or a type has changed.
import type { components, operations, paths } from "./generated";

type Schemas = components["schemas"];

// Amounts are texts, because JavaScript's numbers lose integers above 2^53.
const payment: Schemas["PaymentBody"] = { owner: "sheaf1…", amount: "300" };
const transfer: Schemas["SignedTransferBody"] = {
    transfer: { slot: 0, token: 0, nonce: 0, fee: "11", valid_until: 1, payments: [payment] },
    key: "0x…",
    l1_address: "0x…",
    signature: "0x…",
};
// One transaction or an array is sent, and a status or results come back.
type Sent = operations["submit_transactions"]["requestBody"]["content"]["application/json"];
const sent: Sent[] = [transfer, [transfer]];
type Answers = paths["/v1/transactions"]["post"]["responses"];
export function stages(answer: Answers[200]["content"]["application/json"]): string[] {
    return "results" in answer ? answer.results.map((one) => one.stage) : [answer.stage];
}
export function why(refusal: Answers[422]["content"]["application/json"]): string {
    return `${refusal.error.code} ${refusal.error.retry_after_s?.toFixed() ?? "for good"}`;
}
// Query parameters may be left out, and have no null.
type Page = NonNullable<operations["batches"]["parameters"]["query"]>;
const page: Page = { limit: 10 };
// @ts-expect-error A field that is left out is not null.
const nothing: Page = { before: null };
// @ts-expect-error An amount is no number.
const number: Schemas["PaymentBody"] = { owner: "sheaf1…", amount: 300 };

export { nothing, number, page, sent };
