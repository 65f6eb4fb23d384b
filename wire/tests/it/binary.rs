//! The binary form of transactions and statuses: the golden bytes, what goes round, and what is
//! refused.
//!
//! `SHEAF_WRITE_VECTORS=1` writes `wire/vectors/binary.json` again.

use std::path::Path;

use proptest::prelude::*;
use serde_json::{Value, json};
use sheaf_crypto::goldilocks::{Fe, ORDER};
use sheaf_crypto::hash::Digest;
use sheaf_ledger::{RuleError, SignedTransaction};
use sheaf_wire::ErrorDetail;
use sheaf_wire::transactions::binary::{
    BinaryError, decode_statuses, decode_transactions, encode_statuses, encode_transactions,
};
use sheaf_wire::transactions::{Stage, TransactionStatus};

/// Bytes before the first element of an array.
const HEADER: usize = 5;
const COUNT_MAX: usize = 1_024;

/// The ledger's golden transfer and withdrawal, each with its bytes.
fn examples() -> [(SignedTransaction, Vec<u8>); 2] {
    let vectors: Value =
        serde_json::from_str(include_str!("../../../ledger/vectors/transactions.json"))
            .expect("JSON");
    [0, 1].map(|index| {
        let example = &vectors["examples"][index];
        let signed = serde_json::from_value(example["signed"].clone()).expect("signed");
        (signed, bytes_in(&example["bytes"]))
    })
}

fn bytes_in(hexadecimal: &Value) -> Vec<u8> {
    let digits = hexadecimal.as_str().and_then(|text| text.strip_prefix("0x")).expect("0x");
    hex::decode(digits).expect("digits")
}

fn transactions() -> Vec<SignedTransaction> {
    examples().map(|(signed, _)| signed).into()
}

fn digest(first: u64) -> Digest {
    Digest([first, 1, 2, ORDER - 1].map(Fe::from_u64))
}

/// A status with nothing but a stage.
fn at(stage: Stage) -> TransactionStatus {
    let (block, position, batch, l1_transaction) = (None, None, None, None);
    let durable = stage.is_durable();
    TransactionStatus {
        id: None,
        stage,
        durable,
        block,
        position,
        batch,
        l1_transaction,
        error: None,
    }
}

/// Executed now, final since long, refused with an id, and refused without one.
fn statuses() -> Vec<TransactionStatus> {
    let error = |code: &str, message: &str, transaction| {
        let (code, message, retry_after_s) = (code.into(), message.into(), None);
        Some(ErrorDetail { code, message, transaction, retry_after_s })
    };
    let executed =
        TransactionStatus { id: Some(digest(7)), block: Some(258), ..at(Stage::Executed) };
    let finalised = TransactionStatus {
        id: Some(digest(8)),
        block: Some(3),
        position: Some(4),
        batch: Some(5),
        l1_transaction: Some(format!("0x{}", "a1".repeat(32))),
        ..at(Stage::Finalised)
    };
    let used = "nonce 0 is used; the next one is 1";
    let refused = TransactionStatus {
        id: Some(digest(9)),
        error: error("nonce_used", used, Some(digest(9))),
        ..at(Stage::Rejected)
    };
    let formless = "a transfer needs a payment";
    let without_id =
        TransactionStatus { error: error("no_payments", formless, None), ..at(Stage::Rejected) };
    vec![executed, finalised, refused, without_id]
}

#[test]
fn the_golden_bytes_say_what_the_json_says() {
    let (request, answer) = (encode_transactions(&transactions()), encode_statuses(&statuses()));
    let [(_, transfer), (_, withdrawal)] = examples();
    assert_eq!(request, [&[1, 2, 0, 0, 0], &transfer[..], &withdrawal[..]].concat());
    let hexadecimal = |bytes: &[u8]| format!("0x{}", hex::encode(bytes));
    let vectors = json!({
        "request": { "json": transactions(), "bytes": hexadecimal(&request) },
        "answer": { "json": { "results": statuses() }, "bytes": hexadecimal(&answer) },
    });
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/binary.json");
    if std::env::var_os("SHEAF_WRITE_VECTORS").is_some() {
        std::fs::write(&path, format!("{vectors:#}\n")).expect("the folder is in the sources");
    }
    let kept = std::fs::read_to_string(&path).expect("the vectors are part of the sources");
    let kept: Value = serde_json::from_str(&kept).expect("JSON");
    assert_eq!(kept, vectors);
    let read = decode_transactions(&bytes_in(&kept["request"]["bytes"]), COUNT_MAX);
    assert_eq!(json!(read.expect("transactions")), kept["request"]["json"]);
    let read = decode_statuses(&bytes_in(&kept["answer"]["bytes"])).expect("statuses");
    assert_eq!(json!(read), kept["answer"]["json"]["results"]);
}

