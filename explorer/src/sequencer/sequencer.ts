// The sequencer that serves this page.

import { Api, ApiError } from "sheaf-sdk";

/** Rows of a page. */
export const PAGE_ROWS = 25;

/** Whether the sequencer is older than this page, and has not the route that was asked. */
export const isMissingRoute = (error: unknown): boolean =>
  error instanceof ApiError && error.status === 404 && error.code === "route_not_found";

/** Whether what was asked for is not there. */
export const isNotFound = (error: unknown): boolean =>
  error instanceof ApiError && error.status === 404 && !isMissingRoute(error);

/** The API of the sequencer of this page. */
export const sequencer = new Api(globalThis.location?.origin ?? "http://localhost");
