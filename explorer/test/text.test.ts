import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiError, SheafError } from "sheaf-sdk";
import { ETHER } from "../src/sequencer/tokens.ts";
import { amountField, amountText, readAmount } from "../src/text/amount.ts";
import { faultText } from "../src/text/fault.ts";
import { durationText } from "../src/text/time.ts";

const USDC = { ...ETHER, token: 1, symbol: "USDC", decimals: 6, scale: "1" };
const DUST = { ...ETHER, token: 2, symbol: "DUST", decimals: 2, scale: "1000" };

test("amounts are shown in the token's units, with every digit", () => {
  assert.equal(amountText("1250000000", ETHER), "1.25");
  assert.equal(amountText("1", ETHER), "0.000000001");
  assert.equal(amountText(0n, ETHER), "0");
  assert.equal(amountText("1234567000000", USDC), "1\u202f234\u202f567");
  assert.equal(amountText("3", DUST), "30");
  assert.equal(amountField(1_234_567_000_000n, USDC), "1234567");
});

test("what is written is read back", () => {
  for (const [text, token, units] of [
    ["1.25", ETHER, 1_250_000_000n],
    ["0.000000001", ETHER, 1n],
    ["1 000", USDC, 1_000_000_000n],
    ["2.", USDC, 2_000_000n],
    ["30", DUST, 3n],
  ] as const) {
    assert.equal(readAmount(text, token), units, text);
    assert.equal(readAmount(amountText(units, token), token), units, text);
  }
});

test("an amount that cannot be paid is refused with a reason", () => {
  const fault = (text: string, token = ETHER) => {
    const read = readAmount(text, token);
    assert.ok(typeof read === "object", text);
    return read.fault;
  };
  for (const text of ["", "x", "-1", "1,5", "1.2.3", ".5", "1e3"]) {
    assert.match(fault(text), /is no number/);
  }
  assert.match(fault("0"), /zero/);
  assert.match(fault("0.0000000001"), /smallest is 0.000000001 ETH/);
  assert.match(fault("15", DUST), /smallest is 10 DUST/);
});

test("durations keep two digits", () => {
  const texts = [12, 950, 1_500, 42_000, 600_000, 10_000_000, 400_000_000].map(durationText);
  assert.deepEqual(texts, ["12 ms", "950 ms", "1.5 s", "42 s", "10 min", "3 h", "5 days"]);
});

test("errors are sentences", () => {
  const old = new ApiError(404, { code: "route_not_found", message: "there is no such route" });
  assert.match(faultText(old), /older than the page/);
  const refused = Object.assign(new Error("x"), { cause: { code: 4_001 } });
  assert.match(faultText(refused), /declined in the wallet/);
  assert.equal(faultText(new SheafError("late", "waited in vain")), "Waited in vain.");
  assert.equal(faultText({ message: "no funds" }), "No funds.");
});