/// The bytes of the example in docs/protocol.md that follows this sentence: a field a line, and
/// what the field is.
fn example_after(sentence: &str) -> Vec<u8> {
    let page = include_str!("../../../docs/protocol.md");
    let (_, rest) = page.split_once(sentence).expect("the page has the sentence");
    let block = rest.split("```").nth(1).expect("an example follows");
    let fields = block.trim().lines().map(|line| line.split(' ').next().unwrap_or_default());
    hex::decode(fields.collect::<String>()).expect("digits")
}

#[test]
fn the_examples_of_the_protocol_are_what_it_says() {
    let [_, (withdrawal, _)] = examples();
    let request = example_after("An array with the withdrawal above:");
    assert_eq!(decode_transactions(&request, COUNT_MAX), Ok(vec![withdrawal]));
    let answer = example_after("of which one is executed in block 258:");
    let [executed, _, _, refused] = statuses().try_into().expect("four");
    let vectors = include_str!("../../../ledger/vectors/transactions.json");
    let vectors: Value = serde_json::from_str(vectors).expect("JSON");
    let id = serde_json::from_value(vectors["examples"][1]["id"].clone()).expect("a digest");
    let executed = TransactionStatus { id, ..executed };
    assert_eq!(decode_statuses(&answer), Ok(vec![executed, refused]));
}

/// What refuses bytes that are an array but for their end, and where.
fn place(refusal: &BinaryError) -> usize {
    match *refusal {
        BinaryError::Transaction { rule: RuleError::MalformedRecord { offset }, .. }
        | BinaryError::Malformed { offset }
        | BinaryError::BytesLeft { offset } => offset,
        _ => panic!("{refusal} names no place"),
    }
}

fn check_ends<T: std::fmt::Debug + PartialEq>(
    whole: &[u8],
    decode: impl Fn(&[u8]) -> Result<T, BinaryError>,
) {
    assert!(decode(whole).is_ok());
    for end in 0..whole.len() {
        let refusal = decode(&whole[..end]).expect_err("bytes are missing");
        assert!(place(&refusal) <= end, "cut at {end}: {refusal}");
        assert!(!matches!(refusal, BinaryError::BytesLeft { .. }), "cut at {end}: {refusal}");
    }
    for byte in [0, 1, 0xff] {
        let longer = [whole, &[byte]].concat();
        assert_eq!(decode(&longer), Err(BinaryError::BytesLeft { offset: whole.len() }));
    }
}

#[test]
fn every_cut_and_every_byte_more_is_refused_where_it_is() {
    check_ends(&encode_transactions(&transactions()), |bytes| {
        decode_transactions(bytes, COUNT_MAX)
    });
    check_ends(&encode_statuses(&statuses()), decode_statuses);
}

#[test]
fn a_transaction_that_cannot_be_read_is_named_with_its_place() {
    let [(_, transfer), _] = examples();
    let second = HEADER + transfer.len();
    let mut bytes = encode_transactions(&transactions());
    for kind in [0, 1, 3, 5, 6, 7, 8, 0xff] {
        bytes[second] = kind;
        let refusal = decode_transactions(&bytes, COUNT_MAX).expect_err("nobody signs this kind");
        let rule = RuleError::MalformedRecord { offset: second };
        assert_eq!(refusal, BinaryError::Transaction { position: 1, rule });
        assert!(refusal.to_string().contains(&format!("byte {second}")), "{refusal}");
    }
}

#[test]
fn the_number_of_transactions_is_checked_before_any_is_read() {
    let one = &transactions()[..1];
    let of = |count: u32| [&[1], &count.to_le_bytes()[..], b"no transaction"].concat();
    for count in [0, 1_025, u32::MAX] {
        let refusal = BinaryError::Count { count, count_max: COUNT_MAX };
        assert_eq!(decode_transactions(&of(count), COUNT_MAX), Err(refusal));
    }
    let most = vec![one[0].clone(); COUNT_MAX];
    let read = decode_transactions(&encode_transactions(&most), COUNT_MAX);
    assert_eq!(read.as_ref().map(Vec::len), Ok(COUNT_MAX));
    let more = vec![one[0].clone(); COUNT_MAX + 1];
    let refusal = BinaryError::Count { count: 1_025, count_max: COUNT_MAX };
    assert_eq!(decode_transactions(&encode_transactions(&more), COUNT_MAX), Err(refusal));
}

