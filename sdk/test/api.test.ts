import assert from "node:assert/strict";
import { test } from "node:test";
import type { TransactionStatus } from "../src/answers.js";
import { Api } from "../src/api.js";
import { fromHex, toHex } from "../src/hex.js";
import { ApiError, type HttpOptions } from "../src/http.js";
import type { SignedTransactionBody } from "../src/transaction.js";
import { type Answer, json, refuse, serve } from "./server.js";
import { vectors } from "./vectors.js";

const QUOTE = { token: 0, payments: 1, fee: "7", expires: 1 };

/** What a client makes of scripted answers to a quote, and what was asked. */
async function asked(answer: Answer, options: HttpOptions = {}) {
  const server = await serve(answer);
  try {
    const quote = await new Api(server.url, options).quote().catch((error: unknown) => error);
    return { quote, asked: server.asked };
  } finally {
    await server.close();
  }
}

test("an answer is read, and a base path and the query stay", async () => {
  const server = await serve((_, __, response) => json(response, 200, QUOTE));
  const api = new Api(`${server.url}/rollups/one/`);
  assert.deepEqual(await api.quote(3, 2), QUOTE);
  await api.history("sheaf1", { limit: 5 });
  await api.history("sheaf1", { before: "4-1" });
  // Programs without types pass what is undefined.
  await api.batches({ before: undefined, limit: 1 } as never);
  await server.close();
  assert.deepEqual(server.asked, [
    "GET /rollups/one/v1/fees/quote?token=3&payments=2",
    "GET /rollups/one/v1/accounts/sheaf1/transactions?limit=5",
    "GET /rollups/one/v1/accounts/sheaf1/transactions?before=4-1",
    "GET /rollups/one/v1/batches?limit=1",
  ]);
  for (const url of ["127.0.0.1:1", "ftp://a", "http://"]) {
    assert.throws(() => new Api(url), { code: "malformed_url" }, url);
  }
});

test("a refusal has the API's code, and is not repeated if it does not pass", async () => {
  const id = `0x${"1".repeat(64)}`;
  const answer: Answer = (_, __, response) =>
    refuse(response, 422, { code: "nonce_used", transaction: id });
  const { quote, asked: requests } = await asked(answer, { patienceMs: 5_000 });
  assert.ok(quote instanceof ApiError);
  assert.deepEqual([quote.status, quote.code, quote.transaction], [422, "nonce_used", id]);
  assert.equal(quote.message, "no (nonce_used)");
  assert.ok(!quote.mayPass && requests.length === 1);
});

test("a refusal passes by its status", () => {
  const passes = (status: number) => new ApiError(status, {}).mayPass;
  assert.ok([408, 429, 500, 502, 503].every(passes));
  assert.ok(![400, 401, 404, 409, 410, 413, 422].some(passes));
});

test("a page of a proxy is a refusal without a code", async () => {
  const { quote } = await asked((_, __, response) => response.writeHead(502).end("<html>"));
  assert.ok(quote instanceof ApiError && quote.mayPass);
  assert.deepEqual([quote.status, quote.code], [502, "no_reason"]);
});

test("a patient client asks again after the time that the sequencer names", async () => {
  const answer: Answer = (place, __, response) =>
    place < 2
      ? refuse(response, 503, { code: "overloaded", retry_after_s: place })
      : json(response, 200, QUOTE);
  const start = Date.now();
  const patient = await asked(answer, { patienceMs: 10_000 });
  assert.deepEqual(patient.quote, QUOTE);
  assert.equal(patient.asked.length, 3);
  assert.ok(Date.now() - start >= 1_000);
  const hasty = await asked(answer);
  assert.ok(hasty.quote instanceof ApiError && hasty.quote.retryAfterS === 0);
  const busy: Answer = (place, __, response) =>
    refuse(response, 503, { code: "overloaded", retry_after_s: 60 * place });
  const late = await asked(busy, { patienceMs: 20_000 });
  assert.ok(late.quote instanceof ApiError && late.quote.retryAfterS === 60);
  assert.equal(late.asked.length, 2, "a minute is longer than the patience");
});

test("silence, a broken answer, other JSON and a flood are told apart", async () => {
  const code = async (answer: Answer) => {
    const { quote } = await asked(answer);
    assert.ok(quote instanceof Error);
    return (quote as Error & { code: string }).code;
  };
  assert.equal(await code((_, request) => request.socket.destroy()), "silent");
  const broken: Answer = (_, request, response) => {
    response.writeHead(200, { "content-length": "100" }).write("{");
    setTimeout(() => request.socket.destroy(), 50);
  };
  assert.equal(await code(broken), "silent");
  assert.equal(await code((_, __, response) => response.end("{")), "malformed_answer");
  const flood: Answer = (_, __, response) => response.end(Buffer.alloc(9 * 1024 * 1024, "1"));
  assert.equal(await code(flood), "malformed_answer");
});

test("an address that leads on to another one is told, and nothing is sent there", async () => {
  const away: Answer = (_, __, response) =>
    response.writeHead(302, { location: "/v1/elsewhere" }).end();
  const { quote, asked: requests } = await asked(away, { patienceMs: 5_000 });
  assert.equal((quote as { code?: string }).code, "redirected");
  assert.deepEqual(requests, ["GET /v1/fees/quote?token=0&payments=1"]);
});

test("one transaction is sent as JSON, and many in binary form", async () => {
  const { request, answer } = vectors<{
    request: { json: SignedTransactionBody[]; bytes: string };
    answer: { json: { results: TransactionStatus[] }; bytes: string };
  }>("wire/vectors/binary.json");
  const bodies: Buffer[] = [];
  const server = await serve((place, message, response) => {
    message.on("data", (chunk: Buffer) => bodies.push(chunk));
    message.on("end", () =>
      place === 0
        ? json(response, 200, answer.json.results[0])
        : response.end(fromHex(answer.bytes)),
    );
  });
  const api = new Api(server.url);
  const [body] = request.json;
  assert.ok(body);
  assert.deepEqual(await api.submit(body), answer.json.results[0]);
  assert.deepEqual(await api.submitAll(request.json), answer.json.results);
  await server.close();
  assert.deepEqual(JSON.parse(`${bodies[0]}`), body);
  assert.equal(toHex(new Uint8Array(bodies[1] ?? [])), request.bytes);
  assert.deepEqual(
    server.headers.map(({ "content-type": type }) => type),
    ["application/json", "application/octet-stream"],
  );
  assert.equal(server.headers[1]?.accept, "application/octet-stream");
});

test("an operator's routes carry the operator's token", async () => {
  const server = await serve((place, _, response) =>
    place === 0 ? json(response, 202, { batch: 3 }) : response.writeHead(204).end(),
  );
  const api = new Api(server.url);
  assert.deepEqual(await api.closeBatch("secret"), { batch: 3 });
  await api.requeue(7, "secret");
  await server.close();
  assert.deepEqual(server.asked, ["POST /v1/batches", "POST /v1/jobs/7/requeue"]);
  assert.ok(server.headers.every(({ authorization }) => authorization === "Bearer secret"));
});
