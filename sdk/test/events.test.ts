import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { test } from "node:test";
import { Api } from "../src/api.js";
import type { EventsOptions, StreamedEvent } from "../src/events.js";
import { type Answer, refuse, serve } from "./server.js";

const batch = (number: number) => ({ event: "batch", number, state: "sealed" });

function write(response: ServerResponse, text: string): void {
  if (!response.headersSent) response.writeHead(200, { "content-type": "text/event-stream" });
  response.write(text);
}

/** An event of a batch, as the sequencer writes it. */
const sent = (number: number, id = ""): string =>
  `event: batch\ndata: ${JSON.stringify(batch(number))}\n${id}\n`;

/** Writes a text in pieces, each in a turn of its own. */
function inPieces(response: ServerResponse, text: string, length: number): void {
  write(response, text.slice(0, length));
  const rest = text.slice(length);
  if (rest !== "") setImmediate(() => inPieces(response, rest, length));
}

/** The first events of scripted connections, with the ids from which these were to go on. */
async function followed(count: number, answer: Answer, options: EventsOptions = {}) {
  const server = await serve(answer);
  const end = new AbortController();
  const events: StreamedEvent[] = [];
  try {
    const fast = { reconnectPauseMs: 1, signal: end.signal, ...options };
    for await (const event of new Api(server.url).events(fast)) {
      events.push(event);
      if (events.length === count) end.abort();
    }
  } finally {
    await server.close();
  }
  return { events, resumed: server.headers.map(headers => headers["last-event-id"]) };
}

test("events are read however their bytes arrive", async () => {
  const text = `: a comment\r\n\r\nretry: 5\n${sent(1)}${sent(2)}event: lost\ndata: 17\n\n`;
  const { events } = await followed(3, (_, __, response) => inPieces(response, text, 7));
  assert.deepEqual(events, [batch(1), batch(2), { event: "lost", missed: 17 }]);
});

test("a lost connection goes on behind the last id", async () => {
  const { events, resumed } = await followed(2, (place, _, response) => {
    write(response, sent(place + 1, `id: ${place + 40}\n`));
    if (place === 0) response.end();
  });
  assert.deepEqual(events, [
    { ...batch(1), id: "40" },
    { ...batch(2), id: "41" },
  ]);
  assert.deepEqual(resumed, [undefined, "40"]);
  const later = await followed(1, (_, __, response) => write(response, sent(1)), {
    lastEventId: "9",
  });
  assert.deepEqual(later.resumed, ["9"]);
});

test("an event without data moves the id, and is none", async () => {
  const { events, resumed } = await followed(2, (place, _, response) => {
    if (place === 0) {
      write(response, "id: 7-1\n\n");
      response.end();
    } else write(response, `${sent(1, "id: 7-2\n")}id: 7-9\n\n${sent(2)}`);
  });
  assert.deepEqual(events, [{ ...batch(1), id: "7-2" }, batch(2)]);
  assert.deepEqual(resumed, [undefined, "7-1"]);
});

test("a stream that only says where it is ends after ten more connections", async () => {
  const empty = followed(100, (place, _, response) => {
    write(response, `id: 7-${place}\n\n`);
    response.end();
  });
  await assert.rejects(empty, { code: "stream_ended" });
});

test("what is asked for on a connection is answered before its events are told", async () => {
  const order: unknown[] = [];
  const onConnected = async () => {
    await new Promise(resolve => setTimeout(resolve, 20));
    order.push("connected");
  };
  const answer: Answer = (place, _, response) => {
    write(response, sent(place + 1, `id: ${place}\n`));
    response.end();
  };
  const server = await serve(answer);
  const end = new AbortController();
  const options = { onConnected, reconnectPauseMs: 1, signal: end.signal };
  for await (const event of new Api(server.url).events(options)) {
    order.push(event.id);
    if (event.id === "1") end.abort();
  }
  await server.close();
  assert.deepEqual(order, ["connected", "0", "connected", "1"]);
});

test("filters are sent with each connection", async () => {
  const server = await serve((_, __, response) => write(response, sent(1)));
  const end = new AbortController();
  const options = { owner: "sheaf1x", batch: 3, ids: true, signal: end.signal };
  for await (const _ of new Api(server.url).events(options)) end.abort();
  await server.close();
  assert.deepEqual(server.asked, ["GET /v1/events?owner=sheaf1x&batch=3&ids=true"]);
});

test("without ids, a lost connection is said to leave a gap", async () => {
  const { events } = await followed(3, (place, _, response) => {
    write(response, sent(place + 1));
    if (place === 0) response.end();
  });
  assert.deepEqual(events, [batch(1), { event: "lost", missed: undefined }, batch(2)]);
});

test("a refusal that passes is waited out, and another ends the stream", async () => {
  const { events } = await followed(1, (place, _, response) =>
    place === 0 ? refuse(response, 503, { code: "subscribers" }) : write(response, sent(1)),
  );
  assert.deepEqual(events, [batch(1)]);
  const refused = followed(1, (_, __, response) =>
    refuse(response, 404, { code: "route_not_found" }),
  );
  await assert.rejects(refused, { code: "route_not_found" });
});

test("a stream that brings nothing ends after ten more connections", async () => {
  let connections = 0;
  const empty = followed(100, (_, __, response) => {
    connections += 1;
    write(response, ": nothing\n\n");
    response.end();
  });
  await assert.rejects(empty, { code: "stream_ended" });
  assert.equal(connections, 11);
  connections = 0;
  const silent = followed(1, (_, request) => {
    connections += 1;
    request.socket.destroy();
  });
  await assert.rejects(silent, { code: "stream_ended" });
  assert.equal(connections, 11);
});

test("connections that bring an event are no failures", async () => {
  const { events } = await followed(13, (place, _, response) => {
    write(response, sent(place + 1, `id: ${place}\n`));
    response.end();
  });
  assert.equal(events.at(-1)?.id, "12");
});

test("an event that is too long or no JSON ends the stream", async () => {
  const long = followed(1, (_, __, response) => write(response, `data: ${"x".repeat(270_000)}`));
  await assert.rejects(long, { code: "malformed_answer" });
  const other = followed(1, (_, __, response) => write(response, "event: block\ndata: {\n\n"));
  await assert.rejects(other, { code: "malformed_answer" });
});

// As many as a block has at most, and not in pieces that end with the event.
test("a block with the ids of 1,024 transactions is an event like others", async () => {
  const ids = Array.from({ length: 1_024 }, (_, index) => `0x${`${index}`.padStart(64, "0")}`);
  const block = { event: "block", number: 1, batch: 1, transactions: 1_024, ids };
  const text = `event: block\ndata: ${JSON.stringify(block)}\n\n`;
  const { events } = await followed(1, (_, __, response) => inPieces(response, text, 1_000));
  assert.deepEqual(events, [block]);
});

test("a signal ends the stream at once, and before the first connection", async () => {
  const end = new AbortController();
  const server = await serve((_, __, response) => {
    write(response, ": stands\n\n");
    setTimeout(() => end.abort(), 50);
  });
  for await (const _ of new Api(server.url).events({ signal: end.signal })) assert.fail();
  assert.equal(server.asked.length, 1);
  for await (const _ of new Api(server.url).events({ signal: end.signal })) assert.fail();
  assert.equal(server.asked.length, 1);
  await server.close();
});
