//! The stream of events: what subscribers get, from where, and what they are told to have missed.

use crate::rollup::{PATIENCE, Person, Rollup, person, terms};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use sheaf_sequencer::lifecycle::RequestKind;
use sheaf_sequencer::limits::{EVENT_IDS_MAX, EVENTS_KEPT, EVENTS_SKIPPED_MAX};
use sheaf_sequencer::store::BatchState;

/// An event as it arrives.
#[derive(Debug, Clone, PartialEq)]
struct Told {
    id: Option<String>,
    /// Absent, like the data, where only the id moves.
    name: Option<String>,
    data: Value,
}

/// A subscriber and what it has been sent so far.
struct Subscriber {
    stream: reqwest::Response,
    text: String,
}

impl Subscriber {
    async fn new(rollup: &Rollup) -> Self {
        Self::asking(rollup, "", None).await
    }

    /// A subscriber with these parameters, after this event.
    async fn asking(rollup: &Rollup, query: &str, last: Option<&str>) -> Self {
        let mut request = Client::new().get(rollup.url(&format!("/v1/events{query}")));
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let stream = request.send().await.expect("an answer");
        assert_eq!(stream.status(), StatusCode::OK);
        Self { stream, text: String::new() }
    }

    /// Every event, once one of them is so.
    async fn until(&mut self, is_last: impl Fn(&Told) -> bool) -> Vec<Told> {
        loop {
            let events = self.events();
            if events.iter().any(&is_last) {
                return events;
            }
            let chunk = tokio::time::timeout(PATIENCE, self.stream.chunk()).await;
            let chunk = chunk.expect("in time").expect("a stream").expect("it does not end");
            self.text.push_str(std::str::from_utf8(&chunk).expect("text"));
        }
    }

    /// Every event with data up to that of a batch's state, which a test publishes last.
    async fn up_to(&mut self, batch: u64) -> Vec<Told> {
        let is_last = |told: &Told| told.data["event"] == "batch" && told.data["number"] == batch;
        let mut events = self.until(is_last).await;
        events.retain(|told| told.name.is_some());
        events
    }

    fn events(&self) -> Vec<Told> {
        let whole = self.text.rfind("\n\n").map_or("", |end| &self.text[..end]);
        let field = |event: &str, name: &str| {
            let mut lines = event.lines();
            lines.find_map(|line| line.strip_prefix(name).map(str::to_owned))
        };
        let events = whole.split("\n\n").filter(|event| !event.starts_with(':'));
        let told = |event: &str| Told {
            id: field(event, "id: "),
            name: field(event, "event: "),
            data: field(event, "data: ")
                .map_or(Value::Null, |data| serde_json::from_str(&data).expect("JSON")),
        };
        events.map(told).collect()
    }
}

/// Publishes the state of a batch that the rollup does not have.
fn publish(rollup: &Rollup, number: u64) {
    rollup.handle().events().publish_batch(number, BatchState::Proven);
}

/// Waits for the event of the last block: a sender is answered before the event is published.
async fn blocks_are_told(rollup: &Rollup) {
    let blocks = rollup.handle().store().blocks_after(0, u32::MAX).await.expect("the log is read");
    let last = blocks.last().expect("a test makes blocks before").number;
    // After an id that is none come all events that are kept.
    let mut everything = Subscriber::asking(rollup, "", Some("none")).await;
    let is_last = |told: &Told| told.data["event"] == "block" && told.data["number"] == last;
    everything.until(is_last).await;
}

fn numbers(events: &[Told]) -> Vec<&Value> {
    events.iter().map(|told| &told.data["number"]).collect()
}

/// A stop does not cut streams off: each comes to its end, and nobody waits for it.
#[tokio::test(flavor = "multi_thread")]
async fn a_stream_of_events_ends_with_the_sequencer() {
    let rollup = Rollup::start().await;
    let mut subscriber = Subscriber::new(&rollup).await;
    rollup.fund(&[(&person(0), 5)]).await;
    subscriber.until(|told| told.name.as_deref() == Some("block")).await;
    let (_directory, handle) = rollup.into_handle();
    let stopping = tokio::spawn(handle.stop());
    while let Some(rest) = subscriber.stream.chunk().await.expect("it is not cut off") {
        assert!(!rest.is_empty());
    }
    stopping.await.expect("no panic").expect("it stops in order");
}

