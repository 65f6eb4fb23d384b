// The stream of events, which goes on over a lost connection.

import type { EventBody } from "./answers.js";
import { SheafError } from "./error.js";
import { type Http, mayPass, pause } from "./http.js";

/** Connections that bring no event, one after another, before the stream ends. */
const RECONNECTS_MAX = 10;
/** The pause before the stream is connected again. */
const RECONNECT_PAUSE_MS = 1_000;
/** Silence after which a connection counts as lost: the sequencer sends a comment every 15 s. */
const SILENCE_MS_MAX = 45_000;
/** Characters of an event; more end the connection. The ids of a block have some 71,000. */
const EVENT_CHARACTERS_MAX = 256 * 1024;

/** How to follow the events. */
export interface EventsOptions {
  /** Ends the stream. */
  signal?: AbortSignal;
  /** Begins after the event with this id, if the sequencer still has it. */
  lastEventId?: string;
  /** Only blocks that move this owner's balances, with the ids of the transactions that do. */
  owner?: string;
  /** Only the blocks and the states of this batch. */
  batch?: number;
  /** Whether blocks have the ids of their transactions. */
  ids?: boolean;
  /**
   * Is waited for whenever a connection stands, before its events are read. What is asked for here
   * has all that happened before them, so that nothing is missed between a first look and the
   * stream.
   */
  onConnected?: () => Promise<void>;
  /** The pause before the stream is connected again, in milliseconds; a second if left out. */
  reconnectPauseMs?: number;
}

/** Events are missing here: so many, or an unknown number. */
export interface LostEvent {
  event: "lost";
  missed: number | undefined;
}

/** An event, with its id if the sequencer gives ids. */
export type StreamedEvent = (EventBody | LostEvent) & { id?: string };

/** One event as it is sent. Without data, it only says where the stream is. */
interface RawEvent {
  name: string;
  data: string;
  id: string | undefined;
}

/**
 * Follows the events until the signal. After a lost connection the stream goes on behind the last
 * id; without ids, `lost` says that events may be missing.
 *
 * Throws `stream_ended` when ten connections in a row brought nothing, and `ApiError` for a refusal
 * that does not pass.
 */
export async function* events(
  http: Http,
  options: EventsOptions = {},
): AsyncGenerator<StreamedEvent> {
  const { signal, reconnectPauseMs = RECONNECT_PAUSE_MS } = options;
  let { lastEventId } = options;
  let failures = 0;
  let wasConnected = false;
  for (;;) {
    let reason: unknown;
    try {
      for await (const raw of connection(http, lastEventId, options)) {
        if (raw === "connected") {
          const isGap = wasConnected && lastEventId === undefined;
          wasConnected = true;
          await options.onConnected?.();
          if (isGap) yield { event: "lost", missed: undefined };
          continue;
        }
        lastEventId = raw.id ?? lastEventId;
        if (raw.data === "") continue;
        failures = 0;
        const event = parsed(raw);
        if (event !== undefined) yield event;
      }
    } catch (error) {
      if (signal?.aborted) return;
      if (!mayPass(error)) throw error;
      reason = error;
    }
    if (signal?.aborted) return;
    failures += 1;
    if (failures > RECONNECTS_MAX) {
      const message = "the sequencer's stream of events ends again and again: ask for the stages";
      throw new SheafError("stream_ended", message, { cause: reason });
    }
    try {
      await pause(reconnectPauseMs, signal);
    } catch {
      return;
    }
  }
}

/** An event's fields; nothing for an event that this version does not know. */
function parsed({ name, data, id }: RawEvent): StreamedEvent | undefined {
  const withId = id === undefined ? {} : { id };
  if (name === "lost") {
    const missed = Number.parseInt(data, 10);
    return { event: "lost", missed: Number.isNaN(missed) ? undefined : missed, ...withId };
  }
  try {
    const body = JSON.parse(data) as EventBody;
    return { ...body, ...withId };
  } catch (cause) {
    throw new SheafError("malformed_answer", "an event is no JSON", { cause });
  }
}

/** The events of one connection, behind a word that says that it stands. */
async function* connection(
  http: Http,
  lastEventId: string | undefined,
  { signal, owner, batch, ids }: EventsOptions,
): AsyncGenerator<RawEvent | "connected"> {
  const end = new AbortController();
  const stop = () => end.abort();
  signal?.addEventListener("abort", stop, { once: true });
  let silence = setTimeout(stop, SILENCE_MS_MAX);
  try {
    signal?.throwIfAborted();
    const resume = lastEventId === undefined ? {} : { "last-event-id": lastEventId };
    const headers = { accept: "text/event-stream", ...resume };
    const url = http.url("/v1/events", { owner, batch, ids: ids === true ? "true" : undefined });
    const body = await http.stream(url, headers, end.signal);
    yield "connected";
    const [reader, decoder, parser] = [body.getReader(), new TextDecoder(), new Parser()];
    for (;;) {
      const { done, value } = await reader.read().catch(lost);
      if (done) return;
      clearTimeout(silence);
      silence = setTimeout(stop, SILENCE_MS_MAX);
      yield* parser.push(decoder.decode(value, { stream: true }));
    }
  } finally {
    clearTimeout(silence);
    signal?.removeEventListener("abort", stop);
    end.abort();
  }
}

function lost(cause: unknown): never {
  throw new SheafError("silent", "the stream of events broke off", { cause });
}

/** Reads the lines of a stream of events. */
class Parser {
  #rest = "";
  #event: RawEvent = { name: "message", data: "", id: undefined };

  *push(text: string): Generator<RawEvent> {
    const lines = (this.#rest + text).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line === "") {
        const event = this.#event;
        this.#event = { name: "message", data: "", id: undefined };
        if (event.data !== "" || event.id !== undefined) yield event;
      } else this.#field(line);
    }
    if (this.#rest.length + this.#event.data.length > EVENT_CHARACTERS_MAX) {
      throw new SheafError("malformed_answer", "an event is too long");
    }
  }

  /** A line of an event. A line that begins with a colon is a comment. */
  #field(line: string): void {
    const [, name = "", value = ""] = /^([^:]*)(?:: ?(.*))?$/.exec(line) ?? [];
    if (name === "event") this.#event.name = value;
    if (name === "id") this.#event.id = value;
    if (name === "data") this.#event.data += (this.#event.data === "" ? "" : "\n") + value;
  }
}
