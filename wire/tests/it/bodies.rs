//! Every answer as bytes: a client reads back what a server writes, and a change of a field, a word
//! or an order does not go unnoticed.

use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;
use sheaf_crypto::hash::Digest;
use sheaf_ledger::l1_address::L1Address;
use sheaf_ledger::owner::Owner;
use sheaf_ledger::word::Word;
use sheaf_wire::accounts::{AccountBody, NonceBody, SlotBody};
use sheaf_wire::batches::{
    BatchBody, BatchState, BatchesBody, ClosedBody, JobBody, JobState, JobsBody, ProofBody,
};
use sheaf_wire::blocks::{BlockBody, BlocksBody, CloseReason, TransactionBody, TransactionsBody};
use sheaf_wire::error_body::{ErrorBody, ErrorDetail};
use sheaf_wire::events::Event;
use sheaf_wire::history::{Decimal, HistoryBody, MovementBody, MovementKind, RequestBody};
use sheaf_wire::l1::{
    L1RequestBody, L1RequestsBody, PayoutBody, PayoutsBody, RequestKind, TokenBody, TokensBody,
};
use sheaf_wire::status::{
    FailedJob, HealthBody, JobCounts, L1Body, L1NodeBody, OperatorBody, QuoteBody, StatusBody,
    VerifyingKeyBody,
};
use sheaf_wire::transactions::{Stage, SubmissionResults, TransactionStatus, WithdrawalBody};
use sheaf_wire::words::{DataWordBody, L1WordsBody, WordsBody};
use sheaf_wire::workers::{Completed, HeartbeatAnswer, Lease};
use sheaf_wire::{DataMode, DataReference, ProofStep};

const OWNER: &str = "sheaf17jphnfa78e08ehhhnz7k8ez0u67axat5kze7jes0l6rqk";

fn owner() -> Owner {
    OWNER.parse().expect("an owner")
}

fn digest(number: u8) -> Digest {
    let mut bytes = [0; 32];
    bytes[0] = number;
    Digest::from_bytes(bytes).expect("small numbers are canonical")
}

/// The digest of that number, as JSON has it.
fn spelt(number: u8) -> String {
    format!("\"0x{number:02x}{}\"", "00".repeat(31))
}

/// Checks that `body` is written as `json`, and read back from it.
fn goes_round<T: Serialize + DeserializeOwned + PartialEq + Debug>(body: &T, json: &str) {
    assert_eq!(serde_json::to_string(body).expect("plain JSON"), json);
    assert_eq!(&serde_json::from_str::<T>(json).expect("the client reads it"), body);
}