#[tokio::test(flavor = "multi_thread")]
async fn subscribers_see_blocks_and_batches_as_they_move_on() {
    let rollup = Rollup::start().await;
    let mut subscriber = Subscriber::new(&rollup).await;
    rollup.fund(&[(&person(0), 5)]).await;
    rollup.seal().await;
    let lease = rollup.lease().await.expect("a batch waits for its proof");
    let proof = rollup.prove(&lease).await;
    assert_eq!(rollup.complete(&lease, proof).await.0, StatusCode::OK);
    // What happens on L1 comes from stages that this rollup has not.
    for state in [BatchState::Submitted, BatchState::Finalised] {
        rollup.handle().events().publish_batch(1, state);
    }
    let mut events = subscriber.until(|told| told.data["state"] == "finalised").await;
    let place = events.remove(0);
    assert_eq!((place.name, place.data), (None, Value::Null), "first comes the place alone");
    let seen: Vec<_> =
        events.iter().map(|told| (told.name.as_deref(), &told.data["state"])).collect();
    let blocks = [("block", json!(null)), ("block", json!(null))];
    let states = ["sealed", "proven", "submitted", "finalised"];
    let expected: Vec<_> =
        blocks.into_iter().chain(states.map(|state| ("batch", json!(state)))).collect();
    let expected: Vec<_> = expected.iter().map(|(name, state)| (Some(*name), state)).collect();
    assert_eq!(seen, expected);
    assert!(events.iter().all(|told| told.data["event"].as_str() == told.name.as_deref()));
    assert_eq!(numbers(&events), [1, 2, 1, 1, 1, 1]);
    let (first, second) = (&events[0].data, &events[1].data);
    assert_eq!((&first["requests"], &second["closes"]), (&json!(1), &json!("request")));
    assert_eq!(first.get("ids"), None, "nobody has asked for them");
    // The ids are one after the other.
    let id = |told: &Told| told.id.clone().expect("each has one");
    let first = place.id.expect("the place is an id");
    let (process, start) = first.split_once('-').expect("two numbers");
    let start: usize = start.parse().expect("a number");
    let ids: Vec<String> = events.iter().map(id).collect();
    let expected: Vec<String> =
        (1..=events.len()).map(|index| format!("{process}-{}", start + index)).collect();
    assert_eq!(ids, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscriber_that_falls_behind_is_told_how_many_events_it_lost() {
    let rollup = Rollup::start().await;
    let mut subscriber = Subscriber::new(&rollup).await;
    let sent = 64 * EVENTS_KEPT as u64;
    for number in 1..=sent {
        publish(&rollup, number);
    }
    let events = subscriber.up_to(sent).await;
    let (lost, seen): (Vec<_>, Vec<_>) =
        events.iter().partition(|told| told.name.as_deref() == Some("lost"));
    let lost: u64 = lost.iter().map(|told| told.data.as_u64().expect("a number")).sum();
    assert!(lost > 0, "64 times more than are kept, and none was lost");
    assert_eq!(lost + seen.len() as u64, sent);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_goes_on_after_the_last_event_that_was_received() {
    let rollup = Rollup::start().await;
    let mut first = Subscriber::new(&rollup).await;
    publish(&rollup, 11);
    publish(&rollup, 12);
    let seen = first.up_to(12).await;
    drop(first);
    publish(&rollup, 13);
    let resume =
        async |last: &str| Subscriber::asking(&rollup, "", Some(last)).await.up_to(13).await;
    let last = |index: usize| seen[index].id.clone().expect("each has one");
    assert_eq!(numbers(&resume(&last(1)).await), [13]);
    let both = resume(&last(0)).await;
    assert_eq!((numbers(&both), &both[0]), (vec![&json!(12), &json!(13)], &seen[1]));
    // A connection that brought nothing but its place goes on from there.
    let mut idle = Subscriber::new(&rollup).await;
    let place = idle.until(|told| told.id.is_some()).await[0].id.clone().expect("a place");
    publish(&rollup, 14);
    let rest = Subscriber::asking(&rollup, "", Some(&place)).await.up_to(14).await;
    assert_eq!(numbers(&rest), [14]);
}

/// The id of an event that is kept no more, of another start, and of no event.
#[tokio::test(flavor = "multi_thread")]
async fn who_comes_back_too_late_is_told_what_is_lost_and_gets_the_rest() {
    let rollup = Rollup::start().await;
    let mut first = Subscriber::new(&rollup).await;
    publish(&rollup, 1);
    let old = first.up_to(1).await[0].id.clone().expect("it has one");
    let sent = EVENTS_KEPT as u64 + 5;
    for number in 2..=sent {
        publish(&rollup, number);
    }
    let events = Subscriber::asking(&rollup, "", Some(&old)).await.up_to(sent).await;
    assert_eq!(events[0].name.as_deref(), Some("lost"));
    let missed = events[0].data.as_u64().expect("a number");
    assert_eq!(missed + events.len() as u64 - 1, sent - 1);
    // `lost` has an id, too: who loses the connection there is not told again.
    let place = events[0].id.clone().expect("it has one");
    let again = Subscriber::asking(&rollup, "", Some(&place)).await.up_to(sent).await;
    assert_eq!(again, events[1..]);
    let beyond = old.replace('-', "-99999");
    for unknown in ["0-1", "nothing", "", &beyond] {
        let events = Subscriber::asking(&rollup, "", Some(unknown)).await.up_to(sent).await;
        assert_eq!((events[0].name.as_deref(), &events[0].data), (Some("lost"), &Value::Null));
        assert_eq!(events.len() - 1, EVENTS_KEPT, "{unknown}");
    }
    // After a start all ids are of before.
    let last = events.last().and_then(|told| told.id.clone()).expect("it has one");
    let rollup = rollup.restart().await;
    publish(&rollup, 7);
    let events = Subscriber::asking(&rollup, "", Some(&last)).await.up_to(7).await;
    assert_eq!(events[0].name.as_deref(), Some("lost"));
    assert_eq!(numbers(&events[1..]), [7]);
}

/// Each database counts its starts from the first, and a client knows nothing of databases.
#[tokio::test(flavor = "multi_thread")]
async fn an_id_of_before_the_database_was_made_anew_is_of_no_event() {
    let before = Rollup::start().await;
    let mut first = Subscriber::new(&before).await;
    publish(&before, 1);
    let old = first.up_to(1).await[0].id.clone().expect("it has one");
    drop((first, before));
    let rollup = Rollup::start().await;
    for number in 1..=3 {
        publish(&rollup, number);
    }
    let events = Subscriber::asking(&rollup, "", Some(&old)).await.up_to(3).await;
    assert_eq!((events[0].name.as_deref(), &events[0].data), (Some("lost"), &Value::Null));
    assert_eq!(numbers(&events[1..]), [1, 2, 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_events_of_a_batch_are_its_blocks_and_states_alone() {
    let rollup = Rollup::start().await;
    let mut second = Subscriber::asking(&rollup, "?batch=2", None).await;
    rollup.fund(&[(&person(0), 5)]).await;
    rollup.seal().await;
    rollup.request(1, &[RequestKind::Exit { owner: person(0).owner, slot: 0 }]).await;
    rollup.seal().await;
    blocks_are_told(&rollup).await;
    publish(&rollup, 3);
    publish(&rollup, 2);
    let events = second.until(|told| told.data["state"] == "proven").await;
    let facts: Vec<_> = events
        .iter()
        .filter(|told| told.name.is_some())
        .map(|told| (told.data["event"].clone(), told.data["state"].clone()))
        .collect();
    let blocks = facts.iter().filter(|(event, _)| event == "block").count();
    assert!(blocks > 0 && facts.len() == blocks + 2, "{facts:?}");
    assert!(
        events
            .iter()
            .filter(|told| told.data["event"] == "block")
            .all(|told| { told.data["batch"] == 2 })
    );
}

/// Executes a payment, and returns its id.
async fn paid(rollup: &Rollup, payer: (&Person, u32, u32), to: &Person) -> Value {
    let (person, slot, nonce) = payer;
    rollup.execute(&person.pay(terms(slot, nonce), &[(to, 1)])).await["id"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_hears_of_the_blocks_that_move_its_balances_with_the_ids() {
    let rollup = Rollup::start().await;
    let [alice, bob, carol] = [0, 1, 2].map(person);
    rollup.fund(&[(&alice, 100), (&bob, 50)]).await;
    let of = async |person: &Person| {
        Subscriber::asking(&rollup, &format!("?owner={}", person.owner), None).await
    };
    let (mut to_alice, mut to_carol) = (of(&alice).await, of(&carol).await);
    let one = paid(&rollup, (&alice, 0, 0), &bob).await;
    let two = paid(&rollup, (&bob, 1, 0), &carol).await;
    let three = paid(&rollup, (&alice, 0, 1), &carol).await;
    // A deposit has no id, and an exit that somebody else asked for moves nothing.
    let deposit = RequestKind::Deposit { owner: alice.owner, token: 0, amount: 1 };
    let foreign = RequestKind::Exit { owner: bob.owner, slot: 0 };
    rollup.request(2, &[deposit]).await;
    rollup.request(3, &[foreign]).await;
    blocks_are_told(&rollup).await;
    publish(&rollup, 9);
    let ids = |events: &[Told]| -> Vec<Value> {
        let blocks = events.iter().filter(|told| told.data["event"] == "block");
        blocks.map(|told| told.data["ids"].clone()).collect()
    };
    assert_eq!(ids(&to_alice.up_to(9).await), [json!([one]), json!([three]), json!([])]);
    assert_eq!(ids(&to_carol.up_to(9).await), [json!([two]), json!([three])]);
    // An array makes one block: each sees what is its own.
    let sent = [
        alice.pay(terms(0, 2), &[(&bob, 1)]),
        bob.pay(terms(1, 1), &[(&bob, 1)]),
        alice.pay(terms(0, 3), &[(&alice, 1), (&carol, 1)]),
    ];
    let (_, answer) = rollup.post("/v1/transactions", &sent).await;
    let id = |index: usize| answer["results"][index]["id"].clone();
    blocks_are_told(&rollup).await;
    publish(&rollup, 10);
    let of_alice = ids(&to_alice.up_to(10).await)[3..].to_vec();
    let flat = |ids: &[Value]| -> Vec<Value> {
        ids.iter().flat_map(|ids| ids.as_array().expect("a list").clone()).collect()
    };
    assert_eq!(flat(&of_alice), [id(0), id(2)]);
    assert_eq!(flat(&ids(&to_carol.up_to(10).await)[2..]), [id(2)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn blocks_have_ids_for_who_asks_and_not_too_many() {
    let rollup = Rollup::start().await;
    let [alice, bob] = [0, 1].map(person);
    rollup.fund(&[(&alice, 1_000_000)]).await;
    let mut plain = Subscriber::asking(&rollup, "?ids=false", None).await;
    let mut asking = Subscriber::asking(&rollup, "?ids=true", None).await;
    let sent: Vec<_> = (0..EVENT_IDS_MAX)
        .map(|nonce| alice.pay(terms(0, u32::try_from(nonce).expect("few")), &[(&bob, 1)]))
        .collect();
    let (_, answer) = rollup.post("/v1/transactions", &sent).await;
    blocks_are_told(&rollup).await;
    publish(&rollup, 9);
    let ids: Vec<Value> = asking
        .up_to(9)
        .await
        .iter()
        .flat_map(|told| told.data["ids"].as_array().cloned().unwrap_or_default())
        .collect();
    let all: Vec<Value> = (0..EVENT_IDS_MAX).map(|i| answer["results"][i]["id"].clone()).collect();
    assert_eq!(ids, all);
    assert!(plain.up_to(9).await.iter().all(|told| told.data.get("ids").is_none()));
}

/// An owner to whom nothing happens must not fall out of what is kept.
#[tokio::test(flavor = "multi_thread")]
async fn who_wants_few_events_is_told_the_place_from_time_to_time() {
    let rollup = Rollup::start().await;
    let mut subscriber = Subscriber::asking(&rollup, "?batch=7", None).await;
    let start = subscriber.until(|told| told.id.is_some()).await[0].id.clone();
    for _ in 0..EVENTS_SKIPPED_MAX {
        publish(&rollup, 8);
    }
    let moved = subscriber.until(|told| told.id.is_some() && told.id != start).await;
    let number = |id: &Option<String>| -> u32 {
        let id = id.as_deref().and_then(|id| id.split_once('-')).expect("two numbers");
        id.1.parse().expect("a number")
    };
    assert_eq!(moved.len(), 2, "{moved:?}");
    assert_eq!(number(&moved[1].id) - number(&start), EVENTS_SKIPPED_MAX);
    assert_eq!((&moved[1].name, &moved[1].data), (&None, &Value::Null));
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_parameters_are_refused() {
    let rollup = Rollup::start().await;
    for (query, code) in [
        ("owner=nobody", "malformed_owner"),
        ("batch=-1", "malformed_query"),
        ("ids=1", "malformed_query"),
        ("ids=", "malformed_query"),
        ("since=1", "malformed_query"),
    ] {
        let (status, body) = rollup.get(&format!("/v1/events?{query}")).await;
        assert_eq!((status.as_u16(), &body["error"]["code"]), (400, &json!(code)), "{query}");
    }
}
