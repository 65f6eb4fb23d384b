// Requests to a sequencer: bounded in time and size, and repeated while a refusal may pass.

import type { ErrorDetail } from "./answers.js";
import { SheafError } from "./error.js";

/** How long one request may take; the sequencer answers within 15 s. */
const REQUEST_MS_MAX = 20_000;
/** Bytes of the largest answer that is read. */
const ANSWER_BYTES_MAX = 8 * 1024 * 1024;
/** The pause before a request is repeated, if the sequencer names none. */
const RETRY_PAUSE_MS = 250;

/** How a client asks. */
export interface HttpOptions {
  /** How long a request is repeated while its refusal may pass, in milliseconds; 0 if left out. */
  patienceMs?: number;
  /** Another `fetch`, for tests and proxies. */
  fetch?: typeof fetch;
}

/** A request. */
export interface Call {
  method?: "GET" | "POST";
  query?: Record<string, string | number | undefined>;
  /** Bytes, whose type `headers` names, or what is sent as JSON. */
  body?: unknown;
  headers?: Record<string, string>;
}

/** A refusal by the sequencer, with the code of its API. */
export class ApiError extends Error {
  /** The HTTP status. */
  readonly status: number;
  /** The API's code, which never changes; `no_reason` for an answer that was none of the API's. */
  readonly code: string;
  /** Seconds after which the same request may succeed, if waiting helps. */
  readonly retryAfterS: number | undefined;
  /** The id of the refused transaction. */
  readonly transaction: string | undefined;

  constructor(status: number, detail: Partial<ErrorDetail>) {
    const { code = "no_reason", message = `the sequencer answered with status ${status}` } = detail;
    super(`${message} (${code})`);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
    this.retryAfterS = detail.retry_after_s ?? undefined;
    this.transaction = detail.transaction ?? undefined;
  }

  /** Whether the same request may succeed later. */
  get mayPass(): boolean {
    return this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

/** Whether the same request may succeed later: nobody answered, or the refusal may pass. */
export function mayPass(error: unknown): boolean {
  return error instanceof ApiError
    ? error.mayPass
    : error instanceof SheafError && error.code === "silent";
}

/** Waits; a signal ends the wait with the signal's reason. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal?.addEventListener("abort", stop, { once: true });
  });
}

/** The sequencer at one URL. */
export class Http {
  readonly #base: string;
  readonly #patienceMs: number;
  readonly #fetch: typeof fetch;

  constructor(url: string, { patienceMs = 0, fetch = globalThis.fetch }: HttpOptions = {}) {
    if (!/^https?:\/\//.test(url) || !URL.canParse(url)) {
      const message = `"${url}" is no address: write it like http://127.0.0.1:8080`;
      throw new SheafError("malformed_url", message);
    }
    // A path of the URL stays, as behind a proxy that serves several programs.
    this.#base = url.replace(/\/+$/, "");
    this.#patienceMs = patienceMs;
    this.#fetch = fetch.bind(globalThis);
  }

  /** The URL of a route. */
  url(path: string, query: Call["query"] = {}): string {
    const wanted = Object.entries(query).filter(([, value]) => value !== undefined);
    const text = new URLSearchParams(wanted.map(([name, value]) => [name, `${value}`])).toString();
    return `${this.#base}${path}${text === "" ? "" : `?${text}`}`;
  }

  /** The JSON that a route answers. */
  async json<T>(path: string, call: Call = {}): Promise<T> {
    const text = new TextDecoder().decode(await this.bytes(path, call));
    try {
      return JSON.parse(text) as T;
    } catch (cause) {
      throw new SheafError("malformed_answer", "the sequencer's answer is no JSON", { cause });
    }
  }

  /** The bytes that a route answers. */
  async bytes(path: string, call: Call = {}): Promise<Uint8Array> {
    const end = Date.now() + this.#patienceMs;
    for (;;) {
      try {
        return await this.#once(path, call);
      } catch (error) {
        const asked = error instanceof ApiError ? error.retryAfterS : undefined;
        const wait = asked === undefined ? RETRY_PAUSE_MS : asked * 1_000;
        if (!mayPass(error) || Date.now() + wait > end) throw error;
        await pause(wait);
      }
    }
  }

  /** A connection to a route whose answer is a stream. */
  async stream(url: string, headers: Record<string, string>, signal: AbortSignal) {
    const response = await this.#send(url, { headers, signal });
    if (!response.ok || response.body === null) throw await refusalOf(response);
    return response.body;
  }

  async #once(path: string, call: Call): Promise<Uint8Array> {
    const { method = "GET", query, body, headers = {} } = call;
    const json = body === undefined ? {} : { "content-type": "application/json" };
    const sent =
      body instanceof Uint8Array ? (body as Uint8Array<ArrayBuffer>) : JSON.stringify(body);
    const response = await this.#send(this.url(path, query), {
      method,
      headers: { ...json, ...headers },
      signal: AbortSignal.timeout(REQUEST_MS_MAX),
      ...(body === undefined ? {} : { body: sent }),
    });
    if (!response.ok) throw await refusalOf(response);
    return readBounded(response);
  }

  async #send(url: string, init: RequestInit): Promise<Response> {
    let response: Response;
    try {
      response = await this.#fetch(url, { ...init, redirect: "manual" });
    } catch (cause) {
      throw silent(cause);
    }
    // A payment that is sent on would arrive as a question. Browsers hide the status.
    const isStatus = response.status >= 300 && response.status < 400;
    if (!isStatus && response.type !== "opaqueredirect") return response;
    const message = "the address leads on to another one: give that of the sequencer itself";
    throw new SheafError("redirected", message);
  }
}

const silent = (cause: unknown): SheafError =>
  new SheafError("silent", "the sequencer does not answer: is it running?", { cause });

async function refusalOf(response: Response): Promise<ApiError> {
  try {
    const text = new TextDecoder().decode(await readBounded(response));
    const { error } = JSON.parse(text) as { error: Partial<ErrorDetail> };
    return new ApiError(response.status, error);
  } catch {
    // Proxies answer with pages; the status says what is known.
    return new ApiError(response.status, {});
  }
}

async function readBounded(response: Response): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  const reader = response.body?.getReader();
  try {
    for (let read = await reader?.read(); read && !read.done; read = await reader?.read()) {
      parts.push(read.value);
      length += read.value.length;
      if (length > ANSWER_BYTES_MAX) {
        await reader?.cancel();
        const message = `the answer has more than ${ANSWER_BYTES_MAX} bytes`;
        throw new SheafError("malformed_answer", message);
      }
    }
  } catch (error) {
    throw error instanceof SheafError ? error : silent(error);
  }
  const whole = new Uint8Array(length);
  let place = 0;
  for (const part of parts) {
    whole.set(part, place);
    place += part.length;
  }
  return whole;
}
