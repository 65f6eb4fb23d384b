import assert from "node:assert/strict";
import { test } from "node:test";
import { addressOf } from "../src/pages/search.tsx";
import { routeOf } from "../src/route.ts";

const HASH = `0x${"ab".repeat(32)}`;
const OWNER = "sheaf164mvfc0f86v7rjkep22v3w4jl65d0wgf92khe0qn27470";

test("each address has its page", () => {
  assert.deepEqual(routeOf("/"), { page: "live" });
  assert.deepEqual(routeOf("/batch/7"), { page: "batch", number: 7 });
  assert.deepEqual(routeOf("/block/12/"), { page: "block", number: 12 });
  assert.deepEqual(routeOf("/slot/0"), { page: "slot", slot: 0 });
  assert.deepEqual(routeOf(`/transaction/${HASH}`), { page: "transaction", id: HASH });
  assert.deepEqual(routeOf(`/l1/${HASH}`), { page: "l1", hash: HASH });
  assert.deepEqual(routeOf(`/account/${OWNER}`), { page: "account", owner: OWNER });
  assert.equal((routeOf("/wallet/file") as { act: string }).act, "file");
  const route = routeOf("/wallet/send", "?to=x&amount=1.5");
  assert.ok(route.page === "wallet" && route.act === "send");
  assert.equal(route.query.get("amount"), "1.5");
});

test("other addresses are unknown, and nothing is asked for them", () => {
  for (const path of ["/batch/x", "/batch/01", "/batch/-1", "/x", "/transaction/0x12", "/a/b/c"]) {
    assert.deepEqual(routeOf(path), { page: "unknown", path });
  }
});

test("what is searched leads to its page", () => {
  assert.deepEqual(addressOf(" 7 "), { address: "/batch/7" });
  assert.deepEqual(addressOf("batch 7"), { address: "/batch/7" });
  assert.deepEqual(addressOf("Block #12"), { address: "/block/12" });
  assert.deepEqual(addressOf("slot 3"), { address: "/slot/3" });
  assert.deepEqual(addressOf(OWNER.toUpperCase()), { address: `/account/${OWNER}` });
  assert.deepEqual(addressOf(HASH.slice(2).toUpperCase()), { hash: HASH });
});

test("what names nothing is refused with a way on", () => {
  const fault = (text: string) => (addressOf(text) as { fault: string }).fault;
  assert.match(fault(`${OWNER.slice(0, -1)}q`), /copy it again/);
  assert.match(fault("hello"), /Search for a batch's number/);
});
