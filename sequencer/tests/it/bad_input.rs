//! Bad input of every sort, alone and in an array: each is answered with a status of 4xx, a code
//! and a sentence. Every row of every table, the mempool and the status stay as they were.

use crate::database;
use crate::rollup::{CHAIN, CONTRACT, LATER, Person, Rollup, Terms, person, terms};
use serde_json::{Value, json};
use sheaf_ledger::domain::Domain;
use sheaf_ledger::l1_address::L1Address;
use sheaf_ledger::transaction::{Payment, SignedTransaction, Transaction, Transfer};
use sheaf_sequencer::fees::{FeePolicy, Price};
use sheaf_sequencer::limits::{BODY_BYTES_MAX, NONCE_GAP_MAX, TRANSACTIONS_PER_REQUEST_MAX};

/// What every transaction of these tests has to pay.
const FEE: u64 = 2;
/// A token that the operator takes and nobody owns.
const OTHER_TOKEN: u16 = 3;

/// A rollup in which alice has sent one transaction from slot 0, and bob owns slot 1.
async fn rollup() -> (Rollup, Person, Person) {
    let price = Price { per_transaction: FEE, per_payment: 0 };
    let prices = FeePolicy::new([(0, price), (OTHER_TOKEN, price)].into());
    let rollup = Rollup::start_with(|config| config.fees = prices).await;
    let [alice, bob] = [0, 1].map(person);
    rollup.fund(&[(&alice, 1_000), (&bob, 50)]).await;
    rollup.execute(&alice.pay(next(0), &[(&bob, 1)])).await;
    (rollup, alice, bob)
}

/// Good terms for alice's transaction with this nonce.
fn next(nonce: u32) -> Terms {
    Terms { fee: FEE, ..terms(0, nonce) }
}

/// Everything that a request could have changed.
async fn state(rollup: &Rollup) -> (Vec<String>, Value) {
    let (_, status) = rollup.get("/v1/status").await;
    assert_eq!(status["waiting"], 0, "the mempool is empty");
    (database::rows(&rollup.config).await, status)
}

fn to_json(transaction: &SignedTransaction) -> Value {
    serde_json::to_value(transaction).expect("plain JSON")
}

/// `good` with one field, which must be there, replaced.
fn with(good: &Value, pointer: &str, value: Value) -> Value {
    let mut bad = good.clone();
    *bad.pointer_mut(pointer).expect("the field is there") = value;
    bad
}

/// `good` with one field more.
fn beside(good: &Value, pointer: &str, name: &str) -> Value {
    let mut bad = good.clone();
    bad.pointer_mut(pointer).expect("it is there")[name] = json!("hello");
    bad
}

/// `good` with one field more, which is null.
fn null_beside(good: &Value, pointer: &str, name: &str) -> Value {
    let mut bad = good.clone();
    bad.pointer_mut(pointer).expect("it is there")[name] = Value::Null;
    bad
}

/// The values of an object, in the order of its fields.
fn as_array(object: &Value) -> Value {
    let fields = ["transfer", "slot", "token", "nonce", "fee", "valid_until", "payments"];
    let others = ["key", "l1_address", "signature", "owner", "amount"];
    let values = fields.iter().chain(&others).filter_map(|field| object.get(*field));
    Value::Array(values.cloned().collect())
}

