//! `/v1/events`: new blocks and new states of batches, as server-sent events.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Instant;

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName};
use axum::response::sse::{self, KeepAlive, Sse};
use futures::{Stream, StreamExt, stream};
use sheaf_ledger::owner::Owner;
use sheaf_wire::events::{BlockEvent, Event, EventsParameters};
use sheaf_wire::{ErrorBody, schema};

use super::accounts::parse_owner;
use super::extract::Parameters;
use super::places::Place;
use super::rate::Source;
use super::{ApiError, ApiState, server};
use crate::directory::Directory;
use crate::events::{EventId, Happened, Read, Reader};
use crate::limits::{EVENT_IDS_MAX, EVENTS_SKIPPED_MAX, SLOTS_PER_ACCOUNT_MAX};

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// Blocks as they become durable and batches as they reach a new state, each with an id.
///
/// With `Last-Event-ID` the stream goes on after that event. `lost` comes where events are missing:
/// with their number, or with null if the id is of before the sequencer's last start, or of no
/// event. `batch` keeps the blocks and states of that batch alone. `owner` keeps the blocks that
/// move balances of the owner, with the ids of these transactions; states of batches come all the
/// same. With `ids=true` a block has the ids of its first 1,024 transactions.
///
/// An event without data only moves the id forward. The stream ends when the sequencer ends, or
/// when another address needs the place.
#[utoipa::path(
    get, path = "/v1/events", tag = "status", operation_id = "events",
    params(
        EventsParameters,
        ("Last-Event-ID" = Option<schema::Cursor>, Header,
            description = "the id of the last event that was received"),
    ),
    responses(
        (status = 200, description = "a stream of `block`, `batch` and `lost` events",
            body = Event, content_type = "text/event-stream"),
        (status = 400, description = "`owner` is no owner, or another parameter cannot be read",
            body = ErrorBody),
        (status = 503, description = "too many subscribers", body = ErrorBody),
    )
)]
pub(super) async fn stream(
    State(state): State<ApiState>,
    Extension(source): Extension<Source>,
    Parameters(parameters): Parameters<EventsParameters>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<sse::Event, Infallible>>>, ApiError> {
    let filter = Filter::read(parameters)?;
    let place = state.subscribers.take(source, Instant::now());
    let place = place.map_err(|_| ApiError::subscribers())?;
    let (holder, mut stopped) = (Arc::clone(&place.holder), state.stopped.clone());
    let end = async move {
        tokio::select! {
            () = holder.told_to_leave() => {}
            () = server::told(&mut stopped) => {}
        }
    };
    let (first, reader) = begin(&state, headers.get(LAST_EVENT_ID).map(|id| id.as_bytes()));
    let directory = Arc::clone(&state.directory);
    let subscriber = Subscriber { reader, filter, directory, skipped: 0, _place: place };
    let next = async |mut subscriber: Subscriber| (subscriber.next().await, subscriber);
    let rest = stream::unfold(subscriber, move |subscriber| {
        let next = next(subscriber);
        async { Some(next.await) }
    });
    let events = stream::iter([first]).chain(rest).take_until(end).map(Ok);
    Ok(Sse::new(events).keep_alive(KeepAlive::default()))
}

/// Where a stream begins, and its first event: where it is, so that a connection that is lost
/// before anything happens is resumed here, or that events are lost.
fn begin(state: &ApiState, last: Option<&[u8]>) -> (sse::Event, Reader) {
    let Some(last) = last else {
        let reader = state.events.read();
        return (at(reader.place()), reader);
    };
    let id = std::str::from_utf8(last).ok().and_then(|text| text.parse().ok());
    match id.and_then(|id| state.events.resume(id)) {
        Some(reader) => (at(reader.place()), reader),
        None => {
            let reader = state.events.read_kept();
            (lost(&reader, "null"), reader)
        }
    }
}

/// An event without data, with which browsers only note the id.
fn at(id: EventId) -> sse::Event {
    sse::Event::default().id(id.to_string())
}

/// Says that events before the reader's place are lost, and how many.
fn lost(reader: &Reader, count: &str) -> sse::Event {
    at(reader.place()).event("lost").data(count)
}

/// The events that a subscriber wants to have.
struct Filter {
    owner: Option<Owner>,
    batch: Option<u64>,
    ids: bool,
}

impl Filter {
    fn read(parameters: EventsParameters) -> Result<Self, ApiError> {
        let EventsParameters { owner, batch, ids } = parameters;
        let owner = owner.as_deref().map(parse_owner).transpose()?;
        Ok(Self { owner, batch, ids: ids.unwrap_or_default() })
    }

    /// The event as this subscriber gets it; `None` if it does not want the event.
    fn shown(&self, happened: &Happened, directory: &Directory) -> Option<Event> {
        let block = match &happened.event {
            Event::Block(BlockEvent { block, .. }) => *block,
            Event::Batch(batch) => {
                let is_wanted = self.batch.is_none_or(|wanted| wanted == batch.number);
                return is_wanted.then(|| happened.event.clone());
            }
        };
        if self.batch.is_some_and(|batch| batch != block.batch) {
            return None;
        }
        let mut ids = match &self.owner {
            Some(owner) => {
                let directory = directory.read();
                Some(happened.ids_of(directory.of(owner).take(SLOTS_PER_ACCOUNT_MAX))?)
            }
            None => self.ids.then(|| happened.ids().iter().take(EVENT_IDS_MAX).copied().collect()),
        };
        ids.iter_mut().for_each(|ids| ids.truncate(EVENT_IDS_MAX));
        Some(Event::block(block, ids))
    }
}

/// A subscriber, with its place among the subscribers, taken for as long as the stream lives.
struct Subscriber {
    reader: Reader,
    filter: Filter,
    directory: Arc<Directory>,
    /// Events that the subscriber did not want, one after another.
    skipped: u32,
    _place: Place,
}

impl Subscriber {
    async fn next(&mut self) -> sse::Event {
        loop {
            let happened = match self.reader.next().await {
                Read::Missed(missed) => return lost(&self.reader, &missed.to_string()),
                Read::Happened(happened) => happened,
            };
            if let Some(event) = self.filter.shown(&happened, &self.directory) {
                self.skipped = 0;
                let named = at(self.reader.place()).event(event.name());
                return named.json_data(event).expect("events are plain JSON");
            }
            self.skipped += 1;
            if self.skipped == EVENTS_SKIPPED_MAX {
                self.skipped = 0;
                return at(self.reader.place());
            }
        }
    }
}
