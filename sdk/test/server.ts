// A server on a free port that gives scripted answers.

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What a server saw and where it listens. */
export interface Scripted {
  url: string;
  /** The requests so far: method and path. */
  asked: string[];
  headers: IncomingMessage["headers"][];
  close(): Promise<void>;
}

/** An answer to the request with this place, from 0. */
export type Answer = (place: number, request: IncomingMessage, response: ServerResponse) => void;

/** Starts a server. */
export async function serve(answer: Answer): Promise<Scripted> {
  const asked: string[] = [];
  const headers: IncomingMessage["headers"][] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    headers.push(request.headers);
    answer(asked.length - 1, request, response);
  });
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>(resolve => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${port}`, asked, headers, close };
}

/** Answers with JSON. */
export function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

/** Refuses as the sequencer does. */
export function refuse(
  response: ServerResponse,
  status: number,
  error: { code: string; retry_after_s?: number; transaction?: string },
): void {
  json(response, status, { error: { message: "no", ...error } });
}
