//! `/v1/events`: new blocks and new states of batches, as server-sent events.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Instant;

use axum::Extension;
use axum::extract::State;
use axum::response::sse::{self, KeepAlive, Sse};
use futures::{Stream, StreamExt};
use sheaf_wire::ErrorBody;
use sheaf_wire::events::Event;
use tokio_stream::wrappers::BroadcastStream;
use tokio_stream::wrappers::errors::BroadcastStreamRecvError;

use super::rate::Source;
use super::{ApiError, ApiState, server};

/// Blocks as they become durable and batches as they reach a new state. A subscriber that reads too
/// slowly gets an event `lost` with the number of events that it missed. The stream ends when the
/// sequencer ends, or when another address needs the place.
#[utoipa::path(
    get, path = "/v1/events", tag = "status", operation_id = "events",
    responses(
        (status = 200, description = "a stream of `block`, `batch` and `lost` events",
            body = Event, content_type = "text/event-stream"),
        (status = 503, description = "too many subscribers", body = ErrorBody),
    )
)]
pub(super) async fn stream(
    State(state): State<ApiState>,
    Extension(source): Extension<Source>,
) -> Result<Sse<impl Stream<Item = Result<sse::Event, Infallible>>>, ApiError> {
    let place = state.subscribers.take(source, Instant::now());
    let place = place.map_err(|_| ApiError::subscribers())?;
    let (holder, mut stopped) = (Arc::clone(&place.holder), state.stopped.clone());
    let end = async move {
        tokio::select! {
            () = holder.told_to_leave() => {}
            () = server::told(&mut stopped) => {}
        }
    };
    let events = BroadcastStream::new(state.events.subscribe()).take_until(end).map(move |event| {
        // The place is taken for as long as the stream lives.
        let _held = &place;
        Ok(match event {
            Ok(event) => sse::Event::default()
                .event(event.name())
                .json_data(event)
                .expect("events are plain JSON"),
            Err(BroadcastStreamRecvError::Lagged(lost)) => {
                sse::Event::default().event("lost").data(lost.to_string())
            }
        })
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::default()))
}