/// What cannot be read as a transaction: refused before anything else looks at it.
fn unreadable(good: &Value, other: &Value) -> Vec<Value> {
    let mut both = good.clone();
    both["withdrawal"] = other["withdrawal"].clone();
    let mut neither = good.clone();
    neither.as_object_mut().expect("an object").remove("transfer");
    let payments = vec![good["transfer"]["payments"][0].clone(); 2];
    vec![
        json!(null),
        json!(7),
        json!("transfer"),
        json!({}),
        json!({ "transfer": null }),
        both,
        neither,
        // Unknown fields, at every depth.
        beside(good, "", "memo"),
        beside(good, "/transfer", "memo"),
        beside(good, "/transfer/payments/0", "memo"),
        // Arrays in place of objects, and null in place of what is left out.
        as_array(good),
        with(good, "/transfer", as_array(&good["transfer"])),
        with(good, "/transfer/payments/0", as_array(&good["transfer"]["payments"][0])),
        with(good, "/transfer/nonce", json!([1])),
        null_beside(good, "", "withdrawal"),
        null_beside(good, "/transfer", "memo"),
        // Numbers that are none, or out of their type.
        with(good, "/transfer/fee", json!(1)),
        with(good, "/transfer/fee", json!("-1")),
        with(good, "/transfer/fee", json!("01")),
        with(good, "/transfer/nonce", json!(-1)),
        with(good, "/transfer/nonce", json!(4_294_967_296_u64)),
        with(good, "/transfer/slot", json!(4_294_967_296_u64)),
        with(good, "/transfer/token", json!(65_536)),
        with(good, "/transfer/payments/0/amount", json!("18446744073709551616")),
        with(good, "/transfer/payments/0/amount", json!("1e3")),
        with(good, "/transfer/payments", json!({ "0": payments })),
        // Encodings.
        with(good, "/transfer/payments/0/owner", json!("sheaf1qqqq")),
        with(good, "/signature", json!("0x00")),
        with(good, "/signature", json!(format!("0x{}", "ff".repeat(80)))),
        with(good, "/key", json!("0x")),
        with(good, "/key", json!(format!("0x{}", "ff".repeat(40)))),
        with(good, "/l1_address", json!("0x12")),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_refused_and_nothing_is_stored() {
    let (rollup, alice, bob) = rollup().await;
    let good = to_json(&alice.pay(next(1), &[(&bob, 1)]));
    let before = state(&rollup).await;
    for bad in unreadable(&good, &to_json(&alice.withdraw(next(1), 1))) {
        for body in [bad.clone(), json!([bad]), json!([good, bad])] {
            refused(&rollup, &body.to_string().into_bytes(), (400, "malformed_body")).await;
        }
    }
    let text = good.to_string();
    let twice = text.replacen("\"slot\":0", "\"slot\":0,\"slot\":0", 1);
    let broken = [
        Vec::new(),
        b"{".to_vec(),
        b"[".repeat(10_000),
        format!("{text}{text}").into_bytes(),
        text[..text.len() - 1].into(),
        twice.into_bytes(),
        [text.as_bytes(), b"\xff"].concat(),
    ];
    for body in broken {
        refused(&rollup, &body, (400, "malformed_body")).await;
    }
    refused(&rollup, b"[]", (400, "array_length")).await;
    let many = json!(vec![&good; TRANSACTIONS_PER_REQUEST_MAX + 1]).to_string();
    refused(&rollup, many.as_bytes(), (400, "array_length")).await;
    refused(&rollup, &vec![b' '; BODY_BYTES_MAX + 1], (413, "body_too_large")).await;
    assert_eq!(state(&rollup).await, before);
    // The one that all of them were made from is executed, and the comparison sees it.
    let (status, body) = rollup.post("/v1/transactions", &good).await;
    assert_eq!((status.as_u16(), &body["stage"]), (200, &json!("executed")));
    assert_ne!(state(&rollup).await.0, before.0);
}

async fn refused(rollup: &Rollup, body: &[u8], expected: (u16, &str)) {
    let start = String::from_utf8_lossy(&body[..body.len().min(400)]);
    let (status, answer) = rollup.post_bytes("/v1/transactions", body.to_vec()).await;
    let code = answer["error"]["code"].as_str().expect("a code");
    assert_eq!((status.as_u16(), code), expected, "{start}");
    let message = answer["error"]["message"].as_str().expect("a sentence");
    assert!(message.len() > 10, "{answer}");
    for word in ["struct", "u32", "sequence", "line 1"] {
        assert!(!message.contains(word), "{word} is no word of the API: {message}");
    }
}

/// What can be read and breaks a rule: a name, the transaction, the rule's code.
fn rule_breakers(alice: &Person, bob: &Person) -> Vec<(&'static str, Value, &'static str)> {
    let pay = |terms, amount| to_json(&alice.pay(terms, &[(bob, amount)]));
    let good = pay(next(1), 1);
    let amount = "/transfer/payments/0/amount";
    let changed = |pointer, value| with(&good, pointer, value);
    let huge = json!("4611686018427387904");
    let payment = &good["transfer"]["payments"][0];
    let half = with(payment, "/amount", json!("2305843009213693952"));
    let transfer = || {
        let payments = vec![Payment { owner: bob.owner, amount: 1 }];
        let (fee, valid_until) = (FEE, LATER);
        Transaction::Transfer(Transfer { slot: 0, token: 0, nonce: 1, fee, valid_until, payments })
    };
    let on =
        |chain, contract| to_json(&alice.sign_in(&Domain::on_chain(chain, contract), transfer()));
    let neutral = json!(format!("0x{}", "00".repeat(40)));
    let neutral_r =
        format!("0x{}{}", "00".repeat(40), &good["signature"].as_str().expect("text")[82..]);
    vec![
        ("no payment", changed("/transfer/payments", json!([])), "no_payments"),
        (
            "1,025 payments",
            changed("/transfer/payments", json!(vec![payment; 1_025])),
            "too_many_payments",
        ),
        ("an amount of zero", changed(amount, json!("0")), "amount_zero"),
        ("an amount of 2^62", changed(amount, huge.clone()), "amount_too_large"),
        ("an amount of 2^64 - 1", changed(amount, json!(u64::MAX.to_string())), "amount_too_large"),
        ("a sum of 2^62", changed("/transfer/payments", json!([half, half])), "total_too_large"),
        ("a fee of 2^62", changed("/transfer/fee", huge), "fee_too_large"),
        (
            "the end of time",
            changed("/transfer/valid_until", json!(u32::MAX)),
            "valid_until_too_large",
        ),
        ("the last nonce", changed("/transfer/nonce", json!(u32::MAX)), "nonce_exhausted"),
        ("the neutral key", changed("/key", neutral), "neutral_key"),
        ("a fee below the quote", pay(Terms { fee: FEE - 1, ..next(1) }, 1), "fee_too_low"),
        ("an overdraft", pay(next(1), 998), "balance_too_low"),
        ("an overdraft by the fee", pay(next(1), 997 - FEE + 1), "balance_too_low"),
        ("a used nonce", pay(next(0), 2), "nonce_used"),
        ("a far nonce", pay(next(NONCE_GAP_MAX + 2), 1), "nonce_too_far"),
        ("a farther nonce", pay(next(1_000_000), 1), "nonce_too_far"),
        ("an expired one", pay(Terms { valid_until: 1, ..next(1) }, 1), "expired"),
        ("somebody else's slot", pay(Terms { slot: 1, ..next(0) }, 1), "wrong_owner"),
        ("a slot that is not open", pay(Terms { slot: 9, ..next(0) }, 1), "slot_not_open"),
        ("another token", changed("/transfer/token", json!(OTHER_TOKEN)), "wrong_token"),
        ("another L1 address", changed("/l1_address", json!(bob.address)), "wrong_owner"),
        ("another chain", on(1, CONTRACT), "wrong_signature"),
        ("another contract", on(CHAIN, L1Address([1; 20])), "wrong_signature"),
        (
            "a signature over another message",
            changed("/signature", pay(next(1), 2)["signature"].clone()),
            "wrong_signature",
        ),
        ("an amount changed after signing", changed(amount, json!("3")), "wrong_signature"),
        ("a neutral R", changed("/signature", json!(neutral_r)), "wrong_signature"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn what_breaks_a_rule_is_refused_by_its_name_and_nothing_is_stored() {
    let (rollup, alice, bob) = rollup().await;
    let before = state(&rollup).await;
    for (name, bad, rule) in rule_breakers(&alice, &bob) {
        let (status, body) = rollup.post("/v1/transactions", &bad).await;
        let error = &body["error"];
        assert_eq!((status.as_u16(), &error["code"]), (422, &json!(rule)), "{name}: {body}");
        assert!(error["message"].as_str().is_some_and(|text| text.len() > 10), "{name}: {body}");
        let (status, body) = rollup.post("/v1/transactions", &json!([bad])).await;
        let result = &body["results"][0];
        let found = (status.as_u16(), &result["stage"], &result["error"]["code"]);
        assert_eq!(found, (200, &json!("rejected"), &json!(rule)), "{name}: {body}");
    }
    assert_eq!(state(&rollup).await, before);
    // Before a good one in the same array, they still leave nothing behind. The expired one, which
    // only its turn refuses, would hold the nonce that the good one needs.
    let breakers = rule_breakers(&alice, &bob).into_iter();
    let mut array: Vec<Value> =
        breakers.filter(|(_, _, rule)| *rule != "expired").map(|(_, bad, _)| bad).collect();
    array.push(to_json(&alice.pay(next(1), &[(&bob, 1)])));
    let (_, body) = rollup.post("/v1/transactions", &array).await;
    let stages: Vec<_> =
        body["results"].as_array().expect("results").iter().map(|one| &one["stage"]).collect();
    let mut expected = vec!["rejected"; array.len()];
    expected[array.len() - 1] = "executed";
    assert_eq!(stages, expected, "{body}");
    let blocks =
        rollup.handle().store().blocks_after(0, u32::MAX).await.expect("the log can be read");
    assert_eq!(blocks.iter().map(|block| block.transactions.len()).sum::<usize>(), 2);
}