#[test]
fn accounts() {
    let slot = SlotBody {
        slot: 3,
        owner: owner(),
        token: 1,
        balance: 20,
        nonce: 4,
        next_nonce: 5,
        final_balance: Some(Decimal(19)),
        final_nonce: Some(3),
    };
    let slot_json = format!(r#"{{"slot":3,"owner":"{OWNER}","token":1,"balance":"20","#)
        + r#""nonce":4,"next_nonce":5,"final_balance":"19","final_nonce":3}"#;
    let unread = SlotBody { final_balance: None, final_nonce: None, ..slot.clone() };
    let unread_json = slot_json.replace(r#","final_balance":"19","final_nonce":3"#, "");
    goes_round(&unread, &unread_json);
    goes_round(&slot, &slot_json);
    let account = AccountBody { owner: owner(), slots: vec![slot] };
    goes_round(&account, &format!(r#"{{"owner":"{OWNER}","slots":[{slot_json}]}}"#));
    goes_round(&NonceBody { slot: 3, token: 1, nonce: 5 }, r#"{"slot":3,"token":1,"nonce":5}"#);
}

#[test]
fn batches() {
    let batch = BatchBody {
        number: 1,
        state: BatchState::Submitted,
        timestamp: 2,
        first_block: 3,
        last_block: 4,
        first_request: 5,
        requests: 6,
        transactions: 7,
        entries: 8,
        data_words: 9,
        l1_words: 10,
        pre_state: digest(1),
        post_state: digest(2),
        post_root: digest(3),
        next_slot: 11,
        data_mode: DataMode::Blobs,
        data_reference: None,
        sealed_ms: 12,
        proven_ms: Some(13),
        submitted_ms: Some(14),
        finalised_ms: None,
        l1_transaction: Some("0x07".into()),
        l1_block: None,
        gas_used: None,
    };
    let [pre, post, root] = [1, 2, 3].map(spelt);
    let json = r#"{"number":1,"state":"submitted","timestamp":2,"first_block":3,"#.to_owned()
        + r#""last_block":4,"first_request":5,"requests":6,"transactions":7,"entries":8,"#
        + &format!(r#""data_words":9,"l1_words":10,"pre_state":{pre},"post_state":{post},"#)
        + &format!(r#""post_root":{root},"next_slot":11,"data_mode":"blobs","#)
        + r#""data_reference":null,"sealed_ms":12,"proven_ms":13,"#
        + r#""submitted_ms":14,"finalised_ms":null,"l1_transaction":"0x07","l1_block":null,"#
        + r#""gas_used":null}"#;
    goes_round(&batch, &json);
    goes_round(&BatchesBody { batches: vec![batch] }, &format!(r#"{{"batches":[{json}]}}"#));
    goes_round(&ClosedBody { batch: 2 }, r#"{"batch":2}"#);
    let proof = ProofBody {
        batch: 1,
        proof: "0x01".into(),
        public_inputs: vec!["0x02".into()],
        development: true,
    };
    let json = r#"{"batch":1,"proof":"0x01","public_inputs":["0x02"],"development":true}"#;
    goes_round(&proof, json);
}

fn sent() -> MovementBody {
    MovementBody {
        kind: MovementKind::Sent,
        stage: Stage::Executed,
        slot: 1,
        token: 0,
        amount: Some(Decimal(10)),
        fee: Some(Decimal(2)),
        payments: Some(1),
        counterparty: Some(owner()),
        recipient: None,
        id: Some(digest(4)),
        request: None,
        block: 5,
        executed_ms: 6,
        batch: 7,
        l1_transaction: None,
    }
}

#[test]
fn histories() {
    let sent_json = r#"{"kind":"sent","stage":"executed","slot":1,"token":0,"amount":"10","#
        .to_owned()
        + &format!(r#""fee":"2","payments":1,"counterparty":"{OWNER}","id":{},"#, spelt(4))
        + r#""block":5,"executed_ms":6,"batch":7}"#;
    goes_round(&sent(), &sent_json);
    let exited = MovementBody {
        kind: MovementKind::Exited,
        stage: Stage::Finalised,
        amount: None,
        fee: None,
        payments: None,
        counterparty: None,
        recipient: Some(L1Address([0x11; 20])),
        id: None,
        request: Some(RequestBody { number: 9, l1_transaction: Some("0x08".into()) }),
        l1_transaction: Some("0x09".into()),
        ..sent()
    };
    let exited_json = r#"{"kind":"exited","stage":"finalised","slot":1,"token":0,"#.to_owned()
        + &format!(r#""recipient":"0x{}","#, "11".repeat(20))
        + r#""request":{"number":9,"l1_transaction":"0x08"},"#
        + r#""block":5,"executed_ms":6,"batch":7,"l1_transaction":"0x09"}"#;
    goes_round(&exited, &exited_json);
    let page = |next: Option<String>| {
        let transactions = vec![sent()];
        HistoryBody { owner: owner(), transactions, next }
    };
    let start = format!(r#"{{"owner":"{OWNER}","transactions":[{sent_json}]"#);
    goes_round(&page(None), &format!("{start}}}"));
    goes_round(&page(Some("4-2".into())), &format!(r#"{start},"next":"4-2"}}"#));
}

#[test]
fn statuses() {
    let job = FailedJob {
        job: 1,
        batch: 2,
        step: ProofStep::Batch,
        worker: "w".into(),
        failures: 3,
        lapses: 4,
        reason: "r".into(),
        is_quarantined: true,
    };
    let status = StatusBody {
        chain_id: 31_337,
        contract: L1Address([0x22; 20]),
        development: false,
        circuits: "ab".into(),
        block: 1,
        block_executed_ms: 2,
        open_batch: None,
        sealed_batch: 3,
        oldest_unproven_batch: Some(4),
        slots: 5,
        waiting: 6,
        jobs: JobCounts { waiting: 1, ready: 2, leased: 3, done: 4, quarantined: 5 },
        quarantined: vec![job],
        operator: Some(OperatorBody {
            address: L1Address([0x33; 20]),
            wei: "1000000000000000000".into(),
            batches: 7,
        }),
        l1: Some(L1Body {
            node: Some("here:1".into()),
            compared: true,
            nodes: vec![L1NodeBody { node: "here:1".into(), answers: true, block: Some(8) }],
        }),
        first_l1_block: Some(9),
        verifying_key_hash: Some("0xab".into()),
    };
    let json = format!(r#"{{"chain_id":31337,"contract":"0x{}","#, "22".repeat(20))
        + r#""development":false,"circuits":"ab","block":1,"block_executed_ms":2,"#
        + r#""open_batch":null,"sealed_batch":3,"oldest_unproven_batch":4,"slots":5,"waiting":6,"#
        + r#""jobs":{"waiting":1,"ready":2,"leased":3,"done":4,"quarantined":5},"#
        + r#""quarantined":[{"job":1,"batch":2,"step":"batch","worker":"w","failures":3,"#
        + r#""lapses":4,"reason":"r","is_quarantined":true}],"#
        + &format!(r#""operator":{{"address":"0x{}","#, "33".repeat(20))
        + r#""wei":"1000000000000000000","batches":7},"l1":{"node":"here:1","compared":true,"#
        + r#""nodes":[{"node":"here:1","answers":true,"block":8}]},"first_l1_block":9,"#
        + r#""verifying_key_hash":"0xab"}"#;
    goes_round(&status, &json);
    let (first_l1_block, verifying_key_hash) = (None, None);
    let unread =
        StatusBody { operator: None, l1: None, first_l1_block, verifying_key_hash, ..status };
    let operator = json.find(r#"{"address""#).expect("it is there");
    let nothing = r#"null,"l1":null,"first_l1_block":null,"verifying_key_hash":null}"#;
    let json = json.replace(&json[operator..], nothing);
    goes_round(&unread, &json);
}

#[test]
fn quotes_and_health() {
    let quote = QuoteBody { token: 1, payments: 2, fee: u64::MAX, expires: 3 };
    let json = r#"{"token":1,"payments":2,"fee":"18446744073709551615","expires":3}"#;
    goes_round(&quote, json);
    let healthy = |operator_batches, l1_unreachable| HealthBody {
        healthy: true,
        operator_batches,
        l1_unreachable,
        following: false,
    };
    goes_round(&healthy(None, false), r#"{"healthy":true}"#);
    let away = r#"{"healthy":true,"operator_batches":3,"l1_unreachable":true}"#;
    goes_round(&healthy(Some(3), true), away);
    let follower = HealthBody { following: true, ..healthy(None, false) };
    goes_round(&follower, r#"{"healthy":true,"following":true}"#);
}

#[test]
fn transactions_and_refusals() {
    let status = TransactionStatus {
        id: Some(digest(1)),
        stage: Stage::Submitted,
        durable: true,
        block: Some(1),
        position: Some(2),
        batch: Some(3),
        l1_transaction: Some("0x04".into()),
        error: None,
    };
    let json = format!(r#"{{"id":{},"stage":"submitted","durable":true,"#, spelt(1))
        + r#""block":1,"position":2,"batch":3,"l1_transaction":"0x04"}"#;
    goes_round(&status, &json);
    let error = |transaction| ErrorDetail {
        code: "fee_too_low".into(),
        message: "m".into(),
        transaction,
        retry_after_s: None,
    };
    let refused = TransactionStatus {
        id: None,
        stage: Stage::Rejected,
        durable: false,
        block: None,
        position: None,
        batch: None,
        l1_transaction: None,
        error: Some(error(None)),
    };
    let detail = r#""error":{"code":"fee_too_low","message":"m"}"#;
    let json = format!(r#"{{"id":null,"stage":"rejected","durable":false,{detail}}}"#);
    goes_round(&refused, &json);
    let results = SubmissionResults { results: vec![refused] };
    goes_round(&results, &format!(r#"{{"results":[{json}]}}"#));
    goes_round(&ErrorBody { error: error(None) }, &format!("{{{detail}}}"));
    let named = r#"{"error":{"code":"fee_too_low","message":"m","transaction":"#.to_owned();
    goes_round(&ErrorBody { error: error(Some(digest(5))) }, &(named + &spelt(5) + "}}"));
}

#[test]
fn blocks_and_their_transactions() {
    let block = BlockBody {
        number: 1,
        batch: 2,
        transactions: 3,
        requests: 4,
        executed_ms: 5,
        closes: None,
    };
    let json = r#"{"blocks":[{"number":1,"batch":2,"transactions":3,"requests":4,"#.to_owned()
        + r#""executed_ms":5,"closes":null}]}"#;
    goes_round(&BlocksBody { blocks: vec![block] }, &json);
    let withdrawal = WithdrawalBody {
        slot: 1,
        token: 2,
        nonce: 3,
        fee: "4".into(),
        valid_until: 5,
        amount: "6".into(),
        recipient: "0x07".into(),
    };
    let transaction = TransactionBody {
        id: digest(8),
        block: 9,
        position: 10,
        batch: 11,
        executed_ms: 12,
        first_word: Some(13),
        owner: owner(),
        transfer: None,
        withdrawal: Some(withdrawal),
    };
    let page = TransactionsBody { transactions: vec![transaction], next: Some("9-11".into()) };
    let json = format!(r#"{{"transactions":[{{"id":{},"block":9,"position":10,"#, spelt(8))
        + &format!(r#""batch":11,"executed_ms":12,"first_word":13,"owner":"{OWNER}","#)
        + r#""withdrawal":{"slot":1,"token":2,"nonce":3,"fee":"4","valid_until":5,"#
        + r#""amount":"6","recipient":"0x07"}}],"next":"9-11"}"#;
    goes_round(&page, &json);
    let job = JobBody {
        job: 1,
        step: ProofStep::Batch,
        state: JobState::Ready,
        worker: None,
        started_ms: None,
        finished_ms: None,
    };
    let json = r#"{"batch":2,"jobs":[{"job":1,"step":"batch","state":"ready"}]}"#;
    goes_round(&JobsBody { batch: 2, jobs: vec![job] }, json);
    let key = VerifyingKeyBody { hash: "0x01".into(), key: vec!["0x02".into()] };
    goes_round(&key, r#"{"hash":"0x01","key":["0x02"]}"#);
}

#[test]
fn what_is_between_l1_and_l2() {
    let address = L1Address([0x44; 20]);
    let token = TokenBody {
        token: 1,
        address,
        symbol: "T".into(),
        decimals: Some(6),
        scale: "10".into(),
        cap: Some(Decimal(7)),
    };
    let json = format!(r#"{{"tokens":[{{"token":1,"address":"{address}","symbol":"T","#)
        + r#""decimals":6,"scale":"10","cap":"7"}]}"#;
    goes_round(&TokensBody { tokens: vec![token] }, &json);
    let exit = L1RequestBody {
        number: 1,
        kind: RequestKind::Exit,
        owner: owner(),
        token: None,
        amount: None,
        slot: Some(2),
        l1_transaction: "0x03".into(),
        l1_block: 4,
        confirmations: Some(5),
        confirmations_needed: 6,
        stage: Some(Stage::Executed),
        batch: Some(7),
    };
    let json = format!(r#"{{"requests":[{{"number":1,"kind":"exit","owner":"{OWNER}","slot":2,"#)
        + r#""l1_transaction":"0x03","l1_block":4,"confirmations":5,"confirmations_needed":6,"#
        + r#""stage":"executed","batch":7}]}"#;
    goes_round(&L1RequestsBody { requests: vec![exit] }, &json);
    let payout = PayoutBody { token: 1, claimable: "20".into(), pending: Decimal(3) };
    let json = format!(r#"{{"l1_address":"{address}","payouts":[{{"token":1,"#)
        + r#""claimable":"20","pending":"3"}]}"#;
    goes_round(&PayoutsBody { l1_address: address, payouts: vec![payout] }, &json);
    let word = Word([0, 0, 0, 7]);
    let data = DataWordBody {
        index: 1,
        word,
        kind: "open".into(),
        slot: 2,
        owner: Some(owner()),
        token: Some(3),
        amount: None,
        fee: None,
    };
    let pair = L1WordsBody {
        index: 4,
        a: word,
        b: word,
        kind: "withdraw".into(),
        token: 5,
        amount: Decimal(6),
        slot: None,
        owner: None,
        recipient: Some(address),
    };
    let words = WordsBody { batch: 9, data_words: vec![data], l1_words: vec![pair], next: None };
    let json = format!(r#"{{"batch":9,"data_words":[{{"index":1,"word":"{word}","kind":"open","#)
        + &format!(r#""slot":2,"owner":"{OWNER}","token":3}}],"l1_words":[{{"index":4,"#)
        + &format!(r#""a":"{word}","b":"{word}","kind":"withdraw","token":5,"amount":"6","#)
        + &format!(r#""recipient":"{address}"}}]}}"#);
    goes_round(&words, &json);
}

#[test]
fn events_and_answers_to_workers() {
    let block = BlockBody {
        number: 1,
        batch: 2,
        transactions: 3,
        requests: 4,
        executed_ms: 5,
        closes: Some(CloseReason::Age),
    };
    let event = |ids| Event::block(block, ids);
    let json = r#"{"event":"block","number":1,"batch":2,"transactions":3,"requests":4,"#.to_owned()
        + r#""executed_ms":5,"closes":"age"}"#;
    goes_round(&event(None), &json);
    let with_ids = json.replace("}", &format!(r#","ids":[{}]}}"#, spelt(5)));
    goes_round(&event(Some(vec![digest(5)])), &with_ids);
    let batch = Event::batch(1, BatchState::Proven);
    goes_round(&batch, r#"{"event":"batch","number":1,"state":"proven"}"#);
    let lease = Lease {
        job: 1,
        batch: 2,
        step: ProofStep::Wrap,
        data_reference: DataReference([7; 32]),
        attempt: 3,
        lease_ms: 4,
    };
    let json = r#"{"job":1,"batch":2,"step":"wrap","data_reference":"0x"#.to_owned()
        + &"07".repeat(32)
        + r#"","attempt":3,"lease_ms":4}"#;
    goes_round(&lease, &json);
    goes_round(&HeartbeatAnswer { lease_ms: 4 }, r#"{"lease_ms":4}"#);
    goes_round(&Completed { stored: false }, r#"{"stored":false}"#);
}

fn check_names<T: Serialize>(words: impl IntoIterator<Item = (T, &'static str)>) {
    for (value, name) in words {
        let json = serde_json::to_string(&value).expect("plain JSON");
        assert_eq!(json, format!("\"{name}\""));
    }
}

/// What a program shows or stores is the word that JSON has.
#[test]
fn names_are_the_words_of_json() {
    check_names(Stage::ALL.map(|stage| (stage, stage.name())));
    let kinds = [
        MovementKind::Sent,
        MovementKind::Received,
        MovementKind::Withdrawn,
        MovementKind::Deposited,
        MovementKind::Exited,
    ];
    check_names(kinds.map(|kind| (kind, kind.name())));
    let states =
        [BatchState::Sealed, BatchState::Proven, BatchState::Submitted, BatchState::Finalised];
    check_names(states.map(|state| (state, state.name())));
    let jobs = [
        JobState::Waiting,
        JobState::Ready,
        JobState::Leased,
        JobState::Done,
        JobState::Quarantined,
    ];
    check_names(jobs.map(|state| (state, state.name())));
    assert!(jobs.into_iter().all(|state| state.name().parse() == Ok(state)));
    assert!(states.into_iter().all(|state| state.name().parse() == Ok(state)));
    let reasons = [CloseReason::Size, CloseReason::Age, CloseReason::Request];
    check_names(reasons.map(|reason| (reason, reason.name())));
    assert!(reasons.into_iter().all(|reason| reason.name().parse() == Ok(reason)));
    assert_eq!("accepted".parse::<BatchState>(), Err(()));
    assert_eq!("Size".parse::<CloseReason>(), Err(()));
    assert_eq!(format!("{:<9}|{:<9}|", Stage::Sealed, MovementKind::Sent), "sealed   |sent     |");
}