/// Buffers for these counts alone would have hundreds of gigabytes.
#[test]
fn a_count_asks_for_no_memory() {
    let endless = [1, 0xff, 0xff, 0xff, 0xff, 2, 0];
    let rule = RuleError::MalformedRecord { offset: 6 };
    let refusal = BinaryError::Transaction { position: 0, rule };
    assert_eq!(decode_transactions(&endless, u32::MAX as usize), Err(refusal));
    let refusal = BinaryError::Malformed { offset: 7 };
    assert_eq!(decode_statuses(&endless), Err(refusal));
    // A rejected status whose error has an endless code.
    let text = [1, 1, 0, 0, 0, 7, 32, 0xff, 0xff, 0xff, 0xff, b'a'];
    assert_eq!(decode_statuses(&text), Err(BinaryError::Malformed { offset: 7 }));
}

#[test]
fn another_version_stage_field_or_text_is_refused() {
    let [transactions, statuses] =
        [encode_transactions(&transactions()), encode_statuses(&statuses()[..1])];
    for found in [0, 2, b'[', b'{'] {
        let refusal = BinaryError::UnknownVersion { found };
        let other = |bytes: &[u8]| [&[found], &bytes[1..]].concat();
        assert_eq!(decode_transactions(&other(&transactions), COUNT_MAX), Err(refusal));
        assert_eq!(decode_statuses(&other(&statuses)), Err(refusal));
    }
    let with = |offset: usize, value: u8| {
        let mut changed = statuses.clone();
        changed[offset] = value;
        decode_statuses(&changed)
    };
    let refused = |offset| Err(BinaryError::Malformed { offset });
    let fields = statuses[HEADER + 1];
    assert_eq!(with(HEADER, Stage::ALL.len() as u8), refused(HEADER));
    // A time to come back is part of an error.
    assert_eq!(with(HEADER + 1, fields | 1 << 6), refused(HEADER));
    assert_eq!(with(HEADER + 1, fields | 1 << 7), refused(HEADER));
    // The id's first element would be above p.
    let id = HEADER + 2;
    let beyond = [&statuses[..id], &[0xff; 8], &statuses[id + 8..]].concat();
    assert_eq!(decode_statuses(&beyond), refused(id));
    let text = |byte| [&[1, 1, 0, 0, 0, 7, 32, 1, 0, 0, 0][..], &[byte], &[0; 4]].concat();
    assert!(decode_statuses(&text(b'a')).is_ok());
    assert_eq!(decode_statuses(&text(0xff)), refused(7));
}

fn status() -> impl Strategy<Value = TransactionStatus> {
    let option = |bits: u8, bit: u8| bits & 1 << bit != 0;
    let numbers = (any::<u64>(), any::<u32>(), any::<u64>(), any::<[u8; 32]>());
    let texts = ("[a-z_]{0,20}", "\\PC{0,30}");
    (0..Stage::ALL.len(), any::<u8>(), 0..ORDER, numbers, texts).prop_map(
        move |(stage, bits, first, (block, position, batch, hash), (code, message))| {
            let transaction = option(bits, 0).then(|| digest(first));
            let l1_transaction = format!("0x{}", hex::encode(hash));
            TransactionStatus {
                id: transaction,
                block: option(bits, 1).then_some(block),
                position: option(bits, 2).then_some(position),
                batch: option(bits, 3).then_some(batch),
                l1_transaction: option(bits, 4).then_some(l1_transaction),
                error: option(bits, 5).then_some(ErrorDetail {
                    code,
                    message,
                    transaction,
                    retry_after_s: option(bits, 6).then_some(block),
                }),
                ..at(Stage::ALL[stage])
            }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn statuses_go_round(statuses in prop::collection::vec(status(), 0..8)) {
        prop_assert_eq!(decode_statuses(&encode_statuses(&statuses)), Ok(statuses));
    }

    /// Random bytes, after a valid header in half of the cases: reading never panics, and whatever
    /// is read has no other bytes.
    #[test]
    fn random_bytes_are_refused_or_go_round(
        header in any::<bool>(),
        count in 0..4_u8,
        bytes in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        let header = if header { vec![1, count, 0, 0, 0] } else { Vec::new() };
        check_any(&[header, bytes].concat())?;
    }

    /// Arrays with a few other bytes.
    #[test]
    fn changed_bytes_are_refused_or_go_round(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        for mut bytes in [encode_transactions(&transactions()), encode_statuses(&statuses())] {
            for (at, byte) in &changes {
                let at = at.index(bytes.len());
                bytes[at] = *byte;
            }
            check_any(&bytes)?;
        }
    }
}

fn check_any(bytes: &[u8]) -> Result<(), TestCaseError> {
    if let Ok(read) = decode_transactions(bytes, COUNT_MAX) {
        prop_assert_eq!(encode_transactions(&read), bytes);
    }
    if let Ok(read) = decode_statuses(bytes) {
        prop_assert_eq!(encode_statuses(&read), bytes);
    }
    Ok(())
}
